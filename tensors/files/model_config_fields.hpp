// Reading a config out of named fields, wherever these come from.
#pragma once

#include "runtime/base/error.hpp"
#include "tensors/files/json_fields.hpp"
#include "tensors/files/model_config.hpp"

namespace dci {

/// The fields as config.json names them. Errors: as parse_model_config.
expected<model_config> read_model_config(json_fields& fields);

} // namespace dci

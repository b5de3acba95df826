// The one question that older models answer in tokenizer_config.json only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "runtime/base/error.hpp"

namespace dci::text {

/// The "bos_token" of a tokenizer_config.json that says "add_bos_token": true; nothing where the
/// file is missing or does not say so. Errors: bad_file for a damaged file.
expected<std::optional<std::string>> bos_of_config(const std::filesystem::path& file);

} // namespace dci::text

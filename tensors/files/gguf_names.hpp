// What GGUF calls the tensors of model_tensors.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tensors/files/model_config.hpp"

namespace dci {

/// "blk.3.attn_q.weight" -> "layers.3.self_attn.q_proj.weight": the name without
/// an outer prefix, or nothing for tensors that no layer is made of.
std::optional<std::string> name_from_gguf(architecture kind, std::string_view gguf);

/// The inverse; nothing for names that model_tensors.hpp does not make.
std::optional<std::string> name_in_gguf(architecture kind, std::string_view name);

} // namespace dci

// The ways a layer range can be computed, behind one door.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "tensors/decoder/layer_range.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {

enum class backend : std::uint8_t {
  native, ///< our own kernels: bit-exact, weights stay in the format they are stored in
  torch   ///< LibTorch's operators in F32: the reference
};

inline constexpr backend all_backends[] = {backend::native, backend::torch};

std::string_view to_string(backend kind) noexcept;

/// "native" or "torch". Errors: bad_request naming both.
expected<backend> backend_from(std::string_view name);

/// Loads blocks [first, last). Errors: those of load_native_range and
/// load_torch_range.
expected<std::unique_ptr<layer_range>>
load_range(backend kind, std::shared_ptr<const model_files> model, layer_span layers,
           const range_options& options = {}, const progress_fn& progress = {});

/// Threads of this process that compute, with either back end; 0 leaves it at one
/// a core.
void set_threads(std::uint32_t count);

/// What native kernels of this process use, by the names of kernels::supported_targets; "auto"
/// leaves them as they are, which is the best at first. Errors: unsupported, naming what the
/// machine has.
result set_instructions(std::string_view name);

} // namespace dci

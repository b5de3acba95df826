#include "tensors/backend/backend.hpp"

#include <string>

#include "tensors/kernels/targets.hpp"
#include "tensors/native/compute.hpp"
#include "tensors/native/load.hpp"
#include "tensors/torch/load.hpp"
#include "tensors/torch/threads.hpp"

namespace dci {

std::string_view to_string(backend kind) noexcept {
  return kind == backend::native ? "native" : "torch";
}

expected<backend> backend_from(std::string_view name) {
  for (const auto kind : all_backends)
    if (name == to_string(kind))
      return kind;
  return fail(errc::bad_request,
              "there is no back end \"" + std::string(name) + "\": native and torch are there");
}

expected<std::unique_ptr<layer_range>> load_range(backend kind,
                                                  std::shared_ptr<const model_files> model,
                                                  layer_span layers, const range_options& options,
                                                  const progress_fn& progress) {
  if (kind == backend::torch)
    return load_torch_range(std::move(model), layers, options, progress);
  return load_native_range(std::move(model), layers, options, progress);
}

void set_threads(std::uint32_t count) {
  if (count == 0)
    return;
  set_compute_threads(count);
  set_torch_threads(static_cast<int>(count));
}

result set_instructions(std::string_view name) {
  if (name == "auto" || kernels::use_target(name))
    return {};
  std::string has;
  for (const auto& target : kernels::supported_targets())
    has += (has.empty() ? "" : ", ") + target;
  return fail(errc::unsupported,
              "this machine has no instructions \"" + std::string(name) + "\"; it has " + has);
}

} // namespace dci

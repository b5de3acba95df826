#include "tensors/torch/load.hpp"

#include "tensors/decoder/range_checks.hpp"
#include "tensors/torch/guard.hpp"
#include "tensors/torch/range.hpp"

namespace dci {

expected<std::unique_ptr<layer_range>> load_torch_range(std::shared_ptr<const model_files> model,
                                                        layer_span layers,
                                                        const range_options& options,
                                                        const progress_fn& progress) {
  DCI_TRY(check_layers(model->dir, layers, model->config.layers));
  const auto place = model->dir.string() + ": layers " + to_string(layers);
  return guarded(place, [&]() -> expected<std::unique_ptr<layer_range>> {
    DCI_ASSIGN(const auto weights, load_weights(*model, layers, progress));
    return std::make_unique<torch_range>(model->config, layers, weights, options);
  });
}

} // namespace dci

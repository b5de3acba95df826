#include "actors/ring/cuts.hpp"

namespace dci {

result check_cuts(std::span<const layer_span> stages, std::uint32_t model_layers) {
  if (stages.empty())
    return fail(errc::bad_config, "a ring needs at least one stage");
  std::uint32_t held = 0;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const auto layers = stages[i];
    const auto where = "stage " + std::to_string(i + 1) + " with layers " + to_string(layers);
    if (layers.empty())
      return fail(errc::bad_config, where + " holds none; write [first, last) with first < last");
    if (layers.first > held)
      return fail(errc::bad_config,
                  where + " leaves out layers " + to_string({held, layers.first}));
    if (layers.first < held)
      return fail(errc::bad_config,
                  where + " holds layers again that an earlier stage has; begin it at " +
                      std::to_string(held));
    if (layers.last > model_layers)
      return fail(errc::bad_config,
                  where + " goes beyond the model's " + std::to_string(model_layers) + " layers");
    held = layers.last;
  }
  if (held < model_layers)
    return fail(errc::bad_config, "no stage holds layers " + to_string({held, model_layers}));
  return {};
}

std::string stage_label(std::size_t index, std::size_t count, const std::string& host,
                        layer_span layers) {
  return "stage " + std::to_string(index + 1) + " of " + std::to_string(count) + " (" + host +
         ", layers " + to_string(layers) + ")";
}

} // namespace dci

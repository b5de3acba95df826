#include "tensors/decoder/rope.hpp"

#include <numbers>

#include "tensors/kernels/exact_math.hpp"

namespace dci {

namespace {

// Wave lengths that fit the original context often are left alone, those that
// never do are stretched by the factor, and those between are blended.
double stretch(double frequency, const llama3_rope_scaling& scaling) {
  const double wavelength = 2 * std::numbers::pi / frequency;
  const double turns = scaling.original_context / wavelength;
  if (turns > scaling.high_freq_factor)
    return frequency;
  if (turns < scaling.low_freq_factor)
    return frequency / scaling.factor;
  const double smooth =
      (turns - scaling.low_freq_factor) / (scaling.high_freq_factor - scaling.low_freq_factor);
  return (1 - smooth) * frequency / scaling.factor + smooth * frequency;
}

} // namespace

std::vector<double> rope_frequencies(const model_config& config) {
  std::vector<double> out;
  for (std::uint32_t i = 0; i < config.head_dim; i += 2) {
    double frequency = kernels::power(config.rope_theta, -double(i) / config.head_dim);
    if (config.rope_scaling)
      frequency = stretch(frequency, *config.rope_scaling);
    if (!config.rope_divisors.empty())
      frequency /= config.rope_divisors[i / 2];
    out.push_back(frequency);
  }
  return out;
}

} // namespace dci

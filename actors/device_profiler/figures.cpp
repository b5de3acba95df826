#include "actors/device_profiler/figures.hpp"

namespace dci {
namespace {

// False for a NaN, too.
bool is_within(float x, float most) {
  return x >= 0 && x <= most;
}

} // namespace

device_tier tier_of(double tflops_f32) {
  return tflops_f32 >= 20 ? device_tier::a : tflops_f32 >= 5 ? device_tier::b : device_tier::c;
}

std::string_view to_string(device_tier tier) {
  return tier == device_tier::a ? "A" : tier == device_tier::b ? "B" : "C";
}

std::optional<device_tier> parse_tier(std::string_view text) {
  for (const auto tier : {device_tier::a, device_tier::b, device_tier::c})
    if (to_string(tier) == text)
      return tier;
  return {};
}

std::string_view fault_of(const device_figures& d) {
  if (!is_within(d.tflops_f32, 1e6f) || !is_within(d.tops_int8, 1e6f))
    return "an absurd speed";
  if (!is_within(d.memory_gb_per_s, 1e6f) || !is_within(d.memory_free_gb, 1e7f))
    return "an absurd memory";
  if (!is_within(d.watts, 1e6f))
    return "an absurd power";
  if (d.tier != static_cast<std::uint8_t>(tier_of(d.tflops_f32)))
    return "a tier that its speed does not bear out";
  return {};
}

std::string_view fault_of(const owner_policy& policy) {
  return is_within(policy.memory_gb, 1e7f) ? "" : "an absurd memory";
}

} // namespace dci

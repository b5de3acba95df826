#include "actors/device_profiler/profile.hpp"

#include <algorithm>

namespace dci {

bool device_record::wants_measurement(const device_now& is, node_time now) const {
  return !last_ || last_->cores != is.cores || now - last_->at >= keep_;
}

void device_record::note(const measured_speed& speed, const device_now& is, node_time now) {
  last_ = taken{speed, is.cores, now};
}

device_figures device_record::figures(const device_now& is, const owner_policy& policy) const {
  device_figures out;
  out.memory_free_gb = static_cast<float>(static_cast<double>(is.memory_available) / 1e9);
  if (policy.memory_gb > 0)
    out.memory_free_gb = std::min(out.memory_free_gb, policy.memory_gb);
  if (!last_)
    return out;
  const auto& speed = last_->speed;
  out.tflops_f32 = static_cast<float>(speed.tflops_f32);
  out.tops_int8 = static_cast<float>(speed.tops_int8);
  out.memory_gb_per_s = static_cast<float>(speed.memory_gb_per_s);
  out.watts = static_cast<float>(speed.watts);
  out.tier = static_cast<std::uint8_t>(tier_of(out.tflops_f32));
  return out;
}

std::optional<node_clock::duration> device_record::age(node_time now) const {
  return last_ ? std::optional(now - last_->at) : std::nullopt;
}

} // namespace dci

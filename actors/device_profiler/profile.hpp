// When a device measures itself, and what it then says. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "actors/device_profiler/figures.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

/// One measurement. 0: unknown.
struct measured_speed {
  double tflops_f32 = 0;
  double tops_int8 = 0;
  double memory_gb_per_s = 0;
  double watts = 0;
};

/// What may change without anybody's doing.
struct device_now {
  std::uint32_t cores = 1; ///< that this process may use
  std::uint64_t memory_available = 0;
};

class device_record {
 public:
  /// After so long a measurement is taken again; a device may have become hot, or been plugged in.
  explicit device_record(node_clock::duration keep) : keep_(keep) {
  }

  /// Before the first measurement, when the cores are not as many as they were, and when it is old.
  bool wants_measurement(const device_now& is, node_time now) const;
  void note(const measured_speed& speed, const device_now& is, node_time now);

  device_figures figures(const device_now& is, const owner_policy& policy) const;
  /// Nothing before the first measurement.
  std::optional<node_clock::duration> age(node_time now) const;

 private:
  struct taken {
    measured_speed speed;
    std::uint32_t cores;
    node_time at;
  };
  node_clock::duration keep_;
  std::optional<taken> last_;
};

} // namespace dci

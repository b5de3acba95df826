// What this machine's processors can do for the native back end, measured with its own kernels.
#pragma once

#include <chrono>
#include <cstdint>

namespace dci {

struct device_speed {
  double tflops_f32 = 0;      ///< 10^12 operations/s in products with F32 weights
  double tops_int8 = 0;       ///< the same with weights of Q8_0
  double memory_gb_per_s = 0; ///< 10^9 bytes/s read
};

/// A product counts twice: it multiplies and adds. Many rows at once, out of the caches: what a
/// prompt comes near to. threads: 0 for as many as this process has cores. Takes about three times
/// `each`, and 256 MiB. Throws std::bad_alloc, std::system_error.
device_speed measure_device_speed(std::uint32_t threads, std::chrono::milliseconds each);

} // namespace dci

// What a device can do, as it measured itself, and what its owner lets it do.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "runtime/base/reflect.hpp"

namespace dci {

/// Which work a device is offered: A (20 TFLOPS and more), B (5 and more), C. The numbers are what
/// device_figures says.
enum class device_tier : std::uint8_t { a = 0, b = 1, c = 2 };
device_tier tier_of(double tflops_f32);
/// "A", "B" or "C".
std::string_view to_string(device_tier tier);
std::optional<device_tier> parse_tier(std::string_view text);

struct device_figures {
  float tflops_f32 = 0;      ///< 10^12 operations/s on weights that are floats
  float tops_int8 = 0;       ///< the same on weights of Q8_0
  float memory_gb_per_s = 0; ///< 10^9 bytes/s read
  float memory_free_gb = 0;  ///< 10^9 bytes, no more than its owner gives
  float watts = 0;           ///< while it computes; 0: unknown
  std::uint8_t tier = 2;     ///< of tflops_f32

  static constexpr std::string_view type_name = "device_figures";
  static constexpr auto fields() {
    using self = device_figures;
    return std::tuple{
        required("tflops_f32", &self::tflops_f32, "on weights that are floats; 0: not measured"),
        required("tops_int8", &self::tops_int8, "the same on weights of Q8_0"),
        required("memory_gb_per_s", &self::memory_gb_per_s, "10^9 bytes/s read"),
        required("memory_free_gb", &self::memory_free_gb, "10^9 bytes that its owner gives"),
        required("watts", &self::watts, "while it computes; 0: unknown"),
        required("tier", &self::tier, "0 is A (20 TFLOPS), 1 is B (5), 2 is C")};
  }
};

struct owner_policy {
  bool takes_work = true;
  float memory_gb = 0;

  static constexpr std::string_view type_name = "owner_policy";
  static constexpr auto fields() {
    return std::tuple{
        required("takes_work", &owner_policy::takes_work, "false: no new rings on this device"),
        required("memory_gb", &owner_policy::memory_gb, "for models, in 10^9 bytes; 0: all free")};
  }
};

/// What no device can be: "a tier that its speed does not bear out"; empty where all is sound. A
/// fixed text.
std::string_view fault_of(const device_figures& device);
std::string_view fault_of(const owner_policy& policy);

} // namespace dci

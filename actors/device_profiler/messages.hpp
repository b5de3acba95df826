// What a device profiler is told and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "actors/device_profiler/figures.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// What a topology file or the console says when it makes one.
struct device_profiler_config {
  bool takes_work = true;
  double memory_gb = 0;
  double watts = 0;
  std::uint32_t measure_ms = 100;
  std::uint32_t keep_s = 1800;

  static constexpr std::string_view type_name = "device_profiler_config";
  static constexpr auto fields() {
    using self = device_profiler_config;
    return std::tuple{
        field("takes_work", &self::takes_work, "false: no new rings on this device"),
        field("memory_gb", &self::memory_gb, "for models, in 10^9 bytes; 0: all that is free"),
        field("watts", &self::watts, "while it computes; 0: as the kernel's counters have it"),
        field("measure_ms", &self::measure_ms, "how long each of the three measurements takes"),
        field("keep_s", &self::keep_s, "after so long a measurement is taken again")};
  }
};

/// What can this device do? The first time it measures. Answered by device_profile.
struct device_profile_request {
  static constexpr std::string_view type_name = "device_profile_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// The same, but measures anew.
struct device_measure_request {
  static constexpr std::string_view type_name = "device_measure_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// From now on this is what the owner wishes. Answered by device_profile. Errors: bad_request for
/// memory that cannot be.
struct owner_policy_request {
  owner_policy policy;

  static constexpr std::string_view type_name = "owner_policy_request";
  static constexpr auto fields() {
    return std::tuple{required("policy", &owner_policy_request::policy, "all of it")};
  }
};

struct device_profile {
  device_figures device;
  std::string tier;
  owner_policy policy;
  std::uint32_t cores = 0;
  double age_s = 0;

  static constexpr std::string_view type_name = "device_profile";
  static constexpr auto fields() {
    using self = device_profile;
    return std::tuple{field("device", &self::device, "what it can do"),
                      field("tier", &self::tier, "A, B or C"),
                      field("policy", &self::policy, "what its owner lets it do"),
                      field("cores", &self::cores, "on which it computes"),
                      field("age_s", &self::age_s, "since its speed was measured")};
  }
};

} // namespace dci

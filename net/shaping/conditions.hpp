// What a link is like.
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "runtime/base/reflect.hpp"

namespace dci {

/// Each way of a link by itself. All zero: as it is.
struct link_conditions {
  double latency_ms = 0;
  double jitter_ms = 0;
  double mbit_per_s = 0;
  double loss = 0;
  bool cut = false;

  static constexpr std::string_view type_name = "link_conditions";
  static constexpr auto fields() {
    using self = link_conditions;
    return std::tuple{
        field("latency_ms", &self::latency_ms, "one way"),
        field("jitter_ms", &self::jitter_ms, "up to so much more, evenly drawn"),
        field("mbit_per_s", &self::mbit_per_s, "bandwidth; 0: no limit"),
        field("loss", &self::loss,
              "share of packets lost, from 0 to 1; on TCP each costs the wait for another try"),
        field("cut", &self::cut, "nothing comes through")};
  }
  friend bool operator==(const link_conditions&, const link_conditions&) = default;
};

/// What is wrong with them: "loss must be from 0 to 1"; nothing where they can be.
std::optional<std::string> fault_of(const link_conditions& conditions);

} // namespace dci

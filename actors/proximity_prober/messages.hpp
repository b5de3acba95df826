// How two nodes measure the way between them. Each is one datagram, and question and answer are of
// the same size.
#pragma once

#include <cstdint>
#include <tuple>
#include <variant>

#include "actors/proximity_prober/coordinates.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

struct proximity_probe {
  std::uint32_t number = 0;
  network_place place;

  static constexpr std::string_view type_name = "proximity_probe";
  static constexpr auto fields() {
    using self = proximity_probe;
    return std::tuple{required("number", &self::number, "comes back in the echo"),
                      required("place", &self::place, "where the sender believes to be")};
  }
};

struct proximity_echo {
  std::uint32_t number = 0;
  network_place place;

  static constexpr std::string_view type_name = "proximity_echo";
  static constexpr auto fields() {
    using self = proximity_echo;
    return std::tuple{required("number", &self::number, "of the probe"),
                      required("place", &self::place, "where the sender believes to be")};
  }
};

using proximity_message = std::variant<proximity_probe, proximity_echo>;

} // namespace dci

// How two nodes measure the way between them. Each is one datagram, and no answer is longer than
// its question.
#pragma once

#include <cstdint>
#include <tuple>
#include <variant>

#include "actors/proximity_prober/coordinates.hpp"
#include "net/wire/padding.hpp"
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

/// One of several that leave together: how far apart they come shows the bandwidth.
struct proximity_train {
  std::uint32_t number = 0;
  std::uint8_t place = 0;
  std::uint8_t count = 0;
  padding filler;

  static constexpr std::string_view type_name = "proximity_train";
  static constexpr auto fields() {
    using self = proximity_train;
    return std::tuple{required("number", &self::number, "of the train, comes back in the report"),
                      required("place", &self::place, "in the train, from 0"),
                      required("count", &self::count, "of the train's datagrams"),
                      required("filler", &self::filler, "bytes that say nothing")};
  }
};

/// What the receiver saw of a train.
struct proximity_train_report {
  std::uint32_t number = 0;
  std::uint8_t received = 0;
  float mbit_per_s = 0;
  bool at_least = false;

  static constexpr std::string_view type_name = "proximity_train_report";
  static constexpr auto fields() {
    using self = proximity_train_report;
    return std::tuple{
        required("number", &self::number, "of the train"),
        required("received", &self::received, "how many of its datagrams came"),
        required("mbit_per_s", &self::mbit_per_s, "10^6 bits/s, IP and UDP headers included"),
        required("at_least", &self::at_least, "they came too fast to tell how much more it is")};
  }
};

using proximity_message =
    std::variant<proximity_probe, proximity_echo, proximity_train, proximity_train_report>;

} // namespace dci

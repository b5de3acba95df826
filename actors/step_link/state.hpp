// A link between two stages, or a stage and its ring, for people.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "runtime/base/reflect.hpp"

namespace dci {

/// A link as a report shows it.
struct step_link_state {
  std::string to;
  std::string carrier;
  std::uint64_t sent = 0;
  std::uint64_t kept = 0;
  std::uint64_t again = 0;
  std::uint64_t repeated = 0;
  std::uint64_t changes = 0;

  static constexpr std::string_view type_name = "step_link_state";
  static constexpr auto fields() {
    using self = step_link_state;
    return std::tuple{
        field("to", &self::to, "the actor at its other end"),
        field("carrier", &self::carrier, "inside, caf, zmq, or none while it is lost"),
        field("sent", &self::sent, "messages written"),
        field("kept", &self::kept, "of which the other end has not said that it has them"),
        field("again", &self::again, "messages written once more"),
        field("repeated", &self::repeated, "messages that came once more, and were dropped"),
        field("changes", &self::changes, "how often the carrier changed"),
    };
  }
};

} // namespace dci

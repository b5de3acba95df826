// One prober among peers that answer after as long as they are far.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <utility>

#include "actors/proximity_prober/prober.hpp"

namespace dci::test {

inline contact node(std::uint8_t first) {
  contact out;
  out.id.bytes[0] = first;
  out.where.port = first;
  return out;
}

using maybe = std::optional<node_clock::duration>;

struct town {
  prober_settings settings;
  node_time now{};
  prober machine{settings, random_source(1), now};
  prober_output out;
  std::uint32_t probes = 0, trains = 0;
  std::size_t bytes = 0;    ///< sent and received
  std::uint8_t trained = 0; ///< who got the last train
  /// What a peer says of a train; nothing where it says nothing.
  std::function<std::optional<proximity_train_report>(std::uint8_t peer, std::uint32_t number)>
      report = [](std::uint8_t, std::uint32_t) { return std::nullopt; };

  static std::size_t probe_bytes() {
    return 2 * bytes_on_wire(proximity_probe{~0u, {}});
  }

  /// round_trip(peer): nothing for a probe that is lost.
  template <class RoundTrip>
  void run(node_clock::duration time, RoundTrip&& round_trip) {
    for (const auto end = now + time; now < end;
         now = std::max(machine.next_tick(), now + std::chrono::microseconds{1})) {
      machine.tick(now, out);
      for (const auto& [to, message] : std::exchange(out.sends, {})) {
        ++probes;
        bytes += probe_bytes();
        if (const maybe far = round_trip(to.id.bytes[0]))
          machine.receive(to, proximity_echo{std::get<proximity_probe>(message).number, {}},
                          now + *far, out);
      }
      for (const auto& [to, datagrams] : std::exchange(out.trains, {})) {
        ++trains;
        trained = to.id.bytes[0];
        for (const auto& one : datagrams)
          bytes += bytes_on_wire(one);
        const auto number = std::get<proximity_train>(datagrams.at(0)).number;
        if (const auto said = report(trained, number)) {
          bytes += bytes_on_wire(*said);
          machine.receive(to, *said, now + std::chrono::milliseconds{200}, out);
        }
      }
    }
  }
  measured_link to(std::uint8_t first) const {
    for (const auto& one : machine.links())
      if (one.peer == node(first))
        return one;
    FAIL("it is not there");
    return {};
  }
};

} // namespace dci::test

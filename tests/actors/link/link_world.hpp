// A host with a link, for the actors that stand beside one.
#pragma once

#include "net/free_port.hpp"
#include "tests/actors/world.hpp"

namespace dci::test {

struct link_world : world {
  link_world() {
    link = start<link_actor>("link", "link", {{"listen", address}});
    profiler = start<device_profiler_actor>("device_profiler", "device", {{"measure_ms", 1}});
  }

  /// Of an actor that ends at once.
  std::string why_it_ended(const std::string& type, const json& settings) {
    const auto said = std::make_shared<std::vector<std::string>>();
    tell(node, watch_request{watcher(said)});
    run();
    REQUIRE(spawn(type, "victim", settings));
    run();
    CHECK(names().find("victim") == std::string::npos);
    REQUIRE(!said->empty());
    CAPTURE(said->back());
    CHECK(said->back().find("victim") != std::string::npos);
    return said->back();
  }

  std::string address = "127.0.0.1:" + std::to_string(free_loopback_port().value());
  link_actor link;
  device_profiler_actor profiler; ///< gossip asks it
};

} // namespace dci::test

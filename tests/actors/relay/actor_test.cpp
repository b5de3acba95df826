// The relay as an actor. What it does to bytes is tests/net/shaping's.
#include <doctest/doctest.h>

#include "net/free_port.hpp"
#include "tests/actors/link/link_world.hpp"

using namespace dci;
using namespace dci::test;

namespace {

std::string free_text() {
  return "127.0.0.1:" + std::to_string(free_loopback_port().value());
}

} // namespace

TEST_CASE("a relay says what its link is like, and changes it") {
  link_world w;
  const auto front = free_text();
  const json settings = {{"transport", "udp"},
                         {"listen", front},
                         {"to", w.address},
                         {"conditions", {{"latency_ms", 5}, {"loss", 0.01}}}};
  const auto actor = w.start<relay_actor>("relay", "relay", settings);
  const auto first = w.get<relay_description>(actor, relay_describe_request{});
  CHECK(first.listen == front);
  CHECK(first.conditions == link_conditions{5, 0, 0, 0.01, false});
  const auto then =
      w.get<relay_description>(actor, shape_request{{0, 0, 0, 0, true}, {{free_text(), {}}}});
  CHECK(then.conditions.cut);
  CHECK(then.senders.size() == 1);
  // Refused, it stays as it was.
  CHECK(w.call<relay_description>(actor, shape_request{{-1, 0, 0, 0, false}, {}}).error().code ==
        errc::bad_config);
  CHECK(w.call<relay_description>(actor, shape_request{{}, {{"x", {}}}}).error().code ==
        errc::bad_config);
  CHECK(w.get<relay_description>(actor, relay_describe_request{}).conditions.cut);
  const auto tcp = w.start<relay_actor>(
      "relay", "tcp", {{"transport", "tcp"}, {"listen", free_text()}, {"to", w.address}});
  CHECK(
      w.get<relay_description>(tcp, shape_request{{9, 0, 0, 0, false}, {}}).conditions.latency_ms ==
      9);
  CHECK(w.call<relay_description>(tcp, shape_request{{}, {{free_text(), {}}}}).error().code ==
        errc::bad_config);
}

TEST_CASE("a relay that cannot be ends and says why") {
  link_world w;
  const auto why = [&](const json& change, const std::string& words) {
    json settings = {{"transport", "tcp"}, {"listen", free_text()}, {"to", free_text()}};
    settings.update(change);
    const auto said = w.why_it_ended("relay", settings);
    CAPTURE(said);
    CHECK(said.find(words) != std::string::npos);
  };
  why({{"transport", "pigeon"}}, "\"udp\"");
  why({{"listen", "0.0.0.0:4801"}}, "loopback");
  why({{"transport", "udp"}, {"listen", w.address}}, "in use");
  why({{"to", "nowhere"}}, "nowhere");
  why({{"conditions", {{"loss", 2}}}}, "loss");
  why({{"senders", json::array({{{"from", free_text()}, {"conditions", json::object()}}})}}, "udp");
}

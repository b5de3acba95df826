#include <doctest/doctest.h>

#include "actors/gossip/nearest_links.hpp"

using namespace dci;
using namespace std::chrono_literals;

TEST_CASE("a report has the nearest of the links that were measured lately") {
  gossip_settings settings;
  settings.most_links = 3;
  settings.oldest_link = 45s;
  const auto chosen = nearest_links({{{1, 50, 0}, 0s},
                                     {{2, 10, 0}, 45s},
                                     {{3, 5, 0}, 46s}, // too old
                                     {{4, 40, 0}, 3s},
                                     {{5, 20, 0}, 9s}},
                                    settings);
  REQUIRE(chosen.size() == 3);
  CHECK(chosen[0].peer == 2);
  CHECK(chosen[1].peer == 5);
  CHECK(chosen[2].peer == 4);
  CHECK(nearest_links({}, settings).empty());
}

TEST_CASE("what was measured is told with its bandwidth, what is guessed is not") {
  const auto row = [](std::uint8_t peer, double round_trip_ms) {
    node_id id{};
    id.bytes[7] = peer;
    link_measured out;
    out.id = to_string(id);
    out.echoes = 1;
    out.round_trip_ms = round_trip_ms;
    out.age_s = 5;
    return out;
  };
  auto wide = row(4, 9), guessed = row(5, 1), nobody = row(6, 1);
  wide.mbit_per_s = 829;
  wide.at_least = true;
  wide.mbit_age_s = 1e6; // older than a report can say
  wide.mbit_confidence = 0.456;
  guessed.echoes = 0;
  wide.echoes = 0;
  wide.seen = 1; // in other traffic
  nobody.id = "nobody";
  const auto links = links_of({{}, 10, {row(2, 30), wide, guessed, nobody}});
  REQUIRE(links.size() == 2);
  CHECK(links[0].figures.peer == 2);
  CHECK(links[0].figures.mbit_per_s == 0);
  CHECK(links[0].figures.mbit_confidence == 0);
  CHECK(links[0].age == 5s);
  CHECK(links[1].figures.peer == 4);
  CHECK(links[1].figures.mbit_per_s == 829);
  CHECK(links[1].figures.at_least);
  CHECK(links[1].figures.mbit_age_s == 65'535);
  CHECK(links[1].figures.mbit_confidence == 46);
}

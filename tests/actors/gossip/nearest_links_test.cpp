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

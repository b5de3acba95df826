#include <doctest/doctest.h>

#include "actors/membership/lan_neighbours.hpp"

using namespace dci;
using namespace std::chrono_literals;
using answer = lan_neighbours::answer;

namespace {

endpoint at(std::uint16_t port) {
  endpoint out;
  out.port = port;
  return out;
}

} // namespace

TEST_CASE("who was asked rests ever longer, up to an hour") {
  lan_neighbours all;
  node_time now{};
  std::vector<std::chrono::minutes> asked;
  for (; now < node_time(300min); now += 10s) // a beacon each
    if (all.take(at(1), now) == answer::ask)
      asked.push_back(std::chrono::duration_cast<std::chrono::minutes>(now.time_since_epoch()));
  const std::vector<std::chrono::minutes> when{0min,  1min,  3min,   7min,   15min,
                                               31min, 63min, 123min, 183min, 243min};
  CHECK(asked == when);
}

TEST_CASE("made up neighbours are cut off, and forgotten when they have rested") {
  lan_neighbours all;
  for (std::uint16_t port = 1; port <= lan_neighbours::most; ++port)
    CHECK(all.take(at(port), {}) == answer::ask);
  CHECK(all.take(at(5000), {}) == answer::too_many);
  CHECK(all.take(at(7), {}) == answer::rests);
  CHECK(all.take(at(5000), node_time(1min)) == answer::ask);
  CHECK(all.take(at(5000), node_time(1min)) == answer::rests);
}

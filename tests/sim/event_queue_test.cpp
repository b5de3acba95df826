#include <doctest/doctest.h>

#include <memory>

#include "runtime/base/random.hpp"
#include "runtime/sim/event_queue.hpp"

using namespace dci;

TEST_CASE("events come in the order of their time, and of their adding where that is the same") {
  event_queue<std::pair<std::uint64_t, int>> queue;
  random_source random(1);
  int added = 0;
  node_time last{};
  int last_number = -1;
  std::size_t taken = 0;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 20; ++i) {
      const auto at = last + node_clock::duration(random.below(50));
      queue.add(at, {static_cast<std::uint64_t>(at.time_since_epoch().count()), added++});
    }
    for (int i = 0; i < 15; ++i, ++taken) {
      const auto next = queue.next_time();
      const auto [at, event] = queue.pop();
      CHECK(at == next);
      CHECK(static_cast<std::uint64_t>(at.time_since_epoch().count()) == event.first);
      CHECK(at >= last);
      if (at > last)
        last_number = -1;
      CHECK(event.second > last_number);
      last = at;
      last_number = event.second;
    }
  }
  CHECK(queue.size() == 4000 - taken);
}

TEST_CASE("events that cannot be copied are handed out whole") {
  event_queue<std::unique_ptr<int>> queue;
  for (int i = 0; i < 10; ++i)
    queue.add(node_time(node_clock::duration(10 - i)), std::make_unique<int>(i));
  for (int i = 9; i >= 0; --i)
    CHECK(*queue.pop().second == i);
  CHECK(queue.empty());
}

// Who waits for room, and whose turn it is.
#include <doctest/doctest.h>

#include "actors/ring/waiting_line.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

const waiting_line::time_point start{};

} // namespace

TEST_CASE("nobody overtakes, and nobody tries while there is no room") {
  waiting_line line;
  CHECK(line.is_open());
  CHECK_FALSE(line.next());
  const auto first = line.draw(), second = line.draw(), third = line.draw();
  line.no_room(first, session_id{1}, start);
  CHECK_FALSE(line.is_open());
  line.wait(second, session_id{2}, start);
  line.wait(third, session_id{3}, start);
  CHECK(line.size() == 3);
  CHECK_FALSE(line.next());
  line.room(1s);
  CHECK_FALSE(line.is_open());
  CHECK(line.next() == session_id{1});
  // It failed again: it keeps its place.
  line.no_room(first, session_id{1}, start);
  CHECK_FALSE(line.next());
  line.room(1s);
  CHECK(line.next() == session_id{1});
  line.leave(second);
  CHECK(line.next() == session_id{3});
  CHECK_FALSE(line.next());
  CHECK(line.is_open());
}

TEST_CASE("who waits too long is named") {
  waiting_line line;
  line.no_room(line.draw(), session_id{1}, start);
  line.wait(line.draw(), session_id{2}, start + 5s);
  CHECK(line.overdue(start + 10s, 10s).empty());
  CHECK(line.overdue(start + 11s, 10s) == std::vector{session_id{1}});
  CHECK(line.overdue(start + 16s, 10s).size() == 2);
}

TEST_CASE("when to ask again follows how long sessions take and how many wait") {
  waiting_line line;
  CHECK(line.retry_after(0) == 200ms);
  line.room(4s);
  CHECK(line.retry_after(2) == 4s);
  line.room(8s);
  CHECK(line.retry_after(2) == 5s);
  for (std::uint64_t i = 1; i <= 4; ++i)
    line.wait(line.draw(), session_id{i}, start);
  CHECK(line.retry_after(2) == 15s);
  line.room(10h);
  CHECK(line.retry_after(2) == 1min);
}

#include <doctest/doctest.h>

#include "actors/overlay/record_givers.hpp"
#include "tests/actors/overlay/wires.hpp"

using namespace dci;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("copies are taken from those before a node, and from nobody between it and the first") {
  record_givers givers(test_id(100), 3, minutes(5));
  CHECK(givers.take(test_id(90), test_id(90), {}));
  CHECK(givers.take(test_id(30), test_id(90), {}));
  CHECK(givers.take(test_id(200), test_id(90), {})); // round the ring it is before, too
  CHECK(!givers.take(test_id(95), test_id(90), {}));
  CHECK(!givers.take(test_id(100), test_id(90), {}));
}

TEST_CASE("who is farther than enough others is none of them, until those are forgotten") {
  record_givers givers(test_id(100), 3, minutes(5));
  node_time now{};
  for (const std::uint8_t id : {10, 20, 30})
    CHECK(givers.take(test_id(id), test_id(90), now));
  CHECK(!givers.take(test_id(5), test_id(90), now));
  CHECK(givers.take(test_id(10), test_id(90), now)); // again
  // Nearer ones push the farthest out.
  CHECK(givers.take(test_id(90), test_id(90), now));
  CHECK(!givers.take(test_id(10), test_id(90), now));
  now += minutes(6);
  CHECK(givers.take(test_id(5), test_id(90), now));
}

TEST_CASE("those who turn out not to stand there are forgotten") {
  record_givers givers(test_id(100), 2, minutes(5));
  CHECK(givers.take(test_id(90), test_id(90), {}));
  CHECK(givers.take(test_id(80), test_id(90), {}));
  CHECK(!givers.take(test_id(30), test_id(90), {}));
  // 90 and 80 died: the predecessor is 70 now.
  CHECK(givers.take(test_id(30), test_id(70), {}));
  CHECK(givers.take(test_id(70), test_id(70), {}));
}

TEST_CASE("a giver's names end with himself, and do not reach round to the node") {
  const record_givers givers(test_id(100), 3, minutes(5));
  CHECK(givers.may_give(test_id(90), test_id(30), test_id(90)));
  CHECK(givers.may_give(test_id(90), test_id(30), test_id(60)));  // a part of them
  CHECK(givers.may_give(test_id(90), test_id(100), test_id(90))); // of two nodes
  CHECK(!givers.may_give(test_id(90), test_id(30), test_id(95)));
  CHECK(!givers.may_give(test_id(90), test_id(95), test_id(90)));
  CHECK(!givers.may_give(test_id(90), test_id(90), test_id(90)));
  CHECK(!givers.may_give(test_id(90), {}, {}));
}

#include <doctest/doctest.h>

#include "actors/step_link/carriers.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {
const carriers::time_point start{1h};
}

TEST_CASE("CAF carries where it can, ZeroMQ while it cannot, and back") {
  carriers link(transport::any, true, start);
  CHECK(link.in_use() == carrier::caf);
  CHECK_FALSE(link.zmq(true, start));
  CHECK(link.caf(false, start)); // to be sent again by the other one
  CHECK(link.in_use() == carrier::zmq);
  CHECK(link.caf(true, start));
  CHECK(link.in_use() == carrier::caf);
  CHECK_FALSE(link.caf(true, start));
  CHECK(link.changes() == 2);
}

TEST_CASE("a link without any carrier is lost after its wait") {
  carriers link(transport::any, true, start);
  CHECK_FALSE(link.caf(false, start + 1s));
  CHECK(link.in_use() == carrier::none);
  CHECK_FALSE(link.is_lost(start + 2s, 1s));
  CHECK(link.is_lost(start + 2s + 1ms, 1s));
  CHECK(link.zmq(true, start + 3s));
  CHECK_FALSE(link.is_lost(start + 1h, 1s));
}

TEST_CASE("a link uses only what it may") {
  carriers caf(transport::caf, true, start);
  CHECK_FALSE(caf.may(carrier::zmq));
  caf.zmq(true, start);
  CHECK_FALSE(caf.caf(false, start));
  CHECK(caf.in_use() == carrier::none);
  carriers zmq(transport::zmq, true, start);
  CHECK_FALSE(zmq.may(carrier::caf));
  CHECK(zmq.in_use() == carrier::none);
  CHECK(zmq.zmq(true, start));
  CHECK(zmq.in_use() == carrier::zmq);
}

TEST_CASE("inside a process nothing changes") {
  auto link = carriers::inside();
  CHECK_FALSE(link.caf(false, start));
  CHECK_FALSE(link.zmq(true, start));
  CHECK(link.in_use() == carrier::inside);
  CHECK_FALSE(link.is_lost(start + 1h, 1s));
}

TEST_CASE("transports by name") {
  for (const auto t : {transport::any, transport::caf, transport::zmq})
    CHECK(transport_from(to_string(t)) == t);
  CHECK_FALSE(transport_from("tcp"));
  CHECK_FALSE(transport_from(""));
}

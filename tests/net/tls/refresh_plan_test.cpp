#include "net/tls/refresh_plan.hpp"

#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

const refresh_plan::clock::time_point begin{1h};

TEST_CASE("hands are shaken anew when our certificates changed, or the peer's come to their end") {
  refresh_plan plan(3, now + 24h, now);
  CHECK_FALSE(plan.is_due(3, now, begin));
  CHECK(plan.is_due(4, now, begin));
  CHECK_FALSE(plan.is_due(3, now + 18h - 1s, begin));
  CHECK(plan.is_due(3, now + 18h, begin));
  CHECK(plan.is_due(3, now + 30h, begin));
}

TEST_CASE("after it there is a while, and a new end") {
  refresh_plan plan(3, now + 24h, now);
  // He has no newer ones yet.
  plan.succeeded(4, now + 24h, now + 18h, begin);
  CHECK_FALSE(plan.is_due(4, now + 18h, begin + 9min));
  CHECK(plan.is_due(4, now + 18h, begin + 10min));
  // Nearer to the end it is tried more often, but not without a pause.
  plan.succeeded(4, now + 24h, now + 24h - 16s, begin);
  CHECK_FALSE(plan.is_due(4, now + 24h, begin + 1900ms));
  CHECK(plan.is_due(4, now + 24h, begin + 2s));
  plan.failed(now + 25h, begin);
  CHECK_FALSE(plan.is_due(4, now + 25h, begin + 900ms));
  CHECK(plan.is_due(4, now + 25h, begin + 1s));
  // Now he has.
  plan.succeeded(4, now + 40h, now + 24h, begin);
  CHECK_FALSE(plan.is_due(4, now + 36h - 1s, begin + 1h));
  CHECK(plan.is_due(4, now + 36h, begin + 1h));
}

TEST_CASE("what failed is tried again until it is done") {
  refresh_plan plan(3, now + 80s, now);
  plan.failed(now, begin);
  CHECK_FALSE(plan.is_due(4, now, begin + 9s));
  CHECK(plan.is_due(4, now, begin + 10s));
  plan.succeeded(4, now + 80s, now, begin);
  CHECK_FALSE(plan.is_due(4, now, begin + 1h));
}

} // namespace
} // namespace dci::test

#include <doctest/doctest.h>

#include "net/frames/frame_budget.hpp"

namespace dci {
namespace {

curve_key key(std::uint8_t number) {
  curve_key out{};
  out.fill(number);
  return out;
}

TEST_CASE("what may wait is bounded for each peer and in all, and is given back") {
  const auto budget = std::make_shared<frame_budget>();
  constexpr auto most = frame_budget::most_bytes_of_one - frame_budget::overhead;
  CHECK_FALSE(budget->take(key(1), most + 1));
  auto first = budget->take(key(1), most);
  CHECK(first);
  CHECK_FALSE(budget->take(key(1), 0));
  const auto second = budget->take(key(2), most);
  CHECK(second);
  CHECK_FALSE(budget->take(key(3), most));
  const auto rest = frame_budget::most_bytes - 2 * frame_budget::most_bytes_of_one;
  const auto third = budget->take(key(3), rest - frame_budget::overhead);
  CHECK(third);
  CHECK_FALSE(budget->take(key(4), 0));
  first.reset();
  CHECK(budget->take(key(1), most));
  CHECK(budget->take(key(4), 0));
  CHECK_FALSE(budget->take(key(2), 0));
}

} // namespace
} // namespace dci

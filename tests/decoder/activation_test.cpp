#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "tensors/decoder/activation.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using test::check_error;

TEST_CASE("an activation survives the way over the wire bit by bit") {
  const std::vector<float> values = {1, -2.5f, 1e-40f, 3e38f, -0.0f, 7};
  const auto sent = activation::own(2, 3, values);
  const auto bytes = sent.to_bytes();
  CHECK(bytes.size() == 24);
  const auto got = activation::from_bytes(2, 3, bytes);
  REQUIRE(got);
  CHECK(got->rows() == 2);
  CHECK(got->cols() == 3);
  CHECK(got->to_bytes() == bytes);
  CHECK(std::ranges::equal(got->row(1), std::span(values).subspan(3)));
  CHECK(got->finite());
}

TEST_CASE("a count of bytes that does not fit is refused") {
  check_error(activation::from_bytes(2, 3, std::vector<std::uint8_t>(23)), errc::bad_message,
              {"2 x 3", "23 bytes"});
  check_error(activation::from_bytes(0xffffffff, 0xffffffff, {}), errc::bad_message, {"bytes"});
  // 2^31 x 2^31 numbers are 2^64 bytes, which must not pass for none.
  check_error(activation::from_bytes(1u << 31, 1u << 31, {}), errc::bad_message, {"bytes"});
  CHECK(activation::from_bytes(0, 5, {}));
}

TEST_CASE("copies share the numbers, which live as long as the last of them") {
  activation kept;
  {
    const auto made = activation::own(1, 2, {3, 4});
    kept = made;
    CHECK(kept.data() == made.data());
  }
  CHECK(kept.values()[1] == 4);
  CHECK(activation().empty());
  CHECK(activation().to_bytes().empty());
  CHECK_FALSE(activation::own(1, 2, {1, std::numeric_limits<float>::quiet_NaN()}).finite());
  CHECK_FALSE(activation::own(1, 2, {std::numeric_limits<float>::infinity(), 1}).finite());
}

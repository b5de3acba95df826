#include <doctest/doctest.h>

#include "tensors/kernels/aligned_buffer.hpp"
#include "tensors/kernels/read.hpp"
#include "tensors/kernels/targets.hpp"

using namespace dci::kernels;

TEST_CASE("reading sees every word, on every target") {
  aligned_array<std::uint32_t> words(256);
  std::uint32_t expected = 0;
  for (std::uint32_t i = 0; i < 256; ++i) {
    words.data()[i] = i * 2654435761u;
    expected ^= words.data()[i];
  }
  for (const auto& target : supported_targets()) {
    CAPTURE(target);
    REQUIRE(use_target(target));
    CHECK(read_all(reinterpret_cast<const std::byte*>(words.data()), 1024) == expected);
  }
  use_target(supported_targets().front());
}

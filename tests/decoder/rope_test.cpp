#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "tensors/decoder/rope.hpp"

using namespace dci;

TEST_CASE("plain frequencies fall from one by powers of theta") {
  model_config config;
  config.head_dim = 8;
  config.rope_theta = 10000;
  const auto frequencies = rope_frequencies(config);
  REQUIRE(frequencies.size() == 4);
  for (int i = 0; i < 4; ++i)
    CHECK(frequencies[static_cast<std::size_t>(i)] ==
          doctest::Approx(std::pow(10.0, -i)).epsilon(1e-12));
}

TEST_CASE("llama3 scaling leaves short waves, stretches long ones and blends between") {
  model_config config;
  config.head_dim = 64;
  config.rope_theta = 500000;
  const auto plain = rope_frequencies(config);
  config.rope_scaling = llama3_rope_scaling{8, 1, 4, 8192};
  const auto scaled = rope_frequencies(config);
  int kept = 0, stretched = 0, blended = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const double wavelength = 2 * std::numbers::pi / plain[i];
    if (wavelength < 8192.0 / 4) {
      CHECK(scaled[i] == plain[i]);
      ++kept;
    } else if (wavelength > 8192) {
      CHECK(scaled[i] == plain[i] / 8);
      ++stretched;
    } else {
      CHECK(scaled[i] < plain[i]);
      CHECK(scaled[i] > plain[i] / 8);
      ++blended;
    }
  }
  CHECK(kept > 0);
  CHECK(stretched > 0);
  CHECK(blended > 0);
}

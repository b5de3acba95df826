#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "tensors/kernels/elementwise.hpp"
#include "tensors/kernels/half.hpp"
#include "tensors/kernels/targets.hpp"
#include "tests/kernels/random_numbers.hpp"

using namespace dci::kernels;
using namespace dci::kernels::test;

namespace {

constexpr std::size_t counts[] = {1, 15, 16, 33, 576};

// Runs on every target, checks that the bits agree, and returns them.
std::vector<float> on_all_targets(const std::function<std::vector<float>()>& run) {
  std::vector<float> first;
  for (const auto& target : supported_targets()) {
    CAPTURE(target);
    REQUIRE(use_target(target));
    const auto values = run();
    if (first.empty())
      first = values;
    CHECK(std::memcmp(values.data(), first.data(), values.size() * 4) == 0);
  }
  use_target(supported_targets().front());
  return first;
}

void check_close(const std::vector<float>& values, const std::function<double(std::size_t)>& exact,
                 double tolerance) {
  for (std::size_t i = 0; i < values.size(); ++i)
    CHECK(std::abs(values[i] - exact(i)) <= tolerance * (1 + std::abs(exact(i))));
}

} // namespace

TEST_CASE("norms") {
  for (const auto count : counts) {
    random_numbers random(count);
    const auto x = random.many(count), weight = random.many(count), bias = random.many(count);
    double squares = 0, sum = 0, spread = 0;
    for (const double v : x) {
      squares += v * v;
      sum += v;
    }
    const double mean = sum / count;
    for (const double v : x)
      spread += (v - mean) * (v - mean);
    const auto rms = on_all_targets([&] {
      std::vector<float> out(count);
      rms_norm(x.data(), weight.data(), count, 1e-5f, out.data());
      return out;
    });
    check_close(
        rms, [&](auto i) { return x[i] / std::sqrt(squares / count + 1e-5) * weight[i]; }, 1e-6);
    const auto layer = on_all_targets([&] {
      std::vector<float> out(count);
      layer_norm(x.data(), weight.data(), bias.data(), count, 1e-5f, out.data());
      return out;
    });
    check_close(
        layer,
        [&](auto i) {
          return (x[i] - mean) / std::sqrt(spread / count + 1e-5) * weight[i] + bias[i];
        },
        1e-5);
  }
}

TEST_CASE("activations") {
  std::vector<float> x;
  for (float v = -100; v <= 100; v += 0.37f)
    x.push_back(v);
  const auto run = [&](nonlinearity f) {
    return on_all_targets([&] {
      auto out = x;
      activate(f, out.data(), out.size());
      return out;
    });
  };
  const auto silu = [&](std::size_t i) { return x[i] / (1 + std::exp(-double(x[i]))); };
  check_close(run(nonlinearity::silu), silu, 1e-6);
  check_close(
      run(nonlinearity::gelu),
      [&](auto i) { return 0.5 * x[i] * (1 + std::erf(x[i] / std::sqrt(2.0))); }, 1e-6);
  check_close(
      run(nonlinearity::gelu_tanh),
      [&](auto i) {
        const double v = x[i];
        return 0.5 * v * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v)));
      },
      1e-6);
  const auto gated = on_all_targets([&] {
    auto out = x;
    activate_gated(nonlinearity::silu, out.data(), x.data(), out.size());
    return out;
  });
  check_close(
      gated, [&](auto i) { return silu(i) * x[i]; }, 1e-6);
}

TEST_CASE("heads turn") {
  for (const std::size_t size : {std::size_t{2}, std::size_t{24}, std::size_t{128}}) {
    random_numbers random(size);
    const auto head = random.many(size), angles = random.many(size / 2);
    std::vector<float> cosines, sines;
    for (const double a : angles) {
      cosines.push_back(static_cast<float>(std::cos(a)));
      sines.push_back(static_cast<float>(std::sin(a)));
    }
    const auto turned = on_all_targets([&] {
      auto out = head;
      rotate(out.data(), cosines.data(), sines.data(), size);
      return out;
    });
    check_close(
        turned,
        [&](std::size_t i) {
          const auto j = i % (size / 2);
          const double a = head[j], b = head[j + size / 2];
          return i < size / 2 ? a * cosines[j] - b * sines[j] : b * cosines[j] + a * sines[j];
        },
        1e-6);
  }
}

TEST_CASE("numbers that are not finite are seen wherever they stand") {
  for (const auto count : counts)
    for (const float bad :
         {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
          std::numeric_limits<float>::quiet_NaN()})
      for (const std::size_t at : {std::size_t{0}, count / 2, count - 1}) {
        std::vector<float> x(count, std::numeric_limits<float>::max());
        CHECK(all_finite(x.data(), count));
        x[at] = bad;
        CHECK(!all_finite(x.data(), count));
      }
}

TEST_CASE("16-bit numbers convert both ways") {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = f32_from_f16(static_cast<std::uint16_t>(bits));
    if (!std::isnan(value))
      REQUIRE(f16_from_f32(value) == bits);
  }
  CHECK(f16_from_f32(65519.996f) == 0x7bff);
  CHECK(f16_from_f32(65520.0f) == 0x7c00);
  CHECK(f16_from_f32(1.0f + 0x1p-11f) == 0x3c00);
  CHECK(f16_from_f32(1.0f + 0x3p-11f) == 0x3c02);
}

// The native back end's promise: the same bits for every number of threads,
// every cut, every way of feeding the prompt and every set of instructions.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <thread>

#include "tensors/kernels/targets.hpp"
#include "tests/decoder/generate.hpp"

using namespace dci;
namespace fs = std::filesystem;

namespace {

// All rows of the last range, and the logits after the last one.
std::vector<float> numbers_of(test::pipeline& model, std::span<const token_id> tokens,
                              std::size_t chunk) {
  model.reset();
  std::vector<float> out;
  for (std::size_t at = 0; at < tokens.size(); at += chunk) {
    const auto rows = model.forward(tokens.subspan(at, std::min(chunk, tokens.size() - at)));
    REQUIRE_MESSAGE(rows, (rows ? "" : rows.error().message));
    out.insert(out.end(), rows->values().begin(), rows->values().end());
    if (at + chunk < tokens.size())
      continue;
    const auto logits = model.ranges.back()->logits(*rows, rows->rows() - 1);
    REQUIRE(logits);
    out.insert(out.end(), logits->begin(), logits->end());
  }
  return out;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

} // namespace

TEST_CASE("a model's numbers do not depend on threads, cuts, pieces or instructions") {
  const auto own = fs::path(DCI_SOURCE_DIR);
  for (const auto& dir : {own / "tests/data/models/llama3rope", own / "tests/data/models/gpt2",
                          own / "tests/data/models/qwen3", own / "apps/assets/tiny"}) {
    CAPTURE(dir.string());
    const auto files = open_model(dir);
    REQUIRE(files);
    const auto& config = (*files)->config;
    // Longer than a page of the cache and than a product takes at once, where the context allows.
    std::vector<token_id> tokens(std::min(config.context, 150u));
    for (std::size_t i = 0; i < tokens.size(); ++i)
      tokens[i] = static_cast<token_id>((i * 31 + 7) % config.vocab);

    auto whole = test::pipeline::load(dir, 1);
    const auto expected = numbers_of(whole, tokens, tokens.size());
    for (std::uint32_t cuts = 1; cuts <= config.layers; ++cuts) {
      CAPTURE(cuts);
      auto model = test::pipeline::load(dir, cuts);
      CHECK(same_bits(numbers_of(model, tokens, tokens.size()), expected));
    }
    for (const std::uint32_t threads : {1u, 2u, 3u}) {
      CAPTURE(threads);
      set_threads(threads);
      for (const std::size_t chunk : {1u, 3u, 17u, 64u}) {
        CAPTURE(chunk);
        CHECK(same_bits(numbers_of(whole, tokens, chunk), expected));
      }
    }
    set_threads(std::thread::hardware_concurrency());
    for (const auto& target : kernels::supported_targets()) {
      CAPTURE(target);
      REQUIRE(kernels::use_target(target));
      CHECK(same_bits(numbers_of(whole, tokens, 40), expected));
    }
    kernels::use_target(kernels::supported_targets().front());
  }
}

TEST_CASE("rounded keys, values and rows are as exact, and near the others") {
  const auto dir = fs::path(DCI_SOURCE_DIR) / "apps/assets/tiny";
  std::vector<token_id> tokens(70);
  for (std::size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = static_cast<token_id>((i * 31 + 7) % 2048);
  auto plain = test::pipeline::load(dir, 1);
  const auto precise = numbers_of(plain, tokens, tokens.size());
  for (const auto& options : {range_options{0, true, false}, range_options{0, false, true}}) {
    CAPTURE(options.half_rows);
    auto whole = test::pipeline::load(dir, 1, backend::native, options);
    const auto expected = numbers_of(whole, tokens, tokens.size());
    CHECK_FALSE(same_bits(expected, precise));
    double error = 0, size = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      error += std::pow(expected[i] - precise[i], 2);
      size += std::pow(precise[i], 2);
    }
    CHECK(std::sqrt(error / size) < 0.01);
    for (const std::uint32_t cuts : {2u, 3u, 6u}) {
      auto model = test::pipeline::load(dir, cuts, backend::native, options);
      for (const std::size_t chunk : {1u, 33u})
        CHECK(same_bits(numbers_of(model, tokens, chunk), expected));
    }
    for (const auto& target : kernels::supported_targets()) {
      CAPTURE(target);
      REQUIRE(kernels::use_target(target));
      CHECK(same_bits(numbers_of(whole, tokens, 40), expected));
    }
    kernels::use_target(kernels::supported_targets().front());
  }
}

TEST_CASE("rows that are rounded to F16 travel in half the bytes and lose nothing") {
  auto model = test::pipeline::load(fs::path(DCI_SOURCE_DIR) / "apps/assets/tiny", 2,
                                    backend::native, {0, false, true});
  const std::vector<token_id> tokens = {5, 6, 7};
  const auto rows = model.ranges[0]->forward(tokens, *model.caches[0]);
  REQUIRE(rows);
  const auto bytes = rows->to_bytes();
  CHECK(bytes.size() == rows->values().size() * 2);
  const auto back = activation::from_bytes(rows->rows(), rows->cols(), bytes);
  REQUIRE(back);
  CHECK(std::ranges::equal(back->values(), rows->values()));
  CHECK(back->to_bytes() == bytes);
}

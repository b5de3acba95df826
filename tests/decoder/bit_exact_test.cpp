// The native back end's promise: the same bits for every number of threads,
// every cut, every way of feeding the prompt and every set of instructions.
#include <doctest/doctest.h>

#include <algorithm>
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

// A model cut into ranges that run one after the other in this process.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "tensors/backend/backend.hpp"
#include "tensors/decoder/layer_range.hpp"
#include "tensors/decoder/sampling.hpp"

namespace dci::test {

// For tests that every back end must pass.
struct with_native {
  static constexpr auto kind = backend::native;
};
struct with_torch {
  static constexpr auto kind = backend::torch;
};

struct pipeline {
  std::vector<std::unique_ptr<layer_range>> ranges;
  std::vector<std::unique_ptr<kv_cache>> caches;

  /// Cuts the model into `count` ranges of nearly equal length.
  static pipeline load(const std::filesystem::path& dir, std::uint32_t count,
                       backend kind = backend::native, const range_options& options = {}) {
    const auto model = open_model(dir);
    REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
    const auto layers = (*model)->config.layers;
    pipeline out;
    for (std::uint32_t i = 0; i < count; ++i) {
      auto range =
          load_range(kind, *model, {i * layers / count, (i + 1) * layers / count}, options);
      REQUIRE_MESSAGE(range, (range ? "" : range.error().message));
      out.ranges.push_back(std::move(*range));
    }
    out.reset();
    return out;
  }

  void reset(std::uint32_t positions = 1 << 20) {
    caches.clear();
    for (const auto& range : ranges)
      caches.push_back(range->make_cache(positions).value());
  }

  /// The last range's rows for the next tokens.
  expected<activation> forward(std::span<const token_id> tokens) {
    DCI_ASSIGN(auto x, ranges.front()->forward(tokens, *caches.front()));
    for (std::size_t i = 1; i < ranges.size(); ++i) {
      DCI_ASSIGN(x, ranges[i]->forward(x, *caches[i]));
    }
    return x;
  }

  /// The logits after these tokens.
  expected<std::vector<float>> step(std::span<const token_id> tokens) {
    DCI_ASSIGN(const auto x, forward(tokens));
    return ranges.back()->logits(x, x.rows() - 1);
  }
};

/// Logits after the prompt, fed in chunks of at most `chunk` tokens, and the
/// greedy continuation.
struct generation {
  std::vector<float> prompt_logits;
  std::vector<token_id> ids;
};

inline generation generate(pipeline& model, std::span<const token_id> prompt, std::size_t count,
                           std::size_t chunk) {
  model.reset();
  std::vector<float> logits;
  const auto feed = [&](std::span<const token_id> tokens) {
    auto next = model.step(tokens);
    REQUIRE_MESSAGE(next, (next ? "" : next.error().message));
    logits = std::move(*next);
  };
  for (std::size_t at = 0; at < prompt.size(); at += chunk)
    feed(prompt.subspan(at, std::min(chunk, prompt.size() - at)));
  generation out{logits, {}};
  while (true) {
    const auto next = sample(logits, {}, {}, 0);
    REQUIRE(next);
    out.ids.push_back(*next);
    if (out.ids.size() == count)
      return out;
    feed({&*next, 1});
  }
}

} // namespace dci::test

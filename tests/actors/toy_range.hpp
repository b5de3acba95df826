// A model that needs no weights: whole numbers below 97, so that results are
// exact however a prompt is cut.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "tensors/decoder/layer_range.hpp"

namespace dci::test {

constexpr std::uint32_t toy_vocab = 97;
constexpr std::uint32_t toy_context = 64;

/// Block b maps row x at position p to 31 x + 7 s + b + p (mod 97), s being the
/// sum of all earlier inputs of the block; an activation is [rows, 2]: x and p.
class toy_range : public layer_range {
 public:
  toy_range(layer_span layers, std::uint32_t model_layers) {
    info_.layers = layers;
    info_.model_layers = model_layers;
    info_.hidden = 2;
    info_.vocab = toy_vocab;
    info_.context = toy_context;
  }

  /// From this position on, forward fails with not_finite.
  std::optional<std::uint32_t> fails_at;
  /// Rows of each session's part of a forward, in order.
  mutable std::vector<std::uint32_t> forwards;
  /// Sessions of each forward, in order.
  mutable std::vector<std::uint32_t> batches;

  const range_info& info() const override {
    return info_;
  }
  /// What a session may find computed of its prompt already.
  std::uint32_t known = 0;
  /// Positions that all sessions together may have.
  std::uint32_t room = ~0u;

  expected<std::unique_ptr<kv_cache>> make_cache(std::uint32_t positions,
                                                 std::span<const token_id> prompt) const override {
    if (positions > room - *promised)
      return fail(errc::busy, "toy has no room");
    auto made = std::make_unique<cache>(positions, info_.layers.count(), promised);
    const auto found = std::min<std::size_t>(known, prompt.size() > 0 ? prompt.size() - 1 : 0);
    if (found > 0) {
      // Only a whole model knows what its first block is given.
      std::vector<float> x(prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(found));
      for (std::uint32_t block = 0; block < info_.layers.first; ++block)
        x = through_block(std::move(x), block);
      (void)run(std::move(x), *made);
      forwards.pop_back();
    }
    return made;
  }
  std::vector<expected<activation>>
  forward_batch(std::span<const range_input> inputs) const override {
    std::vector<expected<activation>> out;
    batches.push_back(static_cast<std::uint32_t>(inputs.size()));
    for (const auto& input : inputs)
      out.push_back(forward_one(input));
    return out;
  }
  std::vector<expected<std::vector<float>>>
  logits_batch(std::span<const logits_input> rows) const override {
    std::vector<expected<std::vector<float>>> out;
    for (const auto& one : rows)
      out.push_back(logits_of(*one.output, one.row));
    return out;
  }

 private:
  expected<activation> forward_one(const range_input& input) const {
    std::vector<float> x;
    if (info_.is_first()) {
      x.assign(input.tokens.begin(), input.tokens.end());
      return run(std::move(x), *input.cache);
    }
    for (std::uint32_t row = 0; row < input.rows.rows(); ++row) {
      if (input.rows.row(row)[1] != static_cast<float>(input.cache->length() + row))
        return fail(errc::bad_message, "a row of another position came");
      x.push_back(input.rows.row(row)[0]);
    }
    return run(std::move(x), *input.cache);
  }
  /// The highest is at x; twice as far means twice as low.
  static std::vector<float> logits_of(const activation& output, std::uint32_t row) {
    std::vector<float> out(toy_vocab);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = -std::abs(static_cast<float>(i) - output.row(row)[0]);
    return out;
  }

  struct cache : kv_cache {
    cache(std::uint32_t positions, std::uint32_t blocks, std::shared_ptr<std::uint32_t> all)
        : room(positions), inputs(blocks), promised(std::move(all)) {
      *promised += room;
    }
    ~cache() override {
      *promised -= room;
    }
    std::uint32_t length() const override {
      return static_cast<std::uint32_t>(inputs.front().size());
    }
    std::uint32_t capacity() const override {
      return room;
    }
    void truncate(std::uint32_t length) override {
      for (auto& block : inputs)
        block.resize(std::min<std::size_t>(length, block.size()));
    }
    std::uint32_t room;
    std::vector<std::vector<std::uint32_t>> inputs; // of each block
    std::shared_ptr<std::uint32_t> promised;
  };

  static std::uint32_t block_value(std::uint32_t value, std::uint32_t before, std::uint32_t block,
                                   std::uint32_t position) {
    return (31 * value + 7 * before + block + position) % toy_vocab;
  }
  static std::vector<float> through_block(std::vector<float> x, std::uint32_t block) {
    std::uint32_t before = 0;
    for (std::uint32_t p = 0; p < x.size(); ++p) {
      const auto value = static_cast<std::uint32_t>(x[p]);
      x[p] = static_cast<float>(block_value(value, before, block, p));
      before = (before + value) % toy_vocab;
    }
    return x;
  }

  expected<activation> run(std::vector<float> x, kv_cache& held) const {
    auto& own = dynamic_cast<cache&>(held);
    const auto first = own.length();
    const auto rows = static_cast<std::uint32_t>(x.size());
    if (first + rows > own.room)
      return fail(errc::context_full, "no room");
    if (fails_at && first + rows > *fails_at)
      return fail(errc::not_finite, "toy failed at position " + std::to_string(*fails_at));
    forwards.push_back(rows);
    std::vector<float> out;
    for (std::uint32_t row = 0; row < rows; ++row) {
      auto value = static_cast<std::uint32_t>(x[row]);
      for (std::uint32_t block = 0; block < own.inputs.size(); ++block) {
        auto& inputs = own.inputs[block];
        const auto before = std::accumulate(inputs.begin(), inputs.end(), 0u) % toy_vocab;
        inputs.push_back(value);
        value = block_value(value, before, info_.layers.first + block, first + row);
      }
      out.push_back(static_cast<float>(value));
      out.push_back(static_cast<float>(first + row));
    }
    return activation::own(rows, 2, std::move(out));
  }

  range_info info_;
  std::shared_ptr<std::uint32_t> promised = std::make_shared<std::uint32_t>(0);
};

} // namespace dci::test

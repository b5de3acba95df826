// A model that needs no weights: whole numbers below 97, so that results are
// exact however a prompt is cut.
#pragma once

#include <memory>
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
  /// Rows of each forward, in order.
  mutable std::vector<std::uint32_t> forwards;

  const range_info& info() const override {
    return info_;
  }
  std::unique_ptr<kv_cache> make_cache(std::uint32_t positions) const override {
    return std::make_unique<cache>(positions, info_.layers.count());
  }
  expected<activation> forward(std::span<const token_id> tokens, kv_cache& held) const override {
    std::vector<float> x(tokens.begin(), tokens.end());
    return run(std::move(x), held);
  }
  expected<activation> forward(const activation& input, kv_cache& held) const override {
    std::vector<float> x;
    for (std::uint32_t row = 0; row < input.rows(); ++row) {
      if (input.row(row)[1] != static_cast<float>(held.length() + row))
        return fail(errc::bad_message, "a row of another position came");
      x.push_back(input.row(row)[0]);
    }
    return run(std::move(x), held);
  }
  /// The highest is at x; twice as far means twice as low.
  expected<std::vector<float>> logits(const activation& output, std::uint32_t row) const override {
    std::vector<float> out(toy_vocab);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = -std::abs(static_cast<float>(i) - output.row(row)[0]);
    return out;
  }

 private:
  struct cache : kv_cache {
    cache(std::uint32_t positions, std::uint32_t blocks) : room(positions), sums(blocks) {
    }
    std::uint32_t length() const override {
      return held;
    }
    std::uint32_t capacity() const override {
      return room;
    }
    std::uint32_t room;
    std::uint32_t held = 0;
    std::vector<std::uint32_t> sums;
  };

  expected<activation> run(std::vector<float> x, kv_cache& held) const {
    auto& own = dynamic_cast<cache&>(held);
    const auto rows = static_cast<std::uint32_t>(x.size());
    if (own.held + rows > own.room)
      return fail(errc::context_full, "no room");
    if (fails_at && own.held + rows > *fails_at)
      return fail(errc::not_finite, "toy failed at position " + std::to_string(*fails_at));
    forwards.push_back(rows);
    std::vector<float> out;
    for (std::uint32_t row = 0; row < rows; ++row) {
      auto value = static_cast<std::uint32_t>(x[row]);
      for (std::uint32_t block = 0; block < own.sums.size(); ++block) {
        const auto before = own.sums[block];
        own.sums[block] = (before + value) % toy_vocab;
        value = (31 * value + 7 * before + info_.layers.first + block + own.held + row) % toy_vocab;
      }
      out.push_back(static_cast<float>(value));
      out.push_back(static_cast<float>(own.held + row));
    }
    own.held += rows;
    return activation::own(rows, 2, std::move(out));
  }

  range_info info_;
};

} // namespace dci::test

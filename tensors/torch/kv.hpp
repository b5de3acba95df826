// Keys and values as tensors that grow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/ATen.h>

#include "tensors/decoder/kv_budget.hpp"
#include "tensors/decoder/layer_range.hpp"

namespace dci {

/// The keys and values of one block: [kv_heads, room, head_dim] each, of which
/// the first length() positions of the cache are filled.
struct kv_block {
  at::Tensor keys;
  at::Tensor values;
};

class torch_kv_cache final : public kv_cache {
 public:
  torch_kv_cache(const layer_range* owner, std::unique_ptr<kv_promise> promise,
                 std::uint32_t blocks, std::int64_t kv_heads, std::int64_t head_dim,
                 std::uint32_t capacity);

  std::uint32_t length() const override {
    return length_;
  }
  std::uint32_t capacity() const override {
    return capacity_;
  }
  void truncate(std::uint32_t length) override {
    length_ = std::min(length, length_);
  }
  /// The range that made it.
  const layer_range* owner() const {
    return owner_;
  }

  /// Writes one block's keys and values [kv_heads, n, head_dim] of the n
  /// positions that follow, making room by doubling. Returns those of all
  /// positions so far, [kv_heads, length() + n, head_dim].
  kv_block append(std::uint32_t block, const at::Tensor& keys, const at::Tensor& values);
  /// One block's values, those of a forward in progress included.
  const at::Tensor& values(std::uint32_t block) const {
    return blocks_[block].values;
  }
  /// Counts the n positions once every block has them: after a forward that
  /// failed half-way the cache is as it was.
  void commit(std::uint32_t n) {
    length_ += n;
  }

 private:
  const layer_range* owner_;
  std::unique_ptr<kv_promise> promise_;
  std::vector<kv_block> blocks_;
  std::int64_t kv_heads_;
  std::int64_t head_dim_;
  std::uint32_t capacity_;
  std::uint32_t length_ = 0;
};

} // namespace dci

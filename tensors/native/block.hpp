// One decoder block on our own kernels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensors/files/model_config.hpp"
#include "tensors/kernels/elementwise.hpp"
#include "tensors/native/kv.hpp"
#include "tensors/native/linear.hpp"

namespace dci {

/// A norm's weights; a layer norm has a bias, an RMS norm has none.
struct native_norm {
  std::vector<float> weight;
  std::vector<float> bias;
  float eps = 0;

  bool empty() const {
    return weight.empty();
  }
  std::uint64_t bytes() const {
    return (weight.size() + bias.size()) * sizeof(float);
  }
  /// out may be x.
  void apply(const float* x, float* out) const {
    if (bias.empty())
      kernels::rms_norm(x, weight.data(), weight.size(), eps, out);
    else
      kernels::layer_norm(x, weight.data(), bias.data(), weight.size(), eps, out);
  }
};

/// What a block's arithmetic depends on besides its weights.
struct block_shape {
  std::uint32_t heads = 0;
  std::uint32_t kv_heads = 0;
  std::uint32_t head_dim = 0;
  std::uint32_t window = 0; ///< positions seen; 0 for all
  float scale = 1;          ///< of scores
  bool rotary = true;
  bool half_rows = false; ///< rows that leave the block are rounded to F16
  kernels::nonlinearity activation = kernels::nonlinearity::silu;
};

/// Rows of a forward that belong to one session and follow one another.
struct session_rows {
  native_kv_cache* cache = nullptr; ///< with pages for all of them
  std::uint32_t first = 0;          ///< row
  std::uint32_t count = 0;
  std::uint32_t position = 0; ///< of the first row
};

/// Queries of one key/value head of one session that go through its keys together.
struct attention_item {
  std::uint32_t session = 0; ///< index of its rows
  std::uint32_t kv_head = 0;
  std::uint32_t begin = 0, end = 0; ///< count the queries of all rows: row by row, head by head
};

/// What the blocks of one forward share. The rows are in memory.x.
struct native_step {
  workspace* memory = nullptr;
  thread_team* team = nullptr;
  std::uint32_t rows = 0;
  std::span<const session_rows> sessions;
  std::span<const attention_item> items;
};

/// How attention is dealt out to so many threads.
std::vector<attention_item> attention_items(std::span<const session_rows> sessions,
                                            const block_shape& shape, std::uint32_t threads);

/// Norms the rows of memory.x into memory.normed, and makes them the operand of
/// products. Every thread calls it with its number.
operand normed(workspace& memory, thread_team& team, std::uint32_t rows, const native_norm& norm,
               std::span<const product> products, std::uint32_t thread);

/// Attention and a feed-forward, each behind a norm and added to the rows. With
/// a gate the feed-forward is down(f(gate x) * up x), without one down(f(up x)).
class native_block {
 public:
  block_shape shape;
  native_norm attention_norm, ffn_norm;
  native_norm q_norm, k_norm; ///< of every head; empty where there is none
  native_linear q, k, v, o;
  native_linear gate; ///< empty where there is none
  native_linear up, down;

  std::uint64_t bytes() const;
  /// Every thread of the team calls it with its number. Rows in, rows out; their
  /// keys and values go to block `slot` of their caches. What is not finite is noted
  /// in memory.bad_row, seen alike by all threads on return.
  void forward(const native_step& step, std::uint32_t slot, std::uint32_t thread) const;

 private:
  void place_heads(const native_step& step, std::uint32_t slot, std::uint32_t thread) const;
  void attend(const native_step& step, std::uint32_t slot, std::uint32_t thread) const;
  void add_to_rows(const native_step& step, const native_linear& linear, row_buffer& input,
                   std::uint32_t thread, bool leaves) const;
};

/// Notes a row with a number that is not finite.
void note_bad_row(workspace& memory, std::uint32_t row);

} // namespace dci

// The unit of execution: a contiguous range of a model's blocks. Back ends
// implement this interface and nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/layers.hpp"
#include "tensors/decoder/activation.hpp"

namespace dci {

struct model_files;

/// The keys and values of one session in one range. Made by the range that
/// uses it; positions are appended by a forward.
class kv_cache {
 public:
  virtual ~kv_cache() = default;
  /// Positions held so far; the next forward starts at this position.
  virtual std::uint32_t length() const = 0;
  /// The most positions it can hold.
  virtual std::uint32_t capacity() const = 0;
  /// Forgets all positions from `length` on, at most length() of them.
  virtual void truncate(std::uint32_t length) = 0;
};

/// What one session gives to a forward.
struct range_input {
  kv_cache* cache = nullptr;
  /// The ids of the next positions. Any range but the first only keeps them, to
  /// know positions again in another session (see make_cache); may be empty there.
  std::span<const token_id> tokens;
  /// Any range but the first: [n, hidden], the previous range's output.
  activation rows;
};

/// One row of a range's output whose logits are wanted.
struct logits_input {
  const activation* output = nullptr;
  std::uint32_t row = 0;
};

/// How a range is loaded.
struct range_options {
  /// Bytes for the keys and values of all sessions together; 0: no limit.
  std::uint64_t kv_memory = 0;
  /// Keys and values are rounded to F16: half the memory. Native only.
  bool half_kv = false;
  /// Rows are rounded to F16 after every block, wherever the model is cut, so that
  /// they travel in half the bytes.
  bool half_rows = false;
};

/// What a range is and costs.
struct range_info {
  layer_span layers;
  std::uint32_t model_layers = 0; ///< blocks in the whole model
  std::uint32_t hidden = 0;       ///< columns of an activation
  std::uint32_t vocab = 0;        ///< logits of the last range
  std::uint32_t context = 0;      ///< positions the model was made for
  std::uint64_t weight_bytes = 0; ///< weights in memory
  std::uint64_t kv_bytes_per_position = 0;
  bool half_rows = false; ///< rows are rounded to F16 after every block

  bool is_first() const {
    return layers.first == 0;
  }
  bool is_last() const {
    return layers.last == model_layers;
  }
};

/// Blocks [first, last) of one model with their weights; the first range also
/// holds the embedding, the last one the final norm and the head. Const calls
/// on different caches may run in parallel.
class layer_range {
 public:
  virtual ~layer_range() = default;

  virtual const range_info& info() const = 0;

  /// Room for max_positions positions of one session, at most the model's context:
  /// promised now, taken as it fills. Where another session has put the first
  /// tokens of the prompt through this range, the cache may begin with their
  /// positions, but never with all of the prompt's. Errors: context_full when it
  /// exceeds the budget alone, busy when others hold too much of it.
  virtual expected<std::unique_ptr<kv_cache>>
  make_cache(std::uint32_t max_positions, std::span<const token_id> prompt = {}) const = 0;

  /// Runs the next positions of several sessions together, each with a cache of
  /// its own. Returns [n, hidden] for each. The company changes no number of the
  /// native back end. Errors, each for its session alone, whose cache is then as it
  /// was before: first range: bad_request for an id outside the vocabulary or none;
  /// others: bad_message for a wrong shape; context_full when the cache has no
  /// room; not_finite; internal for a cache that is another range's or comes twice.
  virtual std::vector<expected<activation>>
  forward_batch(std::span<const range_input> inputs) const = 0;

  /// A forward is about to come: wakes what sleeps meanwhile. Changes nothing else.
  virtual void expect_forward() const {
  }

  /// Last range only. The vocabulary's logits for rows of its own outputs. Errors:
  /// bad_request for any other range or no such row, not_finite.
  virtual std::vector<expected<std::vector<float>>>
  logits_batch(std::span<const logits_input> rows) const = 0;

  /// One session alone; tokens for the first range, rows for any other.
  expected<activation> forward(std::span<const token_id> tokens, kv_cache& cache) const;
  expected<activation> forward(const activation& input, kv_cache& cache) const;
  expected<std::vector<float>> logits(const activation& output, std::uint32_t row) const;
};

/// Told the share of the weights read so far, in [0, 1].
using progress_fn = std::function<void(double)>;

} // namespace dci

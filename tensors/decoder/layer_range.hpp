// The unit of execution: a contiguous range of a model's blocks. Back ends (the
// LibTorch operators today) implement this interface and nothing else.
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
/// uses it; positions are appended by forward().
class kv_cache {
 public:
  virtual ~kv_cache() = default;
  /// Positions held so far; the next forward starts at this position.
  virtual std::uint32_t length() const = 0;
  /// The most positions it can hold.
  virtual std::uint32_t capacity() const = 0;
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

  /// Room for max_positions positions of one session, at most the model's
  /// context, taken as it fills.
  virtual std::unique_ptr<kv_cache> make_cache(std::uint32_t max_positions) const = 0;

  /// First range only. tokens: the ids of the next positions. Returns
  /// [tokens.size(), hidden]. Errors: bad_request for an id outside the
  /// vocabulary or a range that is not the first, context_full when the cache
  /// has no room, not_finite.
  virtual expected<activation> forward(std::span<const token_id> tokens, kv_cache& cache) const = 0;

  /// Any range but the first. input: [n, hidden], the previous range's output
  /// for the next n positions. Returns [n, hidden]. Errors: bad_message for a
  /// wrong shape, bad_request for the first range, context_full, not_finite. After
  /// an error of either forward the cache is as it was before.
  virtual expected<activation> forward(const activation& input, kv_cache& cache) const = 0;

  /// Last range only. The vocabulary's logits for one row [1, hidden] of its
  /// own output. Errors: bad_request for any other range, not_finite.
  virtual expected<std::vector<float>> logits(const activation& output,
                                              std::uint32_t row) const = 0;
};

/// Told the share of the weights read so far, in [0, 1].
using progress_fn = std::function<void(double)>;

} // namespace dci

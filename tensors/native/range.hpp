// A layer range on our own kernels.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "tensors/decoder/layer_range.hpp"
#include "tensors/native/block.hpp"
#include "tensors/native/embedding.hpp"

namespace dci {

/// The weights of a range.
struct native_weights {
  native_embedding embedding; ///< first range only
  std::vector<native_block> blocks;
  native_norm norm;   ///< last range only
  native_linear head; ///< last range only

  std::uint64_t bytes() const;
};

class native_range final : public layer_range {
 public:
  /// frequencies: of rotary positions, radians per position; none for learned ones.
  native_range(const model_config& config, layer_span layers, native_weights weights,
               std::vector<double> frequencies);

  const range_info& info() const override {
    return info_;
  }
  std::unique_ptr<kv_cache> make_cache(std::uint32_t max_positions) const override;
  expected<activation> forward(std::span<const token_id> tokens, kv_cache& cache) const override;
  expected<activation> forward(const activation& input, kv_cache& cache) const override;
  expected<std::vector<float>> logits(const activation& output, std::uint32_t row) const override;

 private:
  // Writes one row of the input, which stands at a position.
  using row_source = std::function<void(std::uint32_t row, std::uint32_t position, float* out)>;

  expected<activation> forward_rows(std::uint32_t rows, kv_cache& cache,
                                    const row_source& source) const;
  // The first row that is not finite, workspace::none if all are.
  std::uint32_t run_piece(thread_team& team, workspace& memory, native_kv_cache& cache,
                          std::uint32_t rows) const;

  range_info info_;
  compute_shape compute_;
  kv_shape pages_;
  native_weights weights_;
  std::vector<double> frequencies_;
};

} // namespace dci

// A layer range on our own kernels.
#pragma once

#include <memory>
#include <optional>
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
               std::vector<double> frequencies, const range_options& options);

  const range_info& info() const override {
    return info_;
  }
  expected<std::unique_ptr<kv_cache>> make_cache(std::uint32_t max_positions,
                                                 std::span<const token_id> prompt) const override;
  std::vector<expected<activation>>
  forward_batch(std::span<const range_input> inputs) const override;
  std::vector<expected<std::vector<float>>>
  logits_batch(std::span<const logits_input> rows) const override;
  void expect_forward() const override {
    expect_compute();
  }

 private:
  // What one session brings into a forward, and what it takes away.
  struct part {
    const range_input* input = nullptr;
    expected<activation>* answer = nullptr;
    native_kv_cache* cache = nullptr;
    std::uint32_t begin = 0; // the cache's length before
    std::uint32_t rows = 0;
    std::vector<float> out{};
  };
  struct bad_row {
    std::size_t part = 0;
    std::uint32_t position = 0;
  };

  // What is wrong with an input. Makes it a part if nothing is.
  result check(const range_input& input, part& out) const;
  // The first row that is not finite, if there is one.
  std::optional<bad_row> forward_parts(std::span<part> parts) const;
  void fill_rows(const part& from, std::uint32_t first, std::uint32_t count, float* out,
                 std::size_t stride) const;
  // The first row that is not finite, workspace::none if all are.
  std::uint32_t run_piece(thread_team& team, workspace& memory,
                          std::span<const session_rows> sessions) const;
  void logits_piece(std::span<const logits_input> rows, thread_team& team, workspace& memory) const;

  range_info info_;
  compute_shape compute_;
  native_weights weights_;
  std::vector<double> frequencies_;
  std::shared_ptr<kv_budget> budget_;
  std::shared_ptr<kv_pool> pool_;
};

} // namespace dci

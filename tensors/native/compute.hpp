// What all native ranges of a process share: its compute threads and their
// working memory. One forward runs at a time, on all threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "tensors/kernels/matmul.hpp"
#include "tensors/native/thread_team.hpp"

namespace dci {

/// Sizes of a model that working memory depends on.
struct compute_shape {
  std::uint32_t hidden = 0;
  std::uint32_t queries = 0; ///< heads * head_dim
  std::uint32_t keys = 0;    ///< kv_heads * head_dim
  std::uint32_t ffn = 0;
  std::uint32_t vocab = 0; ///< 0 where there is no head
  std::uint32_t head_dim = 0;

  /// The larger of each.
  compute_shape joined(const compute_shape& other) const;
  friend bool operator==(const compute_shape&, const compute_shape&) = default;
};

/// Rows of numbers, each beginning on a cache line, with room for whole panels.
class row_buffer {
 public:
  row_buffer() = default;
  row_buffer(std::uint32_t rows, std::uint32_t width)
      : stride_((width + kernels::panel_outputs - 1) / kernels::panel_outputs *
                kernels::panel_outputs),
        numbers_(std::size_t{rows} * stride_) {
  }
  float* row(std::uint32_t index) {
    return numbers_.data() + std::size_t{index} * stride_;
  }
  std::size_t stride() const {
    return stride_;
  }

 private:
  std::size_t stride_ = 0;
  kernels::aligned_array<float> numbers_;
};

/// Everything a forward of up to kernels::max_matmul_rows rows writes on its way.
struct workspace {
  workspace(const compute_shape& shape, std::uint32_t rows, std::uint32_t threads);

  compute_shape shape;
  std::uint32_t rows;
  row_buffer x;      ///< the rows on their way through the blocks
  row_buffer normed; ///< a row for each row, or with one row a copy for each thread
  row_buffer q, k, v, attended, gate, up, y, logits;
  kernels::byte_rows bytes; ///< of the operand of the product at hand, likewise
  row_buffer cosines, sines;
  row_buffer answers;                           ///< kernels::max_queries for each thread
  std::vector<kernels::matmul_scratch> scratch; ///< for each thread
  std::atomic<std::uint32_t> next_item = 0;     ///< work handed out one by one
  std::atomic<std::uint32_t> bad_row = none;    ///< the first that is not finite

  static constexpr std::uint32_t none = ~std::uint32_t{0};
  /// Rows whose logits are computed at once.
  static constexpr std::uint32_t most_logits = 16;
};

/// The threads are this caller's for as long as it lives.
class compute_lock {
 public:
  compute_lock();

  thread_team& team();
  /// Memory for such a model and so many rows; its contents are undefined.
  /// Throws std::bad_alloc.
  workspace& memory(const compute_shape& shape, std::uint32_t rows);

 private:
  std::unique_lock<std::mutex> lock_;
};

/// Wakes the threads that compute, since work for them is about to come.
void expect_compute();

/// Threads of this process that compute; at least 1. At first one a core.
void set_compute_threads(std::uint32_t count);

} // namespace dci

// The rows that travel between stages: a handle to a tensor inside a process,
// bytes between processes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/error.hpp"

namespace dci {

/// A [rows, cols] matrix of F32, row-major and contiguous: one row per
/// position, cols = the model's hidden size. Immutable and shared: copying the
/// handle copies no number. The data pointer keeps its owner alive, for
/// instance a LibTorch tensor.
class activation {
 public:
  activation() = default;

  /// Takes the numbers. values.size() must be rows * cols. half: F16 has all of them,
  /// so they travel as such.
  static activation own(std::uint32_t rows, std::uint32_t cols, std::vector<float> values,
                        bool half = false);
  /// Shares numbers somebody else owns; data must point to rows * cols floats.
  static activation adopt(std::uint32_t rows, std::uint32_t cols, std::shared_ptr<const float> data,
                          bool half = false);
  /// From the wire: little-endian F32, whose bytes are kept, not copied, or F16.
  /// Errors: bad_message when their count is neither rows * cols * 4 nor half of it.
  static expected<activation> from_bytes(std::uint32_t rows, std::uint32_t cols,
                                         std::vector<std::uint8_t> bytes);

  std::uint32_t rows() const {
    return rows_;
  }
  std::uint32_t cols() const {
    return cols_;
  }
  bool empty() const {
    return rows_ == 0;
  }
  std::span<const float> values() const {
    return {data_.get(), std::size_t{rows_} * cols_};
  }
  std::span<const float> row(std::uint32_t index) const {
    return values().subspan(std::size_t{index} * cols_, cols_);
  }
  const std::shared_ptr<const float>& data() const {
    return data_;
  }
  /// As they travel: little-endian F32, or F16 if that has all of them.
  std::vector<std::uint8_t> to_bytes() const;
  /// False when any number is infinite or not a number.
  bool finite() const;

 private:
  std::uint32_t rows_ = 0;
  std::uint32_t cols_ = 0;
  bool half_ = false;
  std::shared_ptr<const float> data_;
};

} // namespace dci

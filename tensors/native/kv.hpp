// Keys and values in pages of 32 positions.
#pragma once

#include <cstdint>
#include <vector>

#include "tensors/decoder/layer_range.hpp"
#include "tensors/kernels/aligned_buffer.hpp"
#include "tensors/kernels/attention.hpp"

namespace dci {

/// What one page of a range holds: [blocks][kv_heads] parts, each laid out as
/// kernels::page_layout says.
struct kv_shape {
  kernels::page_layout layout;
  std::uint32_t blocks = 0;
  std::uint32_t kv_heads = 0;

  std::size_t part(std::uint32_t block, std::uint32_t head) const {
    return (std::size_t{block} * kv_heads + head) * layout.head_bytes();
  }
  std::size_t bytes() const {
    return part(blocks, 0);
  }
};

class native_kv_cache final : public kv_cache {
 public:
  native_kv_cache(const layer_range* owner, const kv_shape& shape, std::uint32_t capacity)
      : owner_(owner), shape_(shape), capacity_(capacity) {
  }

  std::uint32_t length() const override {
    return length_;
  }
  std::uint32_t capacity() const override {
    return capacity_;
  }
  /// The range that made it.
  const layer_range* owner() const {
    return owner_;
  }

  const kernels::page_layout& layout() const {
    return shape_.layout;
  }

  /// Takes the pages for n more positions. Throws std::bad_alloc.
  void reserve(std::uint32_t n);
  /// One head's part of the page of a position, and the position's place in it.
  std::byte* page(std::uint32_t block, std::uint32_t head, std::uint32_t position) {
    return pages_[position / kernels::page_positions].data() + shape_.part(block, head);
  }
  /// One head's part of every page.
  void parts(std::uint32_t block, std::uint32_t head, std::vector<const std::byte*>& out) const;
  /// Counts the n positions that every block has written.
  void commit(std::uint32_t n) {
    length_ += n;
  }
  /// Forgets what comes after so many positions.
  void rewind(std::uint32_t length) {
    length_ = length;
  }

 private:
  const layer_range* owner_;
  kv_shape shape_;
  std::uint32_t capacity_;
  std::uint32_t length_ = 0;
  std::vector<kernels::aligned_buffer> pages_;
};

} // namespace dci

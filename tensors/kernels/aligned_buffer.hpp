// Zeroed memory for vectors.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace dci::kernels {

/// Bytes on a cache line's boundary, all zero at first; large ones in huge
/// pages where the system has them, and not touched before their first use.
class aligned_buffer {
 public:
  aligned_buffer() = default;
  /// Throws std::bad_alloc.
  explicit aligned_buffer(std::size_t bytes);
  aligned_buffer(aligned_buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {
  }
  aligned_buffer& operator=(aligned_buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~aligned_buffer();

  std::byte* data() {
    return data_;
  }
  const std::byte* data() const {
    return data_;
  }
  std::size_t size() const {
    return size_;
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Hands out parts of large buffers, so that small matrices lie in huge pages
/// too. A part keeps its buffer alive.
class buffer_arena {
 public:
  /// Zeroed, on a cache line's boundary. Throws std::bad_alloc.
  std::shared_ptr<std::byte> take(std::size_t bytes);

 private:
  std::shared_ptr<aligned_buffer> chunk_;
  std::size_t used_ = 0;
};

/// The same as numbers.
template <class T>
class aligned_array {
 public:
  aligned_array() = default;
  explicit aligned_array(std::size_t count) : bytes_(count * sizeof(T)) {
  }
  T* data() {
    return reinterpret_cast<T*>(bytes_.data());
  }
  const T* data() const {
    return reinterpret_cast<const T*>(bytes_.data());
  }
  std::size_t size() const {
    return bytes_.size() / sizeof(T);
  }

 private:
  aligned_buffer bytes_;
};

} // namespace dci::kernels

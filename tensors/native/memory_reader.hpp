// How fast this machine reads memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensors/kernels/aligned_buffer.hpp"

namespace dci {

/// Memory that is there to be read: it should be far larger than the caches.
class memory_reader {
 public:
  /// Rounded down to whole pages of 4 KiB. Throws std::bad_alloc.
  explicit memory_reader(std::size_t bytes);

  /// 10^9 bytes per second that so many threads read together, all of it once.
  double gb_per_s(std::uint32_t threads) const;

 private:
  std::size_t bytes_;
  kernels::aligned_buffer memory_;
};

} // namespace dci

#include "tensors/kernels/aligned_buffer.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace dci::kernels {

namespace {

constexpr std::size_t cache_line = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20;

// Mapped, not touched: what is not handed out costs no memory.
constexpr std::size_t chunk_bytes = std::size_t{256} << 20;

constexpr std::size_t round_up(std::size_t bytes, std::size_t to) {
  return (bytes + to - 1) / to * to;
}

// Fresh pages are zero without being written. A huge page's worth more is
// mapped, so that the start can be moved to a huge page's boundary.
std::byte* map_large(std::size_t bytes) {
  const auto wanted = round_up(bytes, huge_page);
  void* const mapped = ::mmap(nullptr, wanted + huge_page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(mapped);
  const auto address = reinterpret_cast<std::uintptr_t>(mapped);
  const auto before = round_up(address, huge_page) - address;
  if (before > 0)
    ::munmap(begin, before);
  if (before < huge_page)
    ::munmap(begin + before + wanted, huge_page - before);
  // Advice: without huge pages it only costs speed.
  ::madvise(begin + before, wanted, MADV_HUGEPAGE);
  return begin + before;
}

} // namespace

aligned_buffer::aligned_buffer(std::size_t bytes) : size_(bytes) {
  if (bytes >= huge_page) {
    data_ = map_large(bytes);
    return;
  }
  const auto rounded = round_up(bytes == 0 ? 1 : bytes, cache_line);
  data_ = static_cast<std::byte*>(std::aligned_alloc(cache_line, rounded));
  if (data_ == nullptr)
    throw std::bad_alloc();
  std::memset(data_, 0, rounded);
}

aligned_buffer::~aligned_buffer() {
  if (size_ >= huge_page)
    ::munmap(data_, round_up(size_, huge_page));
  else
    std::free(data_);
}

std::shared_ptr<std::byte> buffer_arena::take(std::size_t bytes) {
  const auto rounded = round_up(bytes, cache_line);
  if (!chunk_ || chunk_->size() - used_ < rounded) {
    chunk_ = std::make_shared<aligned_buffer>(rounded < chunk_bytes ? chunk_bytes : rounded);
    used_ = 0;
  }
  auto* const begin = chunk_->data() + used_;
  used_ += rounded;
  return {chunk_, begin};
}

} // namespace dci::kernels

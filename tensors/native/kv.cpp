#include "tensors/native/kv.hpp"

namespace dci {

void native_kv_cache::reserve(std::uint32_t n) {
  const auto pages = (length_ + n + kernels::page_positions - 1) / kernels::page_positions;
  while (pages_.size() < pages)
    pages_.emplace_back(shape_.bytes());
}

void native_kv_cache::parts(std::uint32_t block, std::uint32_t head,
                            std::vector<const std::byte*>& out) const {
  out.clear();
  for (const auto& page : pages_)
    out.push_back(page.data() + shape_.part(block, head));
}

} // namespace dci

#include "tensors/native/kv.hpp"

#include <algorithm>

namespace dci {

namespace {

constexpr auto page_size = kernels::page_positions;

} // namespace

native_kv_cache::native_kv_cache(const layer_range* owner, std::shared_ptr<kv_pool> pool,
                                 std::unique_ptr<kv_promise> promise, std::uint32_t capacity,
                                 std::span<const token_id> prompt)
    : owner_(owner), pool_(std::move(pool)), promise_(std::move(promise)), capacity_(capacity) {
  const auto most = std::min<std::size_t>(prompt.size(), capacity);
  while (length_ + page_size < most) {
    const auto next = prompt.subspan(length_, page_size);
    tokens_.insert(tokens_.end(), next.begin(), next.end());
    auto* const known = pool_->find(key_of(pages_.size()));
    if (known == nullptr) {
      tokens_.resize(length_);
      return;
    }
    pages_.push_back(known);
    length_ += page_size;
  }
}

native_kv_cache::~native_kv_cache() {
  truncate(0);
}

// The last page goes first: without it the earlier ones are of use, not the other way round.
void native_kv_cache::truncate(std::uint32_t length) {
  length_ = std::min(length, length_);
  while (pages_.size() > (length_ + page_size - 1) / page_size) {
    pool_->drop(pages_.back());
    pages_.pop_back();
  }
  tokens_.resize(std::min<std::size_t>(tokens_.size(), length_));
}

void native_kv_cache::reserve(std::uint32_t n) {
  // A page that others know stays as it is; this session goes on in a copy.
  if (length_ % page_size != 0 && pages_[length_ / page_size]->is_known()) {
    auto& page = pages_[length_ / page_size];
    auto* const copy = pool_->take();
    std::copy_n(page->bytes.data(), pool_->shape().page_bytes(), copy->bytes.data());
    pool_->drop(page);
    page = copy;
  }
  const auto wanted = (length_ + n + page_size - 1) / page_size;
  pages_.reserve(wanted);
  while (pages_.size() < wanted)
    pages_.push_back(pool_->take());
}

void native_kv_cache::parts(std::uint32_t block, std::uint32_t head,
                            std::vector<const std::byte*>& out) const {
  out.clear();
  for (const auto* page : pages_)
    out.push_back(page->bytes.data() + pool_->shape().part(block, head));
}

void native_kv_cache::commit(std::uint32_t n, std::span<const token_id> tokens) {
  const auto first = length_ / page_size;
  if (tokens.size() == n && tokens_.size() == length_)
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  length_ += n;
  for (std::size_t page = first; (page + 1) * page_size <= tokens_.size(); ++page)
    pages_[page] = pool_->publish(pages_[page], key_of(page));
}

kv_page_key native_kv_cache::key_of(std::size_t page) const {
  kv_page_key out;
  out.before = page == 0 ? 0 : pages_[page - 1]->number;
  std::copy_n(tokens_.begin() + static_cast<std::ptrdiff_t>(page * page_size), page_size,
              out.tokens.begin());
  return out;
}

} // namespace dci

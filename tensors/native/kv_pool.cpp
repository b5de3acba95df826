#include "tensors/native/kv_pool.hpp"

namespace dci {

// FNV-1a. Keys are compared whole, so a clash costs time and nothing else.
std::size_t kv_pool::key_hash::operator()(const kv_page_key& key) const noexcept {
  std::uint64_t out = 0xcbf29ce484222325u ^ key.before;
  for (const auto token : key.tokens)
    out = (out ^ static_cast<std::uint32_t>(token)) * 0x100000001b3u;
  return out;
}

kv_page* kv_pool::take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty() && all_.size() >= most_pages_ && !unused_.empty())
    forget(unused_.front());
  if (free_.empty()) {
    auto made = std::make_unique<kv_page>();
    made->bytes = kernels::aligned_buffer(shape_.page_bytes());
    free_.reserve(all_.size() + 1);
    all_.push_back(std::move(made));
    free_.push_back(all_.back().get());
  }
  auto* const page = free_.back();
  free_.pop_back();
  page->users = 1;
  return page;
}

void kv_pool::drop(kv_page* page) {
  const std::lock_guard lock(mutex_);
  if (--page->users > 0)
    return;
  if (!page->is_known()) {
    free_.push_back(page);
    return;
  }
  page->place = unused_.insert(unused_.end(), page);
  if (most_pages_ == 0)
    forget(page);
}

kv_page* kv_pool::find(const kv_page_key& key) {
  const std::lock_guard lock(mutex_);
  const auto it = known_.find(key);
  if (it == known_.end())
    return nullptr;
  auto* const page = it->second;
  if (page->users++ == 0)
    unused_.erase(page->place);
  return page;
}

kv_page* kv_pool::publish(kv_page* page, const kv_page_key& key) {
  const std::lock_guard lock(mutex_);
  const auto [it, is_new] = known_.try_emplace(key, page);
  if (is_new) {
    page->number = ++last_number_;
    page->key = key;
    return page;
  }
  auto* const twin = it->second;
  if (twin->users++ == 0)
    unused_.erase(twin->place);
  page->users = 0;
  free_.push_back(page);
  return twin;
}

void kv_pool::forget(kv_page* page) {
  unused_.erase(page->place);
  known_.erase(page->key);
  page->number = 0;
  free_.push_back(page);
}

} // namespace dci

#include "actors/membership/news_queue.hpp"

#include <algorithm>

#include "actors/packed_size.hpp"

namespace dci {

namespace {

// Whether the second says all that the first does.
bool makes_old(const news& old, const news& fresh) {
  if (subject_of(old) != subject_of(fresh))
    return false;
  if (const auto* accusation = std::get_if<suspicion>(&fresh)) {
    const auto* before = std::get_if<suspicion>(&old);
    return before != nullptr && before->accuser == accusation->accuser;
  }
  return true;
}

} // namespace

const node_id& subject_of(const news& item) {
  if (const auto* p = std::get_if<presence_ptr>(&item))
    return (*p)->node.id;
  if (const auto* s = std::get_if<suspicion>(&item))
    return s->suspect;
  return std::get<std::shared_ptr<const death>>(item)->accusations.front().suspect;
}

void news_queue::add(news fresh) {
  std::erase_if(items_, [&](const item& old) { return makes_old(old.what, fresh); });
  const auto bytes = static_cast<std::uint32_t>(packed_size(fresh));
  items_.push_back({std::move(fresh), bytes, 0});
}

std::vector<news> news_queue::take(std::size_t bytes, std::uint32_t repeats) {
  std::ranges::stable_sort(items_, {}, &item::passed_on);
  std::vector<news> out;
  for (auto& one : items_) {
    if (one.bytes > bytes)
      continue;
    bytes -= one.bytes;
    out.push_back(one.what);
    ++one.passed_on;
  }
  std::erase_if(items_, [&](const item& one) { return one.passed_on >= repeats; });
  return out;
}

} // namespace dci

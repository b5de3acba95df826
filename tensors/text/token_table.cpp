#include "tensors/text/token_table.hpp"

#include <algorithm>
#include <bit>
#include <functional>

namespace dci::text {

token_table::token_table(std::string buffer, std::vector<token_entry> entries)
    : buffer_(std::move(buffer)), entries_(std::move(entries)), clash_(entries_.size()) {
  token_id largest = -1;
  for (const token_entry& e : entries_)
    largest = std::max(largest, e.id);
  by_id_.resize(slot(largest + 1));
  by_text_.resize(std::bit_ceil(entries_.size() * 2 + 2));
  const std::size_t mask = by_text_.size() - 1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const token_entry& e = entries_[i];
    std::size_t at = std::hash<std::string_view>{}(text_of(e)) & mask;
    while (by_text_[at] != 0 && text_of(entries_[by_text_[at] - 1]) != text_of(e))
      at = (at + 1) & mask;
    if (by_text_[at] != 0 || by_id_[slot(e.id)] != 0) {
      clash_ = std::min(clash_, i);
      continue;
    }
    by_text_[at] = by_id_[slot(e.id)] = static_cast<std::uint32_t>(i + 1);
  }
}

token_id token_table::find(std::string_view text) const {
  if (by_text_.empty())
    return -1;
  const std::size_t mask = by_text_.size() - 1;
  std::size_t at = std::hash<std::string_view>{}(text)&mask;
  while (by_text_[at] != 0) {
    const token_entry& e = entries_[by_text_[at] - 1];
    if (text_of(e) == text)
      return e.id;
    at = (at + 1) & mask;
  }
  return -1;
}

std::string_view token_table::text_of(token_id id) const {
  return known(id) ? text_of(entries_[by_id_[slot(id)] - 1]) : std::string_view();
}

} // namespace dci::text

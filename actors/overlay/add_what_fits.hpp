// Answers that are no longer than their questions.
#pragma once

#include <optional>
#include <vector>

#include "actors/packed_size.hpp"

namespace dci {

/// One item or none.
template <class Item>
std::vector<Item> listed(const std::optional<Item>& item) {
  return item ? std::vector<Item>{*item} : std::vector<Item>{};
}

/// Adds items to a list of the answer, in their order, while its packed size is `most` at most.
template <class Answer, class Item>
void add_what_fits(const Answer& answer, std::vector<Item>& list, const std::vector<Item>& items,
                   std::size_t most) {
  for (const auto& one : items) {
    list.push_back(one);
    if (packed_size(answer) > most) {
      list.pop_back();
      return;
    }
  }
}

} // namespace dci

#include "tensors/text/merge_table.hpp"

#include <bit>

namespace dci::text {

merge_table::merge_table(std::size_t count)
    : slots_(std::bit_ceil(count * 2 + 2)), mask_(slots_.size() - 1) {
}

void merge_table::put(token_id left, token_id right, merge_rule rule) {
  std::size_t at = start(key(left, right));
  while (slots_[at].key != free_key && slots_[at].key != key(left, right))
    at = (at + 1) & mask_;
  if (slots_[at].key == free_key)
    ++used_;
  slots_[at] = {key(left, right), rule};
}

} // namespace dci::text

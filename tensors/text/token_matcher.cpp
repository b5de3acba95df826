#include "tensors/text/token_matcher.hpp"

#include <algorithm>

namespace dci::text {

void token_matcher::add(std::string text, std::size_t value) {
  starts_[static_cast<unsigned char>(text[0])] = true;
  words_.push_back({std::move(text), value});
}

void token_matcher::finish() {
  std::stable_sort(words_.begin(), words_.end(),
                   [](const word& a, const word& b) { return a.text < b.text; });
}

bool token_matcher::find(std::string_view text, std::size_t from, match& out) const {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (!starts_[static_cast<unsigned char>(text[at])])
      continue;
    // Narrows the sorted words byte by byte to those that the text still agrees with; a word that
    // ends there comes first among them.
    auto low = words_.begin();
    auto high = words_.end();
    bool found = false;
    for (std::size_t n = 0; low != high && at + n < text.size(); ++n) {
      const char c = text[at + n];
      const auto less = [n](const word& w, char b) {
        return n >= w.text.size() ||
               static_cast<unsigned char>(w.text[n]) < static_cast<unsigned char>(b);
      };
      const auto greater = [n](char b, const word& w) {
        return n < w.text.size() &&
               static_cast<unsigned char>(b) < static_cast<unsigned char>(w.text[n]);
      };
      low = std::lower_bound(low, high, c, less);
      high = std::upper_bound(low, high, c, greater);
      if (low != high && low->text.size() == n + 1) {
        out = {at, at + n + 1, low->value};
        found = true;
      }
    }
    if (found)
      return true;
  }
  return false;
}

} // namespace dci::text

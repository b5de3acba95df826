// Finding any of many strings in a text: at each place the longest, from left to right.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dci::text {

class token_matcher {
 public:
  struct match {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t value = 0;
  };

  /// Adds a string that is not empty. Of equal strings the first counts.
  void add(std::string text, std::size_t value);
  /// To be called once after the last add.
  void finish();

  bool empty() const {
    return words_.empty();
  }
  /// The first match at or behind `from`. False when there is none.
  bool find(std::string_view text, std::size_t from, match& out) const;

 private:
  struct word {
    std::string text;
    std::size_t value = 0;
  };

  std::vector<word> words_; // sorted once finished
  std::array<bool, 256> starts_{};
};

} // namespace dci::text

// Watching a stream of text for strings that end it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dci::text {

/// Text goes in, and what is certain to lie before any stop string comes out. The stop string that
/// is complete first counts, the longest of those complete at once. Empty strings and those that
/// are not UTF-8 never match.
class stop_strings {
 public:
  explicit stop_strings(std::vector<std::string> stops);

  /// Appends to `out` the text that can be given out by now.
  void feed(std::string_view text, std::string& out);
  /// No more text: appends what was held back.
  void finish(std::string& out);
  /// A stop string has come; everything from it on is dropped.
  bool stopped() const {
    return stopped_;
  }

 private:
  std::size_t held_length() const;

  std::vector<std::string> stops_;
  std::string held_; // no stop string is complete in it
  bool stopped_ = false;
};

} // namespace dci::text

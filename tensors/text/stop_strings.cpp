#include "tensors/text/stop_strings.hpp"

#include <algorithm>

#include "tensors/text/utf8.hpp"

namespace dci::text {

stop_strings::stop_strings(std::vector<std::string> stops) : stops_(std::move(stops)) {
  std::erase_if(stops_,
                [](const std::string& s) { return s.empty() || scan_utf8(s).valid != s.size(); });
}

void stop_strings::feed(std::string_view text, std::string& out) {
  if (stopped_)
    return;
  held_ += text;
  std::size_t first_end = std::string::npos;
  std::size_t begin = 0;
  for (const std::string& s : stops_) {
    const std::size_t at = held_.find(s);
    if (at == std::string::npos)
      continue;
    const std::size_t end = at + s.size();
    if (first_end == std::string::npos || end < first_end || (end == first_end && at < begin)) {
      first_end = end;
      begin = at;
    }
  }
  stopped_ = first_end != std::string::npos;
  const std::size_t sure = stopped_ ? begin : held_.size() - held_length();
  out.append(held_, 0, sure);
  held_.erase(0, stopped_ ? std::string::npos : sure);
}

// How much of the end could be the beginning of a stop string.
std::size_t stop_strings::held_length() const {
  std::size_t longest = 0;
  for (const std::string& s : stops_) {
    for (std::size_t n = std::min(s.size() - 1, held_.size()); n > longest; --n) {
      if (held_.compare(held_.size() - n, n, s, 0, n) == 0)
        longest = n;
    }
  }
  return longest;
}

void stop_strings::finish(std::string& out) {
  out += held_;
  held_.clear();
}

} // namespace dci::text

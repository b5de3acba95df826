#include "tensors/text/split.hpp"

#include <algorithm>

namespace dci::text {

namespace {

struct part {
  byte_range range;
  bool match = false;
};

// Matches and the gaps between them, covering [0, size).
void cover(const std::vector<byte_range>& matches, std::size_t size, bool invert,
           std::vector<part>& out) {
  out.clear();
  std::size_t done = 0;
  for (const byte_range m : matches) {
    if (m.begin > done)
      out.push_back({{done, m.begin}, invert});
    out.push_back({m, !invert});
    done = m.end;
  }
  if (done < size)
    out.push_back({{done, size}, invert});
}

// The cuts for one behaviour. A match at the very start stands alone when it is to be merged with
// what comes before, and the other way round, as Hugging Face's NormalizedString::split does.
void arrange(std::vector<part>& parts, split_behavior behavior) {
  if (behavior == split_behavior::isolated)
    return;
  if (behavior == split_behavior::removed) {
    std::erase_if(parts, [](const part& p) { return p.match; });
    return;
  }
  const bool backwards = behavior == split_behavior::merged_with_next;
  if (backwards)
    std::reverse(parts.begin(), parts.end());
  std::vector<part> out;
  bool previous = false;
  for (const part& p : parts) {
    const bool join =
        behavior == split_behavior::contiguous ? p.match == previous : p.match && !previous;
    previous = p.match;
    if (!join || out.empty())
      out.push_back(p);
    else if (backwards)
      out.back().range.begin = p.range.begin;
    else
      out.back().range.end = p.range.end;
  }
  if (backwards)
    std::reverse(out.begin(), out.end());
  parts = std::move(out);
}

} // namespace

std::optional<split_behavior> split_behavior_from_string(std::string_view name) {
  if (name == "Isolated")
    return split_behavior::isolated;
  if (name == "Removed")
    return split_behavior::removed;
  if (name == "Contiguous")
    return split_behavior::contiguous;
  if (name == "MergedWithPrevious")
    return split_behavior::merged_with_previous;
  if (name == "MergedWithNext")
    return split_behavior::merged_with_next;
  return std::nullopt;
}

result split_pieces(text_pieces& pieces, const pattern& at, split_behavior behavior, bool invert) {
  std::vector<text_piece> out;
  out.reserve(pieces.list.size() + pieces.text.size() / 4);
  std::vector<byte_range> matches;
  std::vector<part> parts;
  for (const text_piece& p : pieces.list) {
    if (p.token != no_token) {
      out.push_back(p);
      continue;
    }
    matches.clear();
    DCI_TRY(at.find_all(pieces.of(p), matches));
    cover(matches, p.end - p.begin, invert, parts);
    arrange(parts, behavior);
    for (const part& c : parts) {
      if (c.range.end > c.range.begin)
        out.push_back({p.begin + c.range.begin, p.begin + c.range.end, no_token,
                       p.at_start && c.range.begin == 0});
    }
  }
  pieces.list = std::move(out);
  return {};
}

} // namespace dci::text

#include "tensors/text/gguf_merges.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "tensors/text/utf8.hpp"

namespace dci::text {

namespace {

// Ways to split a token grow with its length, and so does the cost of looking at each.
constexpr std::size_t longest_token = 1024;
// Eight times the most known.
constexpr std::size_t most_merges = 4'000'000;

struct candidate {
  double score = 0;
  std::uint32_t left_chars = 0;
  std::uint32_t right_chars = 0;
  id_merge merge;
};

} // namespace

expected<std::vector<id_merge>> merges_of_scores(const std::string& name,
                                                 const std::vector<scored_token>& tokens) {
  std::unordered_map<std::string_view, token_id> ids;
  for (const auto& token : tokens)
    ids.emplace(token.text, token.id);
  std::vector<candidate> all;
  for (const auto& token : tokens) {
    if (token.text.size() > longest_token)
      return fail(errc::bad_file, name + ": token " + std::to_string(token.id) + " has " +
                                      std::to_string(token.text.size()) + " bytes");
    std::uint32_t chars = 0;
    for (std::size_t pos = 0; pos < token.text.size(); ++chars)
      next_char(token.text, pos);
    const auto first = static_cast<std::ptrdiff_t>(all.size());
    std::size_t pos = 0;
    for (std::uint32_t left_chars = 1; left_chars < chars; ++left_chars) {
      next_char(token.text, pos);
      const auto left = ids.find(token.text.substr(0, pos));
      if (left == ids.end())
        continue;
      const auto right = ids.find(token.text.substr(pos));
      if (right == ids.end())
        continue;
      all.push_back(
          {token.score, left_chars, chars - left_chars, {left->second, right->second, token.id}});
    }
    std::sort(all.begin() + first, all.end(), [](const candidate& a, const candidate& b) {
      return std::tie(a.merge.left, a.merge.right) < std::tie(b.merge.left, b.merge.right);
    });
    if (all.size() > most_merges)
      return fail(errc::bad_file, name + ": more than " + std::to_string(most_merges) +
                                      " ways to merge the tokens");
  }
  std::stable_sort(all.begin(), all.end(), [](const candidate& a, const candidate& b) {
    return std::tie(a.score, a.left_chars, a.right_chars) >
           std::tie(b.score, b.left_chars, b.right_chars);
  });
  std::vector<id_merge> out;
  out.reserve(all.size());
  for (const auto& one : all)
    out.push_back(one.merge);
  return out;
}

} // namespace dci::text

#include <algorithm>

#include "tensors/decoder/proposer.hpp"

namespace dci {

namespace {

constexpr std::size_t longest_match = 3;

struct lookup_proposer : proposer {
  std::vector<token_id> propose(std::span<const token_id> history, std::uint32_t most) override {
    return look_up(history, most);
  }
};

} // namespace

std::vector<token_id> look_up(std::span<const token_id> history, std::uint32_t most) {
  for (auto length = std::min(longest_match, history.size()); length > 0; --length) {
    const auto end = history.last(length);
    // What follows a match must not be empty.
    const auto earlier = history.first(history.size() - 1);
    const auto found = std::ranges::find_end(earlier, end);
    if (found.empty())
      continue;
    const auto next = static_cast<std::size_t>(found.end() - earlier.begin());
    std::vector<token_id> out;
    // A match that reaches into the end repeats itself.
    for (std::size_t i = 0; out.size() < most; ++i)
      out.push_back(next + i < history.size() ? history[next + i] : out[next + i - history.size()]);
    return out;
  }
  return {};
}

proposer_factory prompt_lookup(std::uint32_t most) {
  return {[](std::uint32_t) -> expected<std::unique_ptr<proposer>> {
            return std::make_unique<lookup_proposer>();
          },
          most};
}

} // namespace dci

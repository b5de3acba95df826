#include "actors/ring/waiting_line.hpp"

#include <algorithm>

namespace dci {

std::optional<session_id> waiting_line::next() {
  if (waiting_.empty() || is_full_)
    return {};
  const auto out = waiting_.begin()->second.session;
  waiting_.erase(waiting_.begin());
  return out;
}

std::vector<session_id> waiting_line::overdue(time_point now, duration longest) const {
  std::vector<session_id> out;
  for (const auto& [ticket, one] : waiting_)
    if (now - one.since > longest)
      out.push_back(one.session);
  return out;
}

waiting_line::duration waiting_line::retry_after(std::size_t sessions) const {
  constexpr duration shortest = std::chrono::milliseconds{200};
  constexpr duration longest = std::chrono::minutes{1};
  const auto rounds = static_cast<int>(waiting_.size() / std::max<std::size_t>(sessions, 1)) + 1;
  return std::clamp(mean_ * rounds, shortest, longest);
}

} // namespace dci

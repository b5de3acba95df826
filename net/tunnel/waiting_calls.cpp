#include "net/tunnel/waiting_calls.hpp"

#include <algorithm>
#include <utility>

#include "net/tunnel/secrets.hpp"

namespace dci {

expected<call_proof> waiting_calls::add(std::uint64_t door, descriptor caller,
                                        clock::time_point now) {
  DCI_ASSIGN(const auto secret, drawn_secret<call_secret>());
  const call_proof proof{++last_, secret};
  calls_.push_back({proof, door, std::move(caller), now + longest_wait});
  return proof;
}

std::optional<waiting_calls::claimed> waiting_calls::claim(const call_proof& shown,
                                                           clock::time_point now) {
  for (auto one = calls_.begin(); one != calls_.end(); ++one)
    if (one->proof.call == shown.call) {
      // A wrong guess does not end the call: whoever guesses could end any.
      if (!is_same_secret(one->proof.secret, shown.secret) || one->end <= now)
        return {};
      claimed out{one->door, std::move(one->caller)};
      calls_.erase(one);
      return out;
    }
  return {};
}

bool waiting_calls::drop(std::uint64_t call, const std::vector<std::uint64_t>& doors) {
  return std::erase_if(calls_, [&](const auto& one) {
           return one.proof.call == call && std::ranges::find(doors, one.door) != doors.end();
         }) > 0;
}

void waiting_calls::drop_all(std::uint64_t door) {
  std::erase_if(calls_, [&](const auto& one) { return one.door == door; });
}

std::size_t waiting_calls::drop_late(clock::time_point now) {
  return std::erase_if(calls_, [&](const auto& one) { return one.end <= now; });
}

std::size_t waiting_calls::waiting(std::uint64_t door) const {
  return static_cast<std::size_t>(std::ranges::count(calls_, door, &waiting_call::door));
}

waiting_calls::clock::time_point waiting_calls::next_end() const {
  return calls_.empty() ? clock::time_point::max() : calls_.front().end;
}

} // namespace dci

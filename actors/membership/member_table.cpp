#include "actors/membership/member_table.hpp"

#include <algorithm>

#include "runtime/base/random.hpp"

namespace dci {

namespace {

std::uint64_t key_of(const node_id& id) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i)
    key = key << 8 | id.bytes[i];
  return key;
}

} // namespace

std::size_t member_table::first_from(const node_id& id) const {
  const auto key = key_of(id);
  // Ids are hashes, so the place can be guessed well. Bad guesses cost twice the logarithm.
  const auto guess =
      std::min(members_.size(), static_cast<std::size_t>(static_cast<double>(key) * 0x1p-64 *
                                                         static_cast<double>(members_.size())));
  std::size_t low = guess, high = guess, step = 8;
  while (low > 0 && keys_[low - 1] >= key) {
    high = low - 1;
    low -= std::min(low, step);
    step *= 2;
  }
  step = 8;
  while (high < keys_.size() && keys_[high] < key) {
    low = high + 1;
    high += std::min(keys_.size() - high, step);
    step *= 2;
  }
  auto place = static_cast<std::size_t>(
      std::lower_bound(keys_.begin() + static_cast<std::ptrdiff_t>(low),
                       keys_.begin() + static_cast<std::ptrdiff_t>(high), key) -
      keys_.begin());
  while (place < keys_.size() && keys_[place] == key && members_[place]->node.id < id)
    ++place;
  return place;
}

std::optional<std::size_t> member_table::find(const node_id& id) const {
  const auto place = first_from(id);
  if (place == members_.size() || members_[place]->node.id != id)
    return {};
  return place;
}

std::uint64_t digest_of(const presence& member) {
  return random_source(key_of(member.node.id) + member.incarnation).next();
}

void member_table::put(presence_ptr member) {
  const auto place = first_from(member->node.id);
  digest_ ^= digest_of(*member);
  if (place < members_.size() && members_[place]->node.id == member->node.id) {
    digest_ ^= digest_of(*members_[place]);
    members_[place] = std::move(member);
    return;
  }
  const auto at = static_cast<std::ptrdiff_t>(place);
  keys_.insert(keys_.begin() + at, key_of(member->node.id));
  members_.insert(members_.begin() + at, std::move(member));
}

void member_table::remove(const node_id& id) {
  if (const auto place = find(id)) {
    digest_ ^= digest_of(*members_[*place]);
    keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(*place));
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(*place));
  }
}

void member_table::assign(std::vector<presence_ptr> members) {
  members_ = std::move(members);
  keys_.clear();
  keys_.reserve(members_.size());
  digest_ = 0;
  for (const auto& one : members_) {
    keys_.push_back(key_of(one->node.id));
    digest_ ^= digest_of(*one);
  }
}

std::size_t member_table::steps_between(std::size_t a, std::size_t b) const {
  const auto apart = a < b ? b - a : a - b;
  return std::min(apart, members_.size() - apart);
}

} // namespace dci

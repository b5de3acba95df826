// The members a node knows, in the order of their ids. Small: each holds a pointer to what the
// member said last, and eight bytes of its id to find it by.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/membership/messages.hpp"

namespace dci {

class member_table {
 public:
  std::size_t size() const {
    return members_.size();
  }
  const presence& at(std::size_t place) const {
    return *members_[place];
  }
  const presence_ptr& pointer(std::size_t place) const {
    return members_[place];
  }
  std::optional<std::size_t> find(const node_id& id) const;
  /// The first member at or behind the id; size() if there is none.
  std::size_t first_from(const node_id& id) const;

  /// Adds a member, or replaces what it said before.
  void put(presence_ptr member);
  void remove(const node_id& id);
  /// Instead of all that were there; in the order of their ids.
  void assign(std::vector<presence_ptr> members);

  /// The same for the same members with the same incarnations, in whatever order they came.
  std::uint64_t digest() const {
    return digest_;
  }

  /// Steps from one member to another, the shorter way round.
  std::size_t steps_between(std::size_t a, std::size_t b) const;

 private:
  std::vector<std::uint64_t> keys_; // the first bytes of the ids
  std::vector<presence_ptr> members_;
  std::uint64_t digest_ = 0;
};

/// What a member adds to the digest.
std::uint64_t digest_of(const presence& member);

} // namespace dci

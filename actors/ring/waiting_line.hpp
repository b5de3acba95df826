// Who waits for room in the ring, in the order they came. Pure: the time is an
// argument.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "runtime/base/ids.hpp"

namespace dci {

/// Nobody overtakes: whoever comes while somebody waits, waits too. The one who has
/// waited longest tries whenever a session has ended.
class waiting_line {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Whether a newcomer may try at once.
  bool is_open() const {
    return waiting_.empty() && !is_full_;
  }
  std::size_t size() const {
    return waiting_.size();
  }
  /// A place at the end of the line.
  std::uint64_t draw() {
    return ++last_ticket_;
  }
  /// There was no room for it. Until a session ends, nobody tries.
  void no_room(std::uint64_t ticket, session_id session, time_point since) {
    is_full_ = true;
    wait(ticket, session, since);
  }
  void wait(std::uint64_t ticket, session_id session, time_point since) {
    waiting_[ticket] = {session, since};
  }
  void leave(std::uint64_t ticket) {
    waiting_.erase(ticket);
  }
  /// Something that a try found taken may have been given back since.
  void reopen() {
    is_full_ = false;
  }
  /// How often there was new room.
  std::uint64_t rooms() const {
    return rooms_;
  }
  /// A session that was let in so long ago has ended.
  void room(duration lasted) {
    reopen();
    ++rooms_;
    mean_ = mean_ == duration::zero() ? lasted : (3 * mean_ + lasted) / 4;
  }
  /// Takes the one whose turn it is out of the line; none while there is no room.
  std::optional<session_id> next();
  /// Those who have waited longer than this; they stay in the line.
  std::vector<session_id> overdue(time_point now, duration longest) const;
  /// When it is worth to ask again, with so many sessions under way: as long as
  /// those before take, going by the last ones.
  duration retry_after(std::size_t sessions) const;

 private:
  struct place {
    session_id session;
    time_point since;
  };

  std::map<std::uint64_t, place> waiting_;
  std::uint64_t last_ticket_ = 0;
  std::uint64_t rooms_ = 0;
  bool is_full_ = false;
  duration mean_ = duration::zero(); // of a session
};

} // namespace dci

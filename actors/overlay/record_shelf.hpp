// The records that a node holds, its own and copies: bounded, checked, none older than another.
#pragma once

#include <functional>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/overlay/record_messages.hpp"
#include "actors/overlay/record_settings.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

/// Makes and checks signatures. The checks are pure functions.
class record_seal {
 public:
  virtual ~record_seal() = default;
  /// Fills in this node's key and signature.
  virtual void sign(overlay_record& r) const = 0;
  virtual void sign(record_redirect& r) const = 0;
  /// Also that the key is the one that the id was made of.
  virtual bool holds(const overlay_record& r) const = 0;
  virtual bool holds(const record_redirect& r) const = 0;
};

/// Why a record is not to be believed at this time (seconds since 1970), whoever has it; stored if
/// it is sound.
store_outcome judge(const overlay_record& r, const record_settings& settings,
                    const record_seal& seal, std::uint64_t unix_time);

class record_shelf {
 public:
  /// Both must outlive it.
  record_shelf(const record_settings& settings, const record_seal& seal);

  /// Keeps it until `wanted` at least, if it is sound, new and there is room. A record that is held
  /// already counts as stored.
  store_outcome put(const record_ptr& record, std::uint64_t unix_time, node_time wanted);
  /// The names in (after, until] are this node's own: where there is no more room for one of them,
  /// others go. All are before this is called.
  void own(const node_id& after, const node_id& until) {
    own_ = {after, until};
  }
  /// By publisher.
  std::vector<record_ptr> find(const node_id& name) const;
  /// nullptr where none of at least this version is held.
  record_ptr find(const record_tag& tag) const;

  /// Calls f(record) for the names in (after, until], clockwise.
  template <class F>
  void for_each(const node_id& after, const node_id& until, F&& f) const {
    for (auto at = held_.upper_bound({after, last_id()}); at != held_.end(); ++at) {
      if (after < until && at->first.first > until)
        return;
      f(at->second.record);
    }
    if (after < until)
      return;
    for (auto at = held_.begin(); at != held_.end() && at->first.first <= until; ++at)
      f(at->second.record);
  }
  /// Of the versions in (after, until]: those of equal sets are equal.
  std::uint64_t digest(const node_id& after, const node_id& until) const;

  /// Those in (after, until] are wanted until then at least.
  void want(const node_id& after, const node_id& until, node_time wanted);
  void drop_expired(std::uint64_t unix_time);
  void drop_unwanted(node_time now);

  std::size_t size() const {
    return held_.size();
  }
  std::uint64_t bytes() const {
    return bytes_;
  }

 private:
  using place = std::pair<node_id, node_id>; // name, publisher
  struct held {
    record_ptr record;
    node_time wanted{};
  };

  static node_id last_id() {
    node_id out;
    out.bytes.fill(0xff);
    return out;
  }
  store_outcome room_for(const overlay_record& r, std::uint64_t replaced_bytes, bool is_new) const;
  bool is_own(const node_id& name) const;
  bool make_room(std::uint64_t bytes);
  void drop(std::map<place, held>::iterator at);
  template <class Predicate>
  void drop_if(Predicate is_over);

  const record_settings* settings_;
  const record_seal* seal_;
  std::map<place, held> held_;
  std::unordered_map<node_id, std::uint64_t> bytes_of_; ///< by publisher
  std::uint64_t bytes_ = 0;
  place own_; // the same twice: the whole ring
};

} // namespace dci

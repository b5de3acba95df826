// Everybody's newest revocation lists: offered by name, fetched piece by piece from whoever offers
// a newer one. They are believed for their authority's signature, whoever hands them on. Offers are
// believed by nobody: another one is followed beside those that are slow, or say something else. A
// pure state machine.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "actors/gossip/revocation_messages.hpp"
#include "net/contact.hpp"
#include "net/identity/trust_store.hpp"
#include "runtime/base/node_clock.hpp"
#include "runtime/base/random.hpp"

namespace dci {

struct revocation_settings {
  using time = std::chrono::microseconds;

  time offer_every = std::chrono::seconds(1);
  std::uint32_t offer_to = 2;
  time ask_again = std::chrono::milliseconds(500);
  std::uint32_t most_tries = 6; ///< of one piece
  std::uint32_t piece_bytes = 1000;
  std::uint32_t least_piece_bytes = 500; ///< of all but a list's last
  /// Of one root, from as many peers, where offers differ or a fetch lasts longer than this.
  std::uint32_t most_fetches = 4;
  time hurry_after = std::chrono::seconds(5);
  time give_up_after = std::chrono::minutes(5); ///< a whole list
  time ignore_for = std::chrono::minutes(2);    ///< offers of who did not keep to an earlier one
  /// The same of who stopped answering: he may just have come by a newer list.
  time ignore_silent_for = std::chrono::seconds(10);
};

struct revocation_output {
  struct sending {
    contact to;
    revocation_message message;
  };
  std::vector<sending> sends;
  std::vector<std::string_view> refused;

  void clear() {
    sends.clear();
    refused.clear();
  }
};

/// What the node holds: an entry for each root it trusts.
using held_lists = std::function<std::vector<held_revocations>()>;
/// Takes a whole list. False: nobody it trusts has signed it.
using list_taker = std::function<bool(const byte_vector&)>;

class revocation_exchange {
 public:
  /// settings must outlive it.
  revocation_exchange(const revocation_settings& settings, held_lists held, list_taker take,
                      random_source random, node_time now);

  void add_peer(const contact& peer);
  void remove_peer(const node_id& peer);
  void receive(const contact& from, const revocation_message& message, node_time now,
               revocation_output& out);
  void tick(node_time now, revocation_output& out);
  node_time next_tick() const;

 private:
  struct fetch {
    list_name which;
    contact from;
    node_time began{};
    byte_vector bytes{};
    std::uint32_t total = 0; ///< 0 until it was told
    node_time asked{};
    std::uint32_t tries = 0; ///< of the piece that is awaited
  };
  // A peer that offered what it did not give.
  struct failure {
    node_id root, peer;
    node_time until{};
  };

  void on(const contact& from, const lists_offer& m, node_time now, revocation_output& out);
  void on(const contact& from, const list_request& m, node_time now, revocation_output& out);
  void on(const contact& from, const list_piece& m, node_time now, revocation_output& out);
  void ask(fetch& what, node_time now, revocation_output& out);
  bool may_fetch(const contact& from, const list_name& which, node_time now) const;
  void fail(std::vector<fetch>::iterator what, node_time ignored_until);
  void take(std::vector<fetch>::iterator what, node_time now, revocation_output& out);
  std::uint64_t held_of(const node_id& root) const;
  void offer(revocation_output& out);

  const revocation_settings* settings_;
  held_lists held_;
  list_taker take_;
  random_source random_;
  std::vector<contact> peers_;
  std::vector<fetch> under_way_;
  std::vector<failure> failures_;
  node_time next_offer_;
};

} // namespace dci

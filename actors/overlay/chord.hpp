// A node of the overlay: Chord (Stoica et al., IEEE/ACM ToN 11(1), 2003) with fingers chosen by
// proximity. It knows no network and no clock: messages and the time come in, messages go out.
//
// Every node keeps its successors without gaps, its predecessor, and a few nodes of each octave
// beyond them. A lookup travels from node to node, always nearer to its key; each hop is
// acknowledged, and goes another way where it is not. The owner checks that the key is its own
// and answers the origin. Or, as Kademlia has it (Maymounkov and Mazieres, IPTPS 2002), the origin
// asks several nodes at once whom they know near the key by XOR, then those, until the owner says
// that it is the owner.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/overlay/known_nodes.hpp"
#include "actors/overlay/output.hpp"
#include "actors/overlay/settings.hpp"
#include "runtime/base/hidden_random.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

/// How near a node with such a round trip is: in (0, 1), higher is nearer.
using score_function = std::function<double(const contact&, node_clock::duration round_trip)>;

class chord {
 public:
  enum class state { alone, joining, joined, left };

  /// settings and score must outlive it.
  chord(const contact& self, const overlay_settings& settings, const score_function& score,
        random_source random);

  const contact& self() const {
    return self_;
  }
  state where() const {
    return state_;
  }
  const known_nodes& known() const {
    return known_;
  }
  /// Those that answer, nearest first.
  std::vector<contact> successors() const;
  std::optional<contact> predecessor() const {
    return predecessor_ ? std::optional(predecessor_->node) : std::nullopt;
  }

  /// Becomes part of the ring that `seed` is in; done when where() is joined. Tries for as long as
  /// the seed does not answer.
  void join(const contact& seed, node_time now, overlay_output& out);
  /// A node that may be of another ring of the same nodes: where it answers it is taken up, and the
  /// rings become one.
  void meet(const contact& node, node_time now, overlay_output& out);
  /// Tells the neighbours, who then close the gap.
  void leave(overlay_output& out);

  /// Its result comes out later, under the number returned.
  std::uint64_t look_up(const node_id& key, node_time now, overlay_output& out);

  void receive(const contact& from, const overlay_message& message, node_time now,
               overlay_output& out);
  /// Does what is due. When to call it next: next_tick().
  void tick(node_time now, overlay_output& out);
  node_time next_tick() const {
    return next_;
  }

 private:
  enum class purpose : std::uint8_t { asked, refresh, join };
  enum class progress : std::uint8_t { named, asked, answered, silent };

  struct neighbour {
    contact node;
    node_time heard{};
    std::uint32_t misses = 0;
  };
  // An answer that is waited for: to are_you_there, new_successor, neighbours_request. One that
  // comes late still tells how far the node is.
  struct question {
    contact to;
    std::uint32_t nonce = 0;
    bool late = false;
    node_time asked{}, until{};
  };
  // A lookup handed on, until the next node says that it has it.
  struct handed_on {
    contact to;
    node_time asked{}, until{};
    std::uint32_t tries = 0;
    lookup_step step;
  };
  // A lookup that waits for word of a node that was too slow to take it.
  enum class waits_for : std::uint8_t { predecessor, successor };
  struct held {
    waits_for why;
    contact until;
    lookup_step step;
  };
  // A lookup of our own.
  struct own_lookup {
    std::uint64_t number = 0;
    node_id key;
    purpose why = purpose::asked;
    std::uint32_t tries = 0;
    node_time began{}, until{};
  };
  // A node that was named to a lookup of Kademlia's kind.
  struct candidate {
    contact node;
    ring_distance from_key; ///< by XOR
    std::uint32_t hops = 0, nonce = 0;
    progress state = progress::named;
    bool is_owner = false; ///< somebody says so
    node_id named_owner;   ///< whom it takes for the owner
  };
  struct search {
    std::uint64_t number = 0;
    std::vector<candidate> candidates; ///< the nearest first
    std::vector<node_id> silent;       ///< of them, also in earlier tries
  };
  struct gone_node {
    node_id id;
    node_time since{};
  };

  // Who did not see the question cannot guess them.
  std::uint32_t any_nonce() {
    return static_cast<std::uint32_t>(random_.next());
  }

  // Messages.
  void on(const contact& from, const lookup_step& m, node_time now, overlay_output& out);
  void on(const contact& from, const lookup_taken& m, node_time now, overlay_output& out);
  void on(const contact& from, const lookup_found& m, node_time now, overlay_output& out);
  void on(const contact& from, const neighbours_request& m, node_time now, overlay_output& out);
  void on(const contact& from, const neighbours_reply& m, node_time now, overlay_output& out);
  void on(const contact& from, const new_successor& m, node_time now, overlay_output& out);
  void on(const contact& from, const leaving& m, node_time now, overlay_output& out);
  void on(const contact& from, const are_you_there& m, node_time now, overlay_output& out);
  void on(const contact& from, const i_am_here& m, node_time now, overlay_output& out);
  void on(const contact& from, const known_request& m, node_time now, overlay_output& out);
  void on(const contact& from, const known_reply& m, node_time now, overlay_output& out);
  void on(const contact& from, const closest_request& m, node_time now, overlay_output& out);
  void on(const contact& from, const closest_reply& m, node_time now, overlay_output& out);

  // Who is there (chord_nodes.cpp).
  void heard_of(const contact& node, node_time now, overlay_output& out);
  void heard_from(const contact& node, node_time now);
  void took(const contact& node, node_clock::duration round_trip);
  void missed(const contact& node, node_time now, overlay_output& out);
  void gone(const contact& node, node_time now, overlay_output& out);
  bool is_gone(const node_id& id, node_time now) const;
  node_clock::duration patience(const node_id& id);
  void ask(const contact& node, node_time now, overlay_output& out);
  template <class Message>
  std::uint32_t ask_with(Message m, const contact& node, node_time now, overlay_output& out) {
    m.nonce = any_nonce();
    questions_.push_back({node, m.nonce, false, now, now + patience(node.id)});
    schedule(questions_.back().until);
    const auto nonce = m.nonce;
    out.sends.push_back({node, std::move(m)});
    return nonce;
  }
  bool is_asked(const node_id& id) const;
  bool answered(const contact& from, std::uint32_t nonce, node_time now);
  // Bytes that so many contacts take in an answer.
  padding room_for(std::size_t contacts) const;

  // Keeping the tables (chord.cpp).
  void ask_successor(node_time now, overlay_output& out);
  void refresh(node_time now, overlay_output& out);
  void check_silent(node_time now, overlay_output& out);
  void introduce(const std::vector<contact>& predecessor, node_time now, overlay_output& out);
  void become_joined(node_time now, overlay_output& out);
  void schedule(node_time at) {
    next_ = std::min(next_, at);
  }

  // Lookups (chord_lookup.cpp).
  std::uint64_t begin(own_lookup lookup, node_time now, overlay_output& out);
  void send_own(std::uint64_t number, node_time now, overlay_output& out);
  void route(lookup_step step, node_time now, overlay_output& out);
  void hand_on(const contact& to, lookup_step step, node_time now, overlay_output& out);
  void not_taken(handed_on one, node_time now, overlay_output& out);
  void hold(waits_for why, const contact& until, lookup_step step, node_time now,
            overlay_output& out);
  bool is_needless(const held& one);
  void release_held(const node_id& heard_from, node_time now, overlay_output& out);
  void answer(const lookup_step& step, node_time now, overlay_output& out);
  bool owns(const node_id& key) const;
  const known_node* nearest_before(const ring_distance& key) const;
  void retry_lookups(node_time now, overlay_output& out);
  void end_lookup(const own_lookup& own, const contact& owner, const lookup_found& found,
                  node_time now, overlay_output& out);

  // Lookups of Kademlia's kind (chord_search.cpp).
  void begin_search(const own_lookup& own, node_time now, overlay_output& out);
  void name(search& s, const contact& node, std::uint32_t hops, bool is_owner, const node_id& key);
  void go_on(search& s, node_time now, overlay_output& out);
  void ask_first_after(search& s, const node_id& key, node_time now, overlay_output& out);
  void ask_candidate(search& s, candidate& one, const node_id& key, node_time now,
                     overlay_output& out);
  void search_missed(const contact& node, std::uint32_t nonce, node_time now, overlay_output& out);
  closest_reply closest_to(const closest_request& m) const;
  std::vector<contact> owner_of(const closest_request& m) const;

  contact self_;
  const overlay_settings* settings_;
  const score_function* score_;
  hidden_random random_; ///< others see what is drawn
  known_nodes known_;
  std::optional<neighbour> predecessor_;
  state state_ = state::alone;
  contact seed_;
  std::vector<question> questions_;
  std::vector<handed_on> handed_on_;
  std::vector<held> held_;
  std::vector<own_lookup> own_;
  std::vector<search> searches_;
  std::vector<gone_node> gone_;
  int refreshed_ = 0;
  node_time next_stabilise_ = no_time, next_refresh_ = no_time, next_ = no_time;
};

} // namespace dci

// Who is there: SWIM (Das, Gupta and Motivala, DSN 2002) with incarnations, suspicion and the
// adaptations of Lifeguard (Dadgar, Phillips and Currey, DSN-W 2018). A pure state machine, as the
// overlay is.
//
// In every period a member pings another one: by turns the next one by id, so that every member is
// watched for sure, and one drawn at random. Who does not answer, nor others who ping for us, is
// accused. News of it travel with pings and on their own; the suspect's neighbours by id check at
// once, and the suspect, told first of all, answers with a higher incarnation. A node is dead
// when several members accuse it for long enough: nobody alone can say so.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/membership/member_table.hpp"
#include "actors/membership/messages.hpp"
#include "actors/membership/news_queue.hpp"
#include "actors/membership/settings.hpp"
#include "runtime/base/node_clock.hpp"
#include "runtime/base/random.hpp"

namespace dci {

/// Makes and checks signatures. The checks are pure functions.
class member_seal {
 public:
  virtual ~member_seal() = default;
  /// Fills in this node's key and signature.
  virtual void sign(presence& p) const = 0;
  virtual void sign(suspicion& s) const = 0;
  /// Also that the key is the one that the id was made of.
  virtual bool holds(const presence& p) const = 0;
  virtual bool holds(const suspicion& s) const = 0;
};

enum class member_change : std::uint8_t {
  came,      ///< it is a member now
  moved,     ///< it says that it is elsewhere
  suspected, ///< somebody accuses it
  cleared,   ///< it is suspected no more
  died,
  left,
};

std::string_view to_string(member_change change);

struct member_event {
  member_change change = member_change::came;
  contact node;
  bool declared_here = false; ///< died: this node was the one to say so
};

struct membership_output {
  struct sending {
    contact to;
    membership_message message;
  };
  /// A member answered a ping itself.
  struct answer {
    contact node;
    node_time asked{};
  };
  std::vector<sending> sends;
  std::vector<member_event> events;
  std::vector<answer> answers;
  std::vector<std::string_view> refused; ///< why a piece of news or a message was dropped

  void clear() {
    sends.clear();
    events.clear();
    answers.clear();
    refused.clear();
  }
};

class swim {
 public:
  /// settings and seal must outlive it.
  swim(const contact& self, const membership_settings& settings, const member_seal& seal,
       random_source random, node_time now);

  const presence& self() const {
    return *self_;
  }
  /// All but this node.
  const member_table& members() const {
    return members_;
  }
  bool is_suspected(const node_id& id) const {
    return suspects_.contains(id);
  }

  /// Asks this node for the others until it has answered. Its id may be zero: unknown.
  void join(const contact& seed, node_time now, membership_output& out);
  /// The same of one that somebody only says is there: it is asked a few times.
  void try_join(const contact& seed, node_time now, membership_output& out);
  /// Whether one that is there, or said to be, at this address is still being asked.
  bool is_joining(const endpoint& seed) const;
  /// Says good-bye to some members, who pass it on.
  void leave(membership_output& out);
  /// As if they had said so themselves, without a word to others.
  void know(std::vector<presence_ptr> members);

  void receive(const contact& from, const membership_message& message, node_time now,
               membership_output& out);
  void tick(node_time now, membership_output& out);
  node_time next_tick() const {
    return next_;
  }

 private:
  // A ping under way, of our own or for somebody else.
  struct probe {
    contact whom;
    std::uint32_t number = 0;
    node_time sent{}, ask_helpers_at{}, until{};
    bool helpers_asked = false;
    std::optional<std::pair<contact, std::uint32_t>> asked_by;
  };
  struct suspect {
    std::uint32_t incarnation = 0;
    std::vector<suspicion> accusations;
    node_time since{}, until{};
  };
  struct dead_node {
    contact node;
    std::uint32_t incarnation = 0;
    std::shared_ptr<const death> how; ///< nullptr: it left
    node_time since{};
  };
  // Asks for members from one id to another.
  struct walk {
    contact whom;
    node_id after, end;
    node_time ask_again{};
    std::uint32_t tries_left = 0; ///< 0: without end
  };

  void on(const contact& from, const member_ping& m, node_time now, membership_output& out);
  void on(const contact& from, const member_ack& m, node_time now, membership_output& out);
  void on(const contact& from, const ping_for_me& m, node_time now, membership_output& out);
  void on(const contact& from, const member_news& m, node_time now, membership_output& out);
  void on(const contact& from, const members_request& m, node_time now, membership_output& out);
  void on(const contact& from, const members_reply& m, node_time now, membership_output& out);

  // News (swim_news.cpp).
  void hear(const std::vector<news>& tidings, node_time now, membership_output& out);
  void hear_one(const presence_ptr& p, bool pass_on, node_time now, membership_output& out);
  void hear_one(const suspicion& s, node_time now, membership_output& out);
  void hear_one(const std::shared_ptr<const death>& d, node_time now, membership_output& out);
  void raise_incarnation(std::uint32_t above, node_time now);
  void accuse(const contact& whom, node_time now, membership_output& out);
  void judge(node_time now, membership_output& out);
  void bury(const dead_node& how, member_change change, bool declared_here, membership_output& out);
  void tell_dead(const node_id& id, membership_output& out);
  std::size_t accusers_needed() const;
  std::uint32_t repeats() const;
  void pass_on(news item);
  void pass_on_soon(news item, node_time now);
  void send_news(node_time now, membership_output& out);

  // Watching (swim.cpp).
  void begin_period(node_time now, membership_output& out);
  void ping(const contact& whom, std::vector<news> first, node_time until,
            std::optional<std::pair<contact, std::uint32_t>> asked_by, node_time now,
            membership_output& out);
  void ask_helpers(probe& p, membership_output& out);
  void sync(node_time now, membership_output& out);
  std::uint64_t digest() const {
    return members_.digest() ^ digest_of(*self_);
  }
  void ask_members(walk& w, node_time now, membership_output& out);
  void walk_on(node_time now, membership_output& out);
  contact any_member();
  node_clock::duration slowed(node_clock::duration time) const {
    return time * (1 + health_);
  }
  void schedule(node_time at) {
    next_ = std::min(next_, at);
  }

  presence_ptr self_;
  const membership_settings* settings_;
  const member_seal* seal_;
  random_source random_;
  member_table members_;
  news_queue news_;
  std::vector<probe> probes_;
  std::map<node_id, suspect> suspects_;
  std::map<node_id, dead_node> dead_;
  std::vector<walk> walks_;
  bool next_by_id_ = false; ///< this period's ping goes to the next member
  std::uint32_t health_ = 0;
  bool left_ = false;
  std::optional<contact> knows_others_; ///< whom to ask for members next
  node_time last_sync_{};
  node_time next_period_, next_news_ = no_time, next_sync_ = no_time, next_ = no_time;
};

} // namespace dci

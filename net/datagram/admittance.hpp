// Whose datagrams are listened to: those of nodes that have shown certificates which hold.
//
// A node introduces itself to whom it has not written before, in a datagram with its certificates,
// and once more when it writes to him with newer ones. Who hears an unknown sender asks him to; he
// answers those only to whom he has written himself, so nobody can have him flood a third party.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/contact.hpp"
#include "net/tls/tls_context.hpp"

namespace dci {

/// May be used from any thread.
class admittance {
 public:
  using clock = std::chrono::steady_clock;

  /// Beyond so many nodes it forgets them all, and they introduce themselves again.
  static constexpr std::size_t most_nodes = 65'536;
  static constexpr std::chrono::seconds between_introductions{1};

  explicit admittance(std::shared_ptr<tls_context> credentials);

  /// What this node shows now, and what it asks for.
  byte_vector introduction();
  const byte_vector& question() const {
    return question_;
  }

  bool is_admitted(const node_id& sender);
  struct answer {
    std::string refused;   ///< why what came is not believed; empty: fine
    bool wants_us = false; ///< the sender is to be introduced to
  };
  /// payload: what somebody sent on the introduction's channel; his signature holds.
  answer take(const endpoint& from, const public_key& sender, byte_view payload,
              clock::time_point now);
  /// Whether an introduction must go before what is written to this address now.
  bool is_first(const endpoint& to, clock::time_point now);
  /// Whether to ask this one who he is: not too often.
  bool may_ask(const endpoint& whom, clock::time_point now);

 private:
  struct written {
    clock::time_point at;        ///< when it was introduced to him
    std::uint64_t version_shown; ///< as what
  };
  void forget_outdated();
  void look_at_own();

  std::shared_ptr<tls_context> credentials_;
  byte_vector introduction_, question_;
  std::uint64_t version_seen_ = 0;  ///< the newest certificates of its own that it knows of
  std::uint64_t version_shown_ = 0; ///< those in the introduction
  std::mutex mutex_;
  std::uint64_t generation_ = 0; ///< of the revocations by which nodes were admitted
  std::unordered_map<std::string, wall_time> admitted_; ///< by id: until when
  std::unordered_map<std::string, written> written_;
  std::unordered_map<std::string, clock::time_point> asked_;
};

} // namespace dci

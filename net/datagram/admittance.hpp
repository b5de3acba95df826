// Whose datagrams are listened to: those of nodes that have shown certificates which hold.
//
// A node introduces itself to whom it has not written before, in a datagram with its certificates.
// Who hears an unknown sender asks him to; he answers those only to whom he has written himself, so
// nobody can have him flood a third party.
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

  /// What this node shows, and what it asks for.
  const byte_vector& introduction() const {
    return introduction_;
  }
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
  using times = std::unordered_map<std::string, clock::time_point>;
  void forget_outdated();
  static bool is_due(times& all, const endpoint& whom, clock::time_point now);

  std::shared_ptr<tls_context> credentials_;
  byte_vector introduction_, question_;
  std::mutex mutex_;
  std::uint64_t generation_ = 0; ///< of the revocations by which nodes were admitted
  std::unordered_map<std::string, wall_time> admitted_; ///< by id: until when
  times written_, asked_;
};

} // namespace dci

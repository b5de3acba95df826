// A UDP relay in front of one node, which makes the links to it as slow and as unsure as one
// wishes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "net/address.hpp"
#include "net/endpoint.hpp"
#include "net/shaping/conditions.hpp"
#include "runtime/base/error.hpp"

namespace dci {

/// The conditions of the link to one sender.
struct sender_conditions {
  endpoint from;
  link_conditions conditions;
};

/// Hands on what it hears to the target, and to each sender what the target answers: each is given
/// a socket of its own, as a router with address translation does. Those who were silent longest
/// lose theirs where there are many.
class datagram_relay {
 public:
  static constexpr std::size_t most_senders = 512;

  /// `special`: senders whose conditions are not those of the others. Errors: bad_config for
  /// conditions that cannot be, unreachable.
  static expected<std::unique_ptr<datagram_relay>> start(const address& listen,
                                                         const address& target,
                                                         const link_conditions& conditions,
                                                         std::vector<sender_conditions> special);
  ~datagram_relay();
  datagram_relay(const datagram_relay&) = delete;
  datagram_relay& operator=(const datagram_relay&) = delete;

  /// For what comes in from now on. Errors: bad_config.
  result set(const link_conditions& conditions, std::vector<sender_conditions> special);

 private:
  struct parts;
  explicit datagram_relay(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace dci

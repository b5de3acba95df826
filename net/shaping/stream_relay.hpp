// A TCP relay between two ends of a link, which makes it as slow and as unsure as one wishes.
#pragma once

#include <memory>

#include "net/address.hpp"
#include "net/shaping/conditions.hpp"
#include "runtime/base/error.hpp"

namespace dci {

/// Connects each caller to the target. What comes in on either side goes out on the other one in
/// order, as the conditions have it. Ends, with its connections, when it is destroyed.
class stream_relay {
 public:
  /// listen: with port 0, a free one. Errors: bad_config for conditions that cannot be,
  /// unreachable.
  static expected<std::unique_ptr<stream_relay>> start(const address& listen, const address& target,
                                                       const link_conditions& conditions);
  ~stream_relay();
  stream_relay(const stream_relay&) = delete;
  stream_relay& operator=(const stream_relay&) = delete;

  /// For what comes in from now on; a cut holds what is on its way, too. Errors: bad_config.
  result set(const link_conditions& conditions);
  /// Where it listens.
  const address& where() const;

 private:
  struct parts;
  explicit stream_relay(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace dci

// A TCP relay that lets every byte wait: a slow link on one machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "net/address.hpp"
#include "runtime/base/error.hpp"

namespace dci {

/// Listens on a free port of 127.0.0.1 and connects each caller to the target. What
/// comes in on either side goes out on the other one after the delay, in order.
/// Ends, with its connections, when it is destroyed.
class relay {
 public:
  /// target: a literal address. Errors: bad_config for a host name, unreachable when
  /// no socket can be opened.
  static expected<std::unique_ptr<relay>> start(const address& target,
                                                std::chrono::milliseconds delay);
  ~relay();
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;

  /// Where it listens.
  const address& where() const;

 private:
  struct parts;
  explicit relay(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace dci

// The end of a tunnel that everybody can reach: it opens doors for nodes that nobody can reach.
#pragma once

#include <memory>

#include "net/address.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tunnel/door_rules.hpp"
#include "net/tunnel/figures.hpp"
#include "runtime/base/error.hpp"

namespace dci {

/// Whoever its credentials admit may open doors, which are ports of the same host as `listen`. A
/// caller at a TCP door waits until the exit has fetched him by a connection of its own; what comes
/// to a UDP door goes to the exit wrapped. Nobody is asked who he is at a door: what passes there
/// must be secret by itself. Doors close with the session of who opened them.
class tunnel_entry {
 public:
  struct settings {
    address listen;               ///< TLS of exits; UDP at the same port
    std::uint16_t calls_port = 0; ///< of TCP, where callers are fetched; 0: any
    door_rules doors;
    std::size_t most_connections = 64;               ///< of a door, now
    std::size_t most_bytes = std::size_t{256} << 10; ///< of a connection, each way
  };
  static constexpr std::size_t most_sessions = 256, most_sessions_of_node = 4;

  /// Errors: unreachable; bad_config.
  static expected<std::unique_ptr<tunnel_entry>> start(std::shared_ptr<tls_context> context,
                                                       const settings& is);
  ~tunnel_entry();
  tunnel_entry(const tunnel_entry&) = delete;
  tunnel_entry& operator=(const tunnel_entry&) = delete;

  const address& where() const;
  tunnel_figures figures() const;

 private:
  struct parts;
  explicit tunnel_entry(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace dci

// The end of a tunnel that nobody can reach: it keeps doors open at an entry, and brings in who
// comes there.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "net/address.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tunnel/figures.hpp"
#include "net/tunnel/tunnel_way.hpp"
#include "runtime/base/error.hpp"

namespace dci {

/// Dials the entry, and dials again when the session is lost, later each time until one has held
/// for a while. A door that is refused is asked for again.
class tunnel_exit {
 public:
  struct door {
    door_transport transport = door_transport::tcp;
    address at;                ///< as others are told; the entry is told the port
    std::optional<address> to; ///< of TCP: where its callers go
  };
  struct settings {
    address entry;
    std::vector<door> doors; ///< of UDP one at most
    std::size_t most_connections = 256;
    std::size_t most_bytes = std::size_t{256} << 10; ///< of a connection, each way
    /// Routers forget those who say nothing.
    std::chrono::milliseconds between_keep_opens{15'000};
  };

  /// Errors: bad_config; unreachable for a target that cannot be looked up.
  static expected<std::unique_ptr<tunnel_exit>> start(std::shared_ptr<tls_context> context,
                                                      const settings& is);
  ~tunnel_exit();
  tunnel_exit(const tunnel_exit&) = delete;
  tunnel_exit& operator=(const tunnel_exit&) = delete;

  /// Of the UDP door; null without one.
  const std::shared_ptr<tunnel_way>& way() const;
  tunnel_figures figures() const;

 private:
  struct parts;
  explicit tunnel_exit(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

/// How long to wait before the next try, when so many failed: half a second, then twice as long
/// each time, up to a quarter of a minute.
std::chrono::milliseconds pause_after(std::uint32_t failures);

} // namespace dci

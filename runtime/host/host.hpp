// One host: an actor system with its node, listening or not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "net/address.hpp"
#include "net/tls/tls_context.hpp"
#include "runtime/base/error.hpp"

namespace dci {

struct host_options {
  std::string name = "local";
  std::optional<address> listen;       ///< absent: others cannot dial it
  std::optional<address> told;         ///< by which others reach that; absent: the same
  std::optional<address> frames;       ///< where it hears ZeroMQ; absent: any free port there
  std::optional<address> frames_told;  ///< by which others reach that; absent: the same
  std::optional<std::uint64_t> memory; ///< bytes for models; absent: what is available
  bool takes_work = true;              ///< new rings, where others form them
  std::shared_ptr<tls_context> tls;    ///< null: plain connections, on this machine only
  std::filesystem::path credentials;   ///< their file, to be kept up to date; empty: they are not
};

class host {
 public:
  /// Starts the node, a planner and a device profiler. Errors: unreachable when the address is
  /// taken or not ours, unsupported for an address that is not loopback.
  static expected<std::unique_ptr<host>> start(host_options options);
  /// Stops every actor. Where CAF does not end within a second, its threads are
  /// left behind, and the program must end with end_process.
  ~host();
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  /// Ends every actor here and waits a moment for the node to be gone.
  void stop_actors();

  /// It speaks TLS, and only TLS.
  bool has_credentials() const;
  caf::actor_system& system();
  const node_actor& node() const;
  const std::string& name() const;

  /// Starts an actor here or, given its node, on another host. Errors: what
  /// the node says, timed_out.
  expected<actor_info> spawn(const spawn_request& request);
  expected<actor_info> spawn(const node_actor& where, const spawn_request& request);
  expected<actor_info> find(const node_actor& where, const std::string& actor);
  expected<node_description> describe(const node_actor& where);
  /// Returns when it is gone. Errors: not_found, timed_out.
  expected<actor_info> stop(const node_actor& where, const std::string& actor);
  /// The node at an address, tried for so long. Errors: unreachable.
  expected<node_actor> dial(const address& to, std::chrono::milliseconds wait);

 private:
  bool publish(const address& at);

  struct parts;
  explicit host(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace dci

// A host's ZeroMQ port: encrypted, authenticated and bounded frames between hosts that have
// admitted each other. Frames may be lost, as when a connection breaks; those of one connection
// keep their order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "net/frames/frame.hpp"
#include "net/frames/frame_contact.hpp"
#include "net/frames/frame_route.hpp"

namespace dci {

/// May be used from any thread.
class frame_port {
 public:
  struct settings {
    std::string listen = "127.0.0.1:0";       ///< with port 0, a free one
    std::string told;                         ///< what contact() tells; empty: as bound
    std::shared_ptr<tls_context> credentials; ///< may be null, on a loopback address
  };
  using handler = std::function<void(frame, const frame_route&)>;

  /// Errors: bad_config for what is no address; unsupported for one beyond this machine without
  /// credentials; unreachable when it is not ours or taken.
  static expected<std::unique_ptr<frame_port>> open(settings with);
  /// No handler is running or runs afterwards. What was not sent is dropped. Not from a handler.
  ~frame_port();
  frame_port(const frame_port&) = delete;
  frame_port& operator=(const frame_port&) = delete;

  /// With the certificates that its host shows now.
  frame_contact contact() const;

  /// Lets a peer in, and lets it be written to, as long as its certificates hold, or newer ones
  /// that it has shown its host since; an older contact of the same node, or without credentials at
  /// the same address, is forgotten. With credentials its certificates must be of the key that has
  /// signed it; without it must have none. Errors: refused, with the reason; bad_message for a
  /// wrong signature or address, or without a key.
  result admit(const frame_contact& peer);

  /// The same of a node that is none of the trust domain: what it sends is heard by one name only.
  result admit_stranger(const frame_contact& peer, const std::string& only_to);

  /// Frames for this name, in place of whoever heard them before. hears: called on the port's
  /// thread; must not wait, nor throw.
  void subscribe(std::string name, handler hears);
  /// Afterwards the handler does not run, unless it is the one who calls.
  void unsubscribe(const std::string& name);

  /// To an admitted peer, where that was admitted at last. Never waits: what does not fit is
  /// dropped.
  void send(const frame_contact& to, frame content);
  /// By the connection that a frame came by, while the peer is admitted.
  void reply(const frame_route& by, frame content);

  /// Whether our own connection to a peer stands, which the first frame to it makes: it has proved
  /// its key, and the connection has not broken since.
  bool is_connected(const frame_contact& peer) const;

  /// How many frames were dropped and connections refused, by reason: "not_admitted", the refusals
  /// of certificates ("stranger" of frames, too, which are for others than he may write to),
  /// "malformed", "unknown_version", "too_large", "no_such_actor", "queue_full", "no_route",
  /// "refused_by_peer".
  std::map<std::string, std::uint64_t> dropped() const;

 private:
  struct parts;
  explicit frame_port(std::unique_ptr<parts> all);
  void post(frame_route by, frame content);

  std::unique_ptr<parts> parts_;
};

} // namespace dci

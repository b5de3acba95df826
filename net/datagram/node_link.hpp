// A node on its UDP address: seals what goes out, opens what comes in, and sorts it by channel.
// Everything may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "net/contact.hpp"
#include "net/datagram/admittance.hpp"
#include "net/datagram/datagram.hpp"
#include "net/datagram/datagram_port.hpp"
#include "net/datagram/replay_guard.hpp"

namespace dci {

/// A payload whose sender is known for sure.
struct arrival {
  contact from;
  std::chrono::steady_clock::time_point at;
  std::vector<std::uint8_t> payload;
};

/// Who a node is. With credentials it listens to those only that show some.
struct node_identity {
  std::shared_ptr<const node_key> key;
  std::shared_ptr<tls_context> credentials; ///< of that key; may be null
};

struct link_figures_now {
  std::uint64_t sent = 0, bytes_sent = 0, received = 0;
  std::map<std::string, std::uint64_t> refused; ///< what was dropped, by reason
};

class node_link {
 public:
  /// Payloads of a channel that wait to be taken; more are dropped.
  static constexpr std::size_t most_waiting = 1024;

  /// advertise: where others reach it. by: absent: straight. Errors: unreachable; unsupported for
  /// an address beyond this machine without credentials.
  static expected<std::shared_ptr<node_link>> open(const address& listen, const address& advertise,
                                                   node_identity identity,
                                                   std::shared_ptr<datagram_detour> by = nullptr);
  ~node_link();
  node_link(const node_link&) = delete;
  node_link& operator=(const node_link&) = delete;

  const node_key& key() const {
    return *identity_.key;
  }
  /// May be null.
  const std::shared_ptr<tls_context>& credentials() const {
    return identity_.credentials;
  }
  const contact& self() const {
    return self_;
  }

  /// From now on payloads of this channel wait to be taken. on_arrival: called on the reading
  /// thread when something waits and nothing did before. Errors: already_exists.
  result serve(datagram_channel channel, std::function<void()> on_arrival);
  /// What waited is forgotten; on_arrival may be under way a last time.
  void stop_serving(datagram_channel channel);
  std::vector<arrival> take(datagram_channel channel);
  /// A zero id: whoever is at that address. What is lost is lost as on any network.
  void send(const contact& to, datagram_channel channel, byte_view payload);
  /// Several, one right after the other: all are sealed before the first one goes. Returns how long
  /// it took from then to the last one.
  std::chrono::steady_clock::duration send_train(const contact& to, datagram_channel channel,
                                                 std::span<const byte_view> payloads);

  /// Counts something that only the channel's own reader could tell.
  void refuse(std::string_view reason);
  link_figures_now figures() const;

 private:
  struct inbox {
    std::function<void()> on_arrival;
    std::vector<arrival> waiting;
  };

  node_link(node_identity identity, const endpoint& where);
  void introduce(const contact& to);
  std::chrono::steady_clock::duration post(const contact& to, datagram_channel channel,
                                           std::span<const byte_view> payloads);
  void post(const contact& to, datagram_channel channel, byte_view payload) {
    post(to, channel, std::span(&payload, 1));
  }
  std::string_view sort(const datagram& opened, const node_id& sender,
                        const received_datagram& one);
  void meet(const datagram& opened, const endpoint& from);
  void receive(received_datagram one);

  node_identity identity_;
  std::unique_ptr<admittance> admits_; ///< null without credentials
  contact self_;
  std::atomic<std::uint64_t> counter_;
  std::atomic<bool> is_open_ = false; ///< port_ is there; what comes before is dropped
  replay_guard seen_;                 ///< of the reading thread
  mutable std::mutex mutex_;
  std::map<datagram_channel, inbox> inboxes_;
  link_figures_now figures_;
  std::unique_ptr<datagram_port> port_; // last: its thread uses the others
};

} // namespace dci

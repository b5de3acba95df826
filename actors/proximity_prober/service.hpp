// A prober on a real network: the state machine on a link. It has no thread: whoever holds it calls
// turn.
#pragma once

#include <functional>
#include <memory>

#include "actors/proximity_prober/prober.hpp"
#include "net/datagram/node_link.hpp"

namespace dci {

class prober_service {
 public:
  /// Serves the link's proximity channel. settings must outlive it. on_arrival is called on the
  /// link's thread when datagrams wait for a turn. Errors: already_exists where the link has a
  /// prober.
  static expected<std::unique_ptr<prober_service>> start(const prober_settings& settings,
                                                         std::shared_ptr<node_link> link,
                                                         std::function<void()> on_arrival);
  ~prober_service();
  prober_service(const prober_service&) = delete;
  prober_service& operator=(const prober_service&) = delete;

  /// Takes what has come and does what is due. Returns when the next turn is due at the latest.
  node_time turn();

  prober& machine() {
    return machine_;
  }
  const prober& machine() const {
    return machine_;
  }

 private:
  prober_service(const prober_settings& settings, std::shared_ptr<node_link> link);
  void take(const arrival& one);
  void flush();

  std::shared_ptr<node_link> link_;
  prober machine_;
  prober_output out_;
  bool serves_ = false;
};

} // namespace dci

// Keeps connections alive beyond the certificates that they began with: on a short connection
// beside them both ends show their newest ones. That needs no word of what travels on the
// connection itself.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "net/descriptor.hpp"
#include "net/tls/refresh_plan.hpp"
#include "net/tls/tls_link.hpp"

namespace dci {

/// May be used from any thread.
class tls_refresher {
 public:
  explicit tls_refresher(std::shared_ptr<tls_context> context);
  /// Does not wait for peers.
  ~tls_refresher();
  tls_refresher(const tls_refresher&) = delete;
  tls_refresher& operator=(const tls_refresher&) = delete;

  /// to: where a connection to this peer was made. As long as what is returned lives.
  std::shared_ptr<const void> look_after(const address& to, const verified_node& peer);

 private:
  struct dialled {
    address to;
    node_id peer;
    refresh_plan plan;
  };
  void serve();
  void refresh(dialled& one);

  std::shared_ptr<tls_context> context_;
  descriptor stop_;
  std::mutex mutex_;
  std::list<std::weak_ptr<dialled>> all_;
  std::thread thread_; // last: it uses the others
};

} // namespace dci

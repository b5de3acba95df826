#include "runtime/host/tls_middleman.hpp"

#include <deque>
#include <mutex>

#include <caf/io/all.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/acceptor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <sys/eventfd.h>

#include "actors/errors.hpp"
#include "net/tls/tls_refresher.hpp"

namespace dci {
namespace {

using caf::io::network::default_multiplexer;
using caf::io::network::native_socket;
using caf::io::network::rw_state;

constexpr std::chrono::seconds longest_dial{3};

// How CAF's streams read and write.
class tls_policy {
 public:
  explicit tls_policy(std::unique_ptr<tls_session> session) : session_(std::move(session)) {
  }
  rw_state read_some(std::size_t& count, native_socket, void* into, std::size_t size) {
    return state_of(session_->read(into, size, count));
  }
  rw_state write_some(std::size_t& count, native_socket, const void* from, std::size_t size) {
    return state_of(session_->write(from, size, count));
  }
  // What OpenSSL holds is not seen by whoever waits for the socket.
  bool must_read_more(native_socket, std::size_t) const {
    return session_->pending() > 0;
  }

 private:
  // Nothing read or written yet is no failure: CAF waits for the socket again.
  static rw_state state_of(tls_step step) {
    return step == tls_step::failed ? rw_state::failure : rw_state::success;
  }

  std::unique_ptr<tls_session> session_;
};

class tls_scribe final : public caf::io::scribe {
 public:
  tls_scribe(default_multiplexer& loop, tls_link link)
      : scribe(caf::io::network::conn_hdl_from_socket(link.socket.get())),
        looked_after_(std::move(link.looked_after)),
        stream_(loop, link.socket.release(), std::move(link.session)) {
  }
  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (!std::exchange(launched_, true))
      stream_.start(this);
  }
  void ack_writes(bool enable) override {
    stream_.ack_writes(enable);
  }
  std::vector<char>& wr_buf() override {
    return stream_.wr_buf();
  }
  std::vector<char>& rd_buf() override {
    return stream_.rd_buf();
  }
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }
  void flush() override {
    stream_.flush(this);
  }
  std::string addr() const override {
    const auto known = caf::io::network::remote_addr_of_fd(stream_.fd());
    return known ? *known : std::string{};
  }
  std::uint16_t port() const override {
    const auto known = caf::io::network::remote_port_of_fd(stream_.fd());
    return known ? *known : std::uint16_t{0};
  }
  void add_to_loop() override {
    stream_.activate(this);
  }
  void remove_from_loop() override {
    stream_.passivate();
  }

 private:
  bool launched_ = false;
  std::shared_ptr<const void> looked_after_;
  caf::io::network::stream_impl<tls_policy> stream_;
};

// Links that were let in and wait for CAF's thread: an eventfd counts them.
struct waiting_links {
  descriptor count{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)};
  std::mutex mutex;
  std::deque<tls_link> links;

  void put(tls_link link) {
    {
      const std::lock_guard lock(mutex);
      links.push_back(std::move(link));
    }
    eventfd_write(count.get(), 1);
  }
  tls_link take() {
    const std::lock_guard lock(mutex);
    auto out = std::move(links.front());
    links.pop_front();
    return out;
  }
};

struct waiting_policy {
  static bool try_accept(native_socket& accepted, native_socket waiting) {
    eventfd_t one = 0;
    accepted = eventfd_read(waiting, &one) == 0 ? waiting : caf::io::network::invalid_native_socket;
    return true;
  }
};

class tls_doorman final : public caf::io::doorman {
 public:
  tls_doorman(default_multiplexer& loop, std::unique_ptr<waiting_links> waiting,
              std::unique_ptr<tls_listener> listener)
      : doorman(caf::io::network::accept_hdl_from_socket(waiting->count.get())),
        acceptor_(loop, dup(waiting->count.get())), waiting_(std::move(waiting)),
        listener_(std::move(listener)) {
  }
  bool new_connection() override {
    if (detached())
      return false;
    auto scribe = caf::make_counted<tls_scribe>(
        static_cast<default_multiplexer&>(acceptor_.backend()), waiting_->take());
    const auto handle = scribe->hdl();
    parent()->add_scribe(std::move(scribe));
    return doorman::new_connection(&acceptor_.backend(), handle);
  }
  void graceful_shutdown() override {
    acceptor_.graceful_shutdown();
    detach(&acceptor_.backend(), false);
  }
  void launch() override {
    acceptor_.start(this);
  }
  std::string addr() const override {
    return listener_->where().host;
  }
  std::uint16_t port() const override {
    return listener_->where().port;
  }
  void add_to_loop() override {
    acceptor_.activate(this);
  }
  void remove_from_loop() override {
    acceptor_.passivate();
  }

 private:
  caf::io::network::acceptor_impl<waiting_policy> acceptor_;
  std::unique_ptr<waiting_links> waiting_;
  std::unique_ptr<tls_listener> listener_; // last: its thread uses what waits
};

class tls_middleman final : public caf::io::middleman_actor_impl {
 public:
  tls_middleman(caf::actor_config& config, caf::actor broker, std::shared_ptr<tls_context> context)
      : middleman_actor_impl(config, std::move(broker)), context_(std::move(context)),
        refresher_(context_) {
  }

 protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host, std::uint16_t port) override {
    auto link = tls_dial(context_, {host, port}, longest_dial);
    if (!link)
      return to_caf(link.error());
    if (const auto& peer = link->session->peer())
      link->looked_after = refresher_.look_after({host, port}, *peer);
    return caf::io::scribe_ptr(caf::make_counted<tls_scribe>(loop(), std::move(*link)));
  }
  caf::expected<caf::io::doorman_ptr> open(std::uint16_t port, const char* host, bool) override {
    auto waiting = std::make_unique<waiting_links>();
    auto listener = tls_listener::open(
        context_, {host, port}, [to = waiting.get()](tls_link link) { to->put(std::move(link)); });
    if (!listener)
      return to_caf(listener.error());
    return caf::io::doorman_ptr(
        caf::make_counted<tls_doorman>(loop(), std::move(waiting), std::move(*listener)));
  }

 private:
  default_multiplexer& loop() {
    return static_cast<default_multiplexer&>(system().middleman().backend());
  }

  std::shared_ptr<tls_context> context_;
  tls_refresher refresher_;
};

} // namespace

caf::io::middleman_actor spawn_tls_middleman(caf::actor_system& system,
                                             std::shared_ptr<tls_context> context) {
  auto broker = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  return system.spawn<tls_middleman, caf::detached + caf::hidden>(std::move(broker),
                                                                  std::move(context));
}

} // namespace dci

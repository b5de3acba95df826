// Frame ports, what comes to them, and peers that are none of ours.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include <zmq.hpp>

#include "net/frames/frame_port.hpp"
#include "net/frames/zmq_socket.hpp"
#include "tests/net/tls/tls_fixture.hpp"

namespace dci::test {

/// Looks again and again, for at most 20 s.
inline bool eventually(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  std::mutex mutex;
  std::condition_variable never;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, 5ms);
  }
  return true;
}

/// Keeps what came.
class inbox {
 public:
  frame_port::handler keeps() {
    return [this](frame came, const frame_route& by) {
      const std::lock_guard lock(mutex_);
      frames_.push_back(std::move(came));
      routes_.push_back(by);
      changed_.notify_all();
    };
  }
  /// For 20 s at most.
  bool has(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return frames_.size() >= count; });
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return frames_.size();
  }
  frame last() {
    const std::lock_guard lock(mutex_);
    REQUIRE_FALSE(frames_.empty());
    return frames_.back();
  }
  frame_route last_route() {
    const std::lock_guard lock(mutex_);
    REQUIRE_FALSE(routes_.empty());
    return routes_.back();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<frame> frames_;
  std::vector<frame_route> routes_;
};

/// A port with one actor, "ear".
struct host {
  inbox ear;
  std::unique_ptr<frame_port> port;

  explicit host(frame_port::settings with = {}) : port(must(frame_port::open(std::move(with)))) {
    port->subscribe("ear", ear.keeps());
  }
  explicit host(const tls_node& node, std::string told = "")
      : host(frame_port::settings{"127.0.0.1:0", std::move(told), node.context}) {
  }
  std::uint64_t dropped(const std::string& reason) const {
    const auto all = port->dropped();
    const auto found = all.find(reason);
    return found == all.end() ? 0 : found->second;
  }
  void admit(const host& other) const {
    const auto admitted = port->admit(other.port->contact());
    REQUIRE_MESSAGE(admitted.has_value(), admitted.error().message);
  }
};

inline void befriend(const host& a, const host& b) {
  a.admit(b);
  b.admit(a);
}

inline frame words(const std::string& text) {
  return {"ear", "mouth", {1, 2}, {text.begin(), text.end()}};
}

/// A socket that speaks as its test likes. key: of its own.
struct raw_peer {
  zmq::context_t context;
  zmq::socket_t socket{context, zmq::socket_type::dealer};

  raw_peer(const curve_pair& key, const frame_contact& to, const std::string& name = "") {
    const auto set = [&](int option, const void* bytes, std::size_t size) {
      REQUIRE(zmq_setsockopt(socket.handle(), option, bytes, size) == 0);
    };
    const int linger = 0;
    set(ZMQ_LINGER, &linger, sizeof(linger));
    set(ZMQ_CURVE_SERVERKEY, to.curve.data(), to.curve.size());
    set(ZMQ_CURVE_PUBLICKEY, key.open.data(), key.open.size());
    set(ZMQ_CURVE_SECRETKEY, key.secret.data(), key.secret.size());
    if (!name.empty())
      set(ZMQ_ROUTING_ID, name.data(), name.size());
    socket.connect("tcp://" + to.address);
  }
  void send(const std::vector<byte_vector>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i)
      socket.send(zmq::buffer(parts[i]),
                  i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
  }
};

} // namespace dci::test

#include "net/frames/zmq_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <zmq.h>

namespace dci {
namespace {

error zmq_failed(errc code, const std::string& what) {
  return {code, what + ": " + zmq_strerror(zmq_errno())};
}

void let_go(void*, void* part) {
  delete static_cast<zmq_part*>(part);
}

// One that came.
class incoming {
 public:
  incoming() {
    zmq_msg_init(&message_);
  }
  ~incoming() {
    zmq_msg_close(&message_);
  }
  incoming(const incoming&) = delete;
  incoming& operator=(const incoming&) = delete;
  bool receive(void* from) {
    return zmq_msg_recv(&message_, from, ZMQ_DONTWAIT) >= 0;
  }
  bool has_more() const {
    return zmq_msg_more(&message_) != 0;
  }
  byte_view bytes() {
    return {static_cast<const std::uint8_t*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
  }
  std::string_view user() const {
    const auto* text = zmq_msg_gets(&message_, "User-Id");
    return text == nullptr ? std::string_view{} : text;
  }

 private:
  zmq_msg_t message_;
};

} // namespace

expected<curve_pair> curve_pair::generate() {
  std::array<char, 41> open{}, secret{};
  if (zmq_curve_keypair(open.data(), secret.data()) != 0)
    return fail(zmq_failed(errno == ENOTSUP ? errc::unsupported : errc::internal,
                           "cannot make a CURVE key pair"));
  curve_pair out;
  if (zmq_z85_decode(out.open.data(), open.data()) == nullptr ||
      zmq_z85_decode(out.secret.data(), secret.data()) == nullptr)
    return fail(errc::internal, "ZeroMQ cannot read the CURVE key pair that it made");
  return out;
}

zmq_context::zmq_context() : handle_(zmq_ctx_new()) {
  // One is taken for each peer that is written to; the default is 1023.
  zmq_ctx_set(handle_, ZMQ_MAX_SOCKETS, zmq_ctx_get(handle_, ZMQ_SOCKET_LIMIT));
}

zmq_context::~zmq_context() {
  while (zmq_ctx_term(handle_) != 0 && zmq_errno() == EINTR)
    continue;
}

zmq_socket::zmq_socket(const zmq_context& context, int kind)
    : handle_(::zmq_socket(context.handle(), kind)) {
}

zmq_socket::zmq_socket(zmq_socket&& other) noexcept : handle_(std::exchange(other.handle_, {})) {
}

zmq_socket& zmq_socket::operator=(zmq_socket&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

zmq_socket::~zmq_socket() {
  if (handle_ != nullptr)
    zmq_close(handle_);
}

bool zmq_socket::set(int option, int value) {
  return zmq_setsockopt(handle_, option, &value, sizeof(value)) == 0;
}

bool zmq_socket::set(int option, std::string_view bytes) {
  return zmq_setsockopt(handle_, option, bytes.data(), bytes.size()) == 0;
}

bool zmq_socket::set_key(int option, const curve_key& key) {
  return zmq_setsockopt(handle_, option, key.data(), key.size()) == 0;
}

result zmq_socket::bind(const std::string& to) {
  if (zmq_bind(handle_, to.c_str()) != 0)
    return fail(zmq_failed(errc::unreachable, "cannot listen on " + to));
  return {};
}

result zmq_socket::connect(const std::string& to) {
  if (zmq_connect(handle_, to.c_str()) != 0)
    return fail(zmq_failed(errc::unreachable, "cannot connect to " + to));
  return {};
}

bool zmq_socket::tell_events(const std::string& to) {
  return zmq_socket_monitor(handle_, to.c_str(),
                            ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) == 0;
}

std::string zmq_socket::bound_to() const {
  constexpr std::string_view before = "tcp://";
  std::array<char, 256> text{};
  auto size = text.size();
  if (zmq_getsockopt(handle_, ZMQ_LAST_ENDPOINT, text.data(), &size) != 0 || size < before.size())
    return {};
  return text.data() + before.size();
}

bool zmq_socket::can_send() const {
  int events = 0;
  auto size = sizeof(events);
  return zmq_getsockopt(handle_, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLOUT) != 0;
}

zmq_socket::sent zmq_socket::send(std::vector<zmq_part> parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    zmq_msg_t message;
    auto* const part = new zmq_part(std::move(parts[i]));
    auto& bytes = part->bytes;
    if (zmq_msg_init_data(&message, bytes.data(), bytes.size(), let_go, part) != 0) {
      delete part;
      return sent::full;
    }
    const int flags = ZMQ_DONTWAIT | (i + 1 < parts.size() ? ZMQ_SNDMORE : 0);
    if (zmq_msg_send(&message, handle_, flags) < 0) {
      const bool no_route = zmq_errno() == EHOSTUNREACH;
      zmq_msg_close(&message);
      return no_route ? sent::no_route : sent::full;
    }
  }
  return sent::yes;
}

bool zmq_socket::receive(const reader& reads) {
  std::vector<std::unique_ptr<incoming>> all;
  while (true) {
    auto next = std::make_unique<incoming>();
    if (!next->receive(handle_)) {
      if (zmq_errno() == EINTR)
        continue;
      return false;
    }
    const bool more = next->has_more();
    if (all.size() <= most_parts)
      all.push_back(std::move(next));
    if (!more)
      break;
  }
  std::vector<byte_view> parts;
  for (const auto& one : all)
    parts.push_back(one->bytes());
  reads(parts, all.back()->user());
  return true;
}

} // namespace dci

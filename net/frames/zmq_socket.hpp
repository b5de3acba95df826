// ZeroMQ's contexts and sockets as values. Nothing here throws.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/frames/frame_contact.hpp"

namespace dci {

/// A key pair of CurveZMQ, new with every port.
struct curve_pair {
  curve_key open{}, secret{};

  /// Errors: internal; unsupported by a libzmq without CURVE.
  static expected<curve_pair> generate();
};

/// All sockets of one must be gone before it goes.
class zmq_context {
 public:
  zmq_context();
  ~zmq_context();
  zmq_context(const zmq_context&) = delete;
  zmq_context& operator=(const zmq_context&) = delete;
  void* handle() const {
    return handle_;
  }

 private:
  void* handle_;
};

/// One part of what is sent. held: let go when ZeroMQ needs the bytes no more.
struct zmq_part {
  byte_vector bytes;
  std::shared_ptr<const void> held;
};

/// For one thread at a time.
class zmq_socket {
 public:
  enum class sent { yes, full, no_route };
  /// The parts of a message and the "User-Id" of its sender, empty where he has none.
  using reader = std::function<void(std::span<const byte_view>, std::string_view user)>;

  zmq_socket() = default;
  /// What is unsent when it closes is dropped. Of kind ZMQ_REP, ZMQ_ROUTER, ZMQ_DEALER, ZMQ_PAIR.
  zmq_socket(const zmq_context& context, int kind);
  zmq_socket(zmq_socket&& other) noexcept;
  zmq_socket& operator=(zmq_socket&& other) noexcept;
  ~zmq_socket();

  void* handle() const {
    return handle_;
  }
  bool set(int option, int value);
  bool set(int option, std::string_view bytes);
  bool set_key(int option, const curve_key& key);
  /// Errors: unreachable.
  result bind(const std::string& to);
  result connect(const std::string& to);
  /// Connections that stand, and that break, are told at an address of this process.
  bool tell_events(const std::string& to);
  /// Without "tcp://".
  std::string bound_to() const;

  /// False when all it is connected to is full, or when it is connected to nothing.
  bool can_send() const;
  /// Never waits: all parts or none.
  sent send(std::vector<zmq_part> parts);
  /// False when nothing has come. Of a message of more than most_parts the rest is thrown away, and
  /// the reader gets one part too many.
  bool receive(const reader& reads);

  static constexpr std::size_t most_parts = 8;

 private:
  void* handle_ = nullptr;
};

} // namespace dci

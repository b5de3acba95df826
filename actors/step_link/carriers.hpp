// What carries a link's messages: CAF where it can, ZeroMQ where it cannot. Pure: the time is an
// argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dci {

/// What a link may use.
enum class transport : std::uint8_t { any, caf, zmq };
/// "auto", "caf", "zmq".
std::string_view to_string(transport t) noexcept;
std::optional<transport> transport_from(std::string_view name) noexcept;

/// What it uses. inside: both ends are in one process.
enum class carrier : std::uint8_t { none, inside, caf, zmq };
std::string_view to_string(carrier c) noexcept;

class carriers {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  carriers() = default;
  /// caf_is_up: at the start.
  carriers(transport allowed, bool caf_is_up, time_point now);
  static carriers inside();

  carrier in_use() const {
    return in_use_;
  }
  /// Whether it may use CAF, or ZeroMQ.
  bool may(carrier c) const;
  /// What is up now. True when another one is to be used from now on, and it is one.
  bool caf(bool is_up, time_point now);
  bool zmq(bool is_up, time_point now);

  /// There has been none for so long.
  bool is_lost(time_point now, duration wait) const {
    return in_use_ == carrier::none && now - since_ > wait;
  }
  /// How often another one was taken.
  std::uint64_t changes() const {
    return changes_;
  }

 private:
  bool choose(time_point now);

  transport allowed_ = transport::any;
  bool caf_ = false;
  bool zmq_ = false;
  carrier in_use_ = carrier::none;
  time_point since_{}; ///< the last change
  std::uint64_t changes_ = 0;
};

} // namespace dci

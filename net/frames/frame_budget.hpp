// How much of what is to be sent may wait: in all, and for one peer.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "net/frames/frame_contact.hpp"

namespace dci {

/// May be used from any thread.
class frame_budget : public std::enable_shared_from_this<frame_budget> {
 public:
  static constexpr std::size_t most_bytes = std::size_t{256} << 20;
  /// Room for one frame of the largest size, so that a peer which does not read leaves the others
  /// the rest.
  static constexpr std::size_t most_bytes_of_one = std::size_t{96} << 20;
  /// What a frame takes beside its parts.
  static constexpr std::size_t overhead = 512;

  /// Gives back what it holds when the last copy goes.
  using ticket = std::shared_ptr<const void>;

  /// Null where it does not fit.
  ticket take(const curve_key& peer, std::size_t bytes);

 private:
  void give_back(const curve_key& peer, std::size_t bytes);

  std::mutex mutex_;
  std::size_t all_ = 0;
  std::map<curve_key, std::size_t> of_; ///< without those of whom nothing waits
};

} // namespace dci

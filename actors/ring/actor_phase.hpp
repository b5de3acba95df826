// The phases in which a ring is put together: each asks all stages at once, and the first failure
// ends the attempt.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "actors/ring/actor.hpp"

namespace dci {

using phase_fn = void (*)(ring_pointer);

/// For what a host answers at once.
inline constexpr std::chrono::seconds short_wait{10};

inline std::chrono::milliseconds ms(std::uint32_t n) {
  return std::chrono::milliseconds{n};
}

/// Counts the answers of one phase and starts the next one after the last.
class phase_gate {
 public:
  phase_gate(ring_pointer self, std::size_t answers, phase_fn next)
      : self_(self), epoch_(self->state.epoch), left_(std::make_shared<std::size_t>(answers)),
        next_(next) {
  }

  /// Whether an answer still belongs to the attempt under way.
  bool current() const {
    return self_->state.now == ring_state::phase::assembling && self_->state.epoch == epoch_;
  }
  void one_done() const {
    if (current() && --*left_ == 0)
      next_(self_);
  }
  void failed(std::string_view who, const caf::error& why) const {
    if (current())
      fall_apart(self_, in_context(who, from_caf(why)));
  }

 private:
  ring_pointer self_;
  epoch_id epoch_;
  std::shared_ptr<std::size_t> left_;
  phase_fn next_;
};

/// The stages have their weights: who is beside whom, and be ready; actor_wiring.cpp.
void connect_stages(ring_pointer self);

} // namespace dci

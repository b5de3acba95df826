// One end of a link as its actor holds it: a step_link, what carries it, and the way to the other
// end. An actor of its own dials, so nobody waits for that.
//
// Whoever dials a link also asks over ZeroMQ; the other one answers by the way that he was
// written to last.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <caf/scheduled_actor.hpp>

#include "actors/protocols.hpp"
#include "actors/step_link/carriers.hpp"
#include "actors/step_link/step_link.hpp"
#include "actors/step_link/wire.hpp"
#include "net/frames/lazy_frame_port.hpp"

namespace dci {

/// How often links without CAF are looked after.
inline constexpr std::chrono::milliseconds link_tick_pause{100};

class actor_link {
 public:
  using time_point = carriers::time_point;

  struct setup {
    epoch_id epoch;
    std::uint32_t number = 0;
    link_end to;
    transport allowed = transport::any;
    std::chrono::milliseconds wait{1000};    ///< how long it may be without a carrier
    bool dials = false;                      ///< or waits to be dialled
    actor_ref node;                          ///< the host's, who dials
    std::string own_name;                    ///< by which frames are answered
    std::shared_ptr<lazy_frame_port> frames; ///< null: there is no ZeroMQ here
  };

  /// With nobody at the other end.
  actor_link() = default;
  /// Errors: refused, when the other end's credentials do not hold; unreachable when ZeroMQ's port
  /// cannot be opened.
  static expected<actor_link> make(caf::scheduled_actor* self, setup settings);

  void send(caf::scheduled_actor* self, step_message message);
  /// What came, by CAF from a sender or by ZeroMQ by a route; the message if it is the next one.
  std::optional<step_message> take(caf::scheduled_actor* self, step_frame frame,
                                   const frame_route* by);
  void take(caf::scheduled_actor* self, const link_report_event& report, const frame_route* by);
  void take(caf::scheduled_actor* self, const link_found& found);
  /// True when it was the other end's, whose host is out of reach: the link goes on without CAF.
  /// False when it is nobody's here, or the actor has ended.
  bool take_down(caf::scheduled_actor* self, const caf::down_msg& down);
  void tick(caf::scheduled_actor* self);

  /// It needs ticks.
  bool is_troubled() const;
  bool has_carrier() const {
    return carriers_.in_use() != carrier::none;
  }
  /// Nothing has carried it for too long.
  bool is_lost(time_point now) const;
  /// Whether this is the actor at the other end.
  bool is_at(const caf::actor_addr& actor) const {
    return handle_ && actor == handle_;
  }
  /// Null where it has no ZeroMQ.
  const std::shared_ptr<frame_port>& port() const {
    return port_;
  }
  step_link_state describe() const;

 private:
  void heard(caf::scheduled_actor* self, const frame_route* by);
  void carry(caf::scheduled_actor* self, step_frame frame);
  void ask(time_point now);
  void say(caf::scheduled_actor* self, const link_report_event& report, const frame_route* by);
  void write(const link_message& message, const frame_route* by);
  template <class Message>
  void tell(caf::scheduled_actor* self, Message message);
  void replay(caf::scheduled_actor* self);
  void dial(caf::scheduled_actor* self);
  void lose_caf(caf::scheduled_actor* self);

  setup settings_;
  step_link steps_;
  carriers carriers_;
  std::shared_ptr<frame_port> port_;
  actor_ref handle_;                 ///< the other end by CAF; null while it is out of reach
  std::optional<frame_route> route_; ///< by which the other end wrote last
  time_point heard_{};               ///< by ZeroMQ
  time_point asked_{};
  bool is_dialling_ = false;
};

} // namespace dci

#include "actors/step_link/actor_frames.hpp"

#include <caf/send.hpp>

namespace dci {

void hear_frames(caf::scheduled_actor* self, const std::string& name,
                 const std::shared_ptr<frame_port>& port) {
  port->subscribe(
      name, [to = caf::actor_cast<caf::weak_actor_ptr>(self)](frame what, const frame_route& by) {
        if (const auto strong = to.lock())
          caf::anon_send(caf::actor_cast<caf::actor>(strong), frame_arrived{std::move(what), by});
      });
  self->attach_functor([name, weak = std::weak_ptr(port)] {
    if (const auto open = weak.lock())
      open->unsubscribe(name);
  });
}

} // namespace dci

// Asking an actor from a program's own thread.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/after.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/errors.hpp"
#include "runtime/base/error.hpp"

namespace dci {

/// One typed request, waited for. A blocking actor's own request would wait out
/// its time when the asked actor's host is lost; this one ends at once. Errors:
/// what the actor says, also as the reason of its end; peer_lost, timed_out.
template <class Reply, class Handle, class Request>
expected<Reply> ask(caf::actor_system& system, const Handle& to, Request request,
                    std::chrono::milliseconds wait) {
  const auto said = std::make_shared<std::promise<expected<Reply>>>();
  auto answer = said->get_future();
  // `to` is an argument because CAF, given none, dereferences a null tuple of arguments.
  system.spawn<caf::hidden>(
      [wait, said, request = std::move(request)](caf::event_based_actor* self, const Handle& whom) {
        const auto end = [self, said](expected<Reply> out) {
          said->set_value(std::move(out));
          self->quit();
        };
        self->set_down_handler([end](const caf::down_msg& down) {
          // An actor that cannot begin ends with an error of its own.
          auto why = from_caf(down.reason);
          if (why.code == errc::peer_lost || why.code == errc::none)
            why = {errc::peer_lost, "the asked actor is lost: " + reason_text(down.reason)};
          end(fail(std::move(why)));
        });
        self->monitor(whom);
        self->request(whom, wait, request)
            .then([end](Reply& reply) { end(std::move(reply)); },
                  [self, end, wait](const caf::error& e) {
                    if (e != caf::sec::request_receiver_down)
                      return end(fail(from_caf(e)));
                    // Why it is gone the monitor says.
                    self->become(caf::after(wait) >> [end, e] { end(fail(from_caf(e))); });
                  });
      },
      to);
  return answer.get();
}

} // namespace dci

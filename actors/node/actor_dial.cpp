// Connecting to another host.
//
// Where two hosts dial each other at the same time, each has a connection of its own when the
// other's greeting arrives, and CAF closes both. What they write then goes by way of a third host
// that knows both, if there is one, and nobody notices when that way ends. So a dial is over only
// when an answer has come and the connection is found to be a direct one.
#include <caf/io/middleman.hpp>

#include "actors/node/actor.hpp"
#include "net/address.hpp"

namespace dci {
namespace {

constexpr std::chrono::milliseconds dial_pause{100};
constexpr std::chrono::seconds connect_timeout{5}, answer_timeout{1};

caf::io::middleman_actor middleman_of(node_pointer self) {
  const auto& settings = self->state.settings;
  return settings.tls ? settings.tls_middleman : self->system().middleman().actor_handle();
}

template <class Outcome>
void finish(node_pointer self, std::uint64_t id, Outcome&& outcome) {
  auto dial = self->state.dials.extract(id);
  if (!dial.empty())
    dial.mapped().promise.deliver(std::forward<Outcome>(outcome));
}

void try_again(node_pointer self, std::uint64_t id) {
  auto& state = self->state;
  const auto entry = state.dials.find(id);
  if (entry == state.dials.end())
    return;
  const auto& dial = entry->second;
  if (std::chrono::steady_clock::now() >= dial.deadline)
    return finish(self, id,
                  to_caf({errc::unreachable,
                          "nobody answers at " + to_string(address{dial.host, dial.port}) +
                              "; is that host running, and with credentials just if this one has "
                              "some?"}));
  // Drawn, so that two who dial each other do not go in step.
  const auto pause =
      dial_pause +
      std::chrono::milliseconds(state.random.below(static_cast<std::uint32_t>(dial_pause.count())));
  self->delayed_send(self, pause, dial_again{id});
}

void check_way(node_pointer self, std::uint64_t id, const actor_ref& remote) {
  self->request(middleman_of(self), connect_timeout, caf::get_atom::value, remote->node())
      .then(
          [=](const caf::node_id&, const std::string&, std::uint16_t port) {
            if (port != 0)
              finish(self, id, dial_reply{remote});
            else
              try_again(self, id);
          },
          [=](const caf::error&) { try_again(self, id); });
}

void check_answer(node_pointer self, std::uint64_t id, const actor_ref& remote) {
  if (remote->node() == self->node())
    return finish(self, id, dial_reply{remote});
  self->request(caf::actor_cast<node_actor>(remote), answer_timeout, node_describe_request{})
      .then([=](const node_description&) { check_way(self, id, remote); },
            [=](const caf::error&) { try_again(self, id); });
}

} // namespace

void try_dial(node_pointer self, std::uint64_t id) {
  const auto it = self->state.dials.find(id);
  if (it == self->state.dials.end())
    return;
  self->request(middleman_of(self), connect_timeout, caf::connect_atom::value, it->second.host,
                it->second.port)
      .then(
          [=](caf::node_id&, caf::strong_actor_ptr& remote, std::set<std::string>& interface) {
            if (remote &&
                self->system().assignable(interface, self->system().message_types<node_actor>()))
              check_answer(self, id, remote);
            else
              finish(self, id,
                     to_caf({errc::bad_message, "what answers there is not a dci-runtime host"}));
          },
          [=](caf::error& e) {
            // Another try would come to the same.
            if (const auto why = from_caf(e); why.code == errc::refused)
              finish(self, id, to_caf(why));
            else
              try_again(self, id);
          });
}

caf::result<dial_reply> dial(node_pointer self, const dial_request& request) {
  auto to = parse_address(request.address);
  if (!to)
    return to_caf(to.error());
  if (!is_loopback(*to) && !self->state.settings.tls)
    return to_caf({errc::unsupported, request.address + " is not a loopback address, and this host "
                                                        "has no credentials: it connects on its "
                                                        "own machine only"});
  auto promise = self->make_response_promise<dial_reply>();
  const auto id = ++self->state.next_dial;
  const auto wait = std::chrono::milliseconds{request.wait_ms};
  self->state.dials.emplace(
      id, node_state::dial{to->host, to->port, std::chrono::steady_clock::now() + wait, promise});
  try_dial(self, id);
  return promise;
}

} // namespace dci

#include "actors/gate/actor.hpp"

#include "actors/gate/wire.hpp"
#include "actors/link/actor_beside.hpp"
#include "actors/step_link/actor_frames.hpp"
#include "net/frames/lazy_frame_port.hpp"

namespace dci {
namespace {

constexpr auto channel = datagram_channel::gate;
constexpr std::size_t most_peers = 16'384;
constexpr std::chrono::seconds short_wait{10}, ring_wait{60};

void refuse(gate_state& state, std::string_view reason) {
  ++state.refused[std::string{reason}];
}

void answer(gate_state& state, const gate_asker& to, gate_answer::kinds message) {
  frame out;
  out.to = to.actor;
  out.from = state.context.name;
  out.header = pack_answer({to.number, std::move(message)});
  state.port->reply(to.route, std::move(out));
}

/// What strangers need not know of this host stays here.
gate_refusal_event in_short(errc code) {
  return {std::string{to_string(code)}, std::string{meaning(code)}};
}

void let_in(gate_state& state, const arrival& came) {
  const auto offer = unpack_offer(came.payload);
  if (!offer)
    return refuse(state, "offers cannot be read");
  const auto& contact = offer->contact;
  // Whose contact it is he has signed, and who has sent it, too; both must be one.
  if (id_of(contact.key) != came.from.id)
    return refuse(state, "another node's contact");
  // A node that starts again comes with a new key.
  std::erase_if(state.peers, [&](const auto& one) { return one.second == came.from.id; });
  if (state.peers.size() >= most_peers)
    return refuse(state, "too many peers");
  if (const auto admitted = state.port->admit_stranger(contact, state.context.name); !admitted) {
    if (state.refusals_logged.allows())
      spdlog::info("{}: {}", state.context.name, admitted.error().message);
    return refuse(state, to_string(admitted.error().code));
  }
  state.peers.emplace(contact.curve, came.from.id);
  const auto welcome = pack_welcome({state.port->contact(), state.context.name});
  if (welcome.size() > came.payload.size())
    return refuse(state, "offers shorter than the answer");
  state.link->send(came.from, channel, welcome);
}

void begin_answer(gate_pointer self, const gate_asker& to, gate_question& question) {
  auto& state = self->state;
  auto request = std::get<generate_request>(std::move(question.message));
  request.sink = caf::actor_cast<actor_ref>(self);
  request.want_logits = false;
  state.keeper->take_room(to.who);
  const auto failed = [self, to](const caf::error& e) {
    const auto why = from_caf(e);
    if (self->state.refusals_logged.allows())
      spdlog::info("{}: no answer for {}: {}", self->state.context.name, short_name(to.who),
                   why.message);
    self->state.keeper->give_room(to.who);
    refuse(self->state, to_string(why.code));
    answer(self->state, to, in_short(why.code));
  };
  const auto opened = [self, to](const actor_ref& ring, const generate_reply& reply) {
    self->state.sessions[reply.session] = {to, ring};
    answer(self->state, to, reply);
  };
  self->request(caf::actor_cast<node_actor>(state.context.node), short_wait,
                find_request{question.ring})
      .then(
          [=](const actor_info& found) {
            self->monitor(found.actor);
            self->request(caf::actor_cast<ring_actor>(found.actor), ring_wait, request)
                .then([=](const generate_reply& reply) { opened(found.actor, reply); }, failed);
          },
          failed);
}

void cancel(gate_pointer self, const gate_asker& by, const gate_question& question) {
  auto& state = self->state;
  const auto& wanted = std::get<cancel_request>(question.message);
  const auto it = state.sessions.find(wanted.session);
  // Of another's sessions he does not even learn that they are.
  if (it == state.sessions.end() || it->second.to.who != by.who) {
    refuse(state, "no_such_session");
    return answer(state, by,
                  gate_refusal_event{"no_such_session", "you have no session of that number"});
  }
  // Its end comes as a session_end_event.
  self->request(caf::actor_cast<ring_actor>(it->second.ring), short_wait, wanted)
      .then([](const generate_reply&) {}, [](const caf::error&) {});
}

void take_question(gate_pointer self, const frame_arrived& arrived) {
  auto& state = self->state;
  ++state.questions;
  auto question = unpack_question(arrived.what.header);
  gate_asker by{{}, arrived.what.from, arrived.by, question ? question->number : 0};
  if (!question || !arrived.what.payload.empty()) {
    const std::string why = question ? "a question has no payload" : question.error().message;
    if (state.refusals_logged.allows())
      spdlog::info("{}: {}", state.context.name, why);
    refuse(state, "malformed");
    return answer(state, by, gate_refusal_event{"malformed", why});
  }
  if (!state.peers.contains({arrived.by.peer.curve, question->asker})) {
    refuse(state, "another_name");
    return answer(state, by, gate_refusal_event{"another_name", "this is not your node"});
  }
  by.who = question->asker;
  if (auto no = state.keeper->judge(by.who, *question, std::chrono::steady_clock::now())) {
    refuse(state, no->reason);
    return answer(state, by, std::move(*no));
  }
  if (std::holds_alternative<gate_terms_request>(question->message))
    return answer(state, by, state.keeper->terms_of(by.who));
  if (std::holds_alternative<generate_request>(question->message))
    return begin_answer(self, by, *question);
  cancel(self, by, *question);
}

using open_session = std::map<session_id, gate_state::session>::iterator;

void end(gate_state& state, open_session it, gate_answer::kinds last) {
  state.keeper->give_room(it->second.to.who);
  answer(state, it->second.to, std::move(last));
  state.sessions.erase(it);
}

void on_down(gate_state& state, const caf::down_msg& down) {
  for (auto it = state.sessions.begin(); it != state.sessions.end();) {
    const auto next = std::next(it);
    if (down.source == it->second.ring)
      end(state, it, in_short(errc::peer_lost));
    it = next;
  }
}

gate_description describe(const gate_state& state) {
  auto refused = state.refused;
  if (state.port)
    for (const auto& [reason, times] : state.port->dropped())
      refused["frames: " + reason] += times;
  return {state.config.rings, state.peers.size(), state.questions, state.sessions.size(),
          to_list(refused)};
}

void begin(gate_pointer self, const std::shared_ptr<node_link>& link) {
  auto& state = self->state;
  if (!link->credentials())
    return give_up(self, state.context.name,
                   to_caf({errc::bad_config, "without credentials nobody can be told from "
                                             "another: a gate needs a host with credentials"}));
  auto port = state.context.frames->open();
  if (!port)
    return give_up(self, state.context.name, to_caf(port.error()));
  state.link = link;
  state.port = *port;
  if (auto served = link->serve(channel, turn_note<gate_inside, gate_turn>(self)); !served)
    return give_up(self, state.context.name, to_caf(served.error()));
  self->attach_functor([link] { link->stop_serving(channel); });
  hear_frames(self, state.context.name, state.port);
}

} // namespace

gate_inside::behavior_type gate(gate_pointer self, spawn_context context, gate_config config) {
  auto& state = self->state;
  state.context = context;
  state.config = config;
  auto roles = listed_roles::of(config);
  if (!roles)
    give_up(self, context.name, to_caf(in_context("clients", roles.error())));
  else
    state.keeper = std::make_unique<gate_keeper>(config, std::move(*roles));
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self->state, down); });
  if (state.keeper && context.frames)
    open_link_beside(self, context, config.link,
                     [self](const std::shared_ptr<node_link>& link) { begin(self, link); });
  return {
      [self](const gate_describe_request&) { return describe(self->state); },
      [self](const gate_turn&) {
        if (self->state.link)
          for (const auto& came : self->state.link->take(channel))
            let_in(self->state, came);
      },
      [self](const frame_arrived& arrived) { take_question(self, arrived); },
      [self](text_event& event) {
        const auto it = self->state.sessions.find(event.session);
        if (it != self->state.sessions.end())
          answer(self->state, it->second.to, std::move(event));
      },
      [self](session_end_event& event) {
        const auto it = self->state.sessions.find(event.session);
        if (it == self->state.sessions.end())
          return;
        if (event.code != errc::none)
          event.message = meaning(event.code);
        end(self->state, it, std::move(event));
      },
  };
}

} // namespace dci

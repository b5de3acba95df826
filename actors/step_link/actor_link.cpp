#include "actors/step_link/actor_link.hpp"

#include <caf/event_based_actor.hpp>

#include "actors/errors.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds answer_wait{5};
constexpr std::chrono::milliseconds between_questions{500};
/// Who waits to be dialled has no other sign of the end than silence, and may himself have been
/// at work all the time.
constexpr std::chrono::seconds longest_silence{15};

/// Reaches a host and an actor on it, says so to the one who asked, and ends; with him, if that is
/// sooner.
caf::behavior dialler(caf::event_based_actor* self, const actor_ref& asker, const actor_ref& node,
                      const link_end& to, const link_found& out, std::chrono::milliseconds wait) {
  const auto done = [=](actor_ref found) {
    caf::anon_send(caf::actor_cast<caf::actor>(asker),
                   link_found{out.epoch, out.link, std::move(found)});
    self->quit();
  };
  const auto failed = [done](caf::error&) { done(nullptr); };
  self->monitor(asker);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  const auto ms = static_cast<std::uint32_t>(wait.count());
  self->request(caf::actor_cast<node_actor>(node), wait + answer_wait, dial_request{to.address, ms})
      .then(
          [=](const dial_reply& reply) {
            self->request(caf::actor_cast<node_actor>(reply.node), answer_wait,
                          find_request{to.name})
                .then([done](const actor_info& info) { done(info.actor); }, failed);
          },
          failed);
  return {};
}

} // namespace

expected<actor_link> actor_link::make(caf::scheduled_actor* self, setup settings) {
  actor_link out;
  out.steps_ = {settings.epoch, settings.number};
  out.handle_ = settings.to.actor;
  const bool is_inside = out.handle_ && out.handle_->node() == self->node();
  const auto now = self->clock().now();
  if (is_inside) {
    out.carriers_ = carriers::inside();
  } else {
    out.carriers_ = {settings.allowed, static_cast<bool>(out.handle_), now};
    if (settings.frames && out.carriers_.may(carrier::zmq) && !settings.to.frames.address.empty()) {
      DCI_ASSIGN(out.port_, settings.frames->open());
      DCI_TRY(out.port_->admit(settings.to.frames));
    }
  }
  if (out.handle_)
    self->monitor(out.handle_);
  out.settings_ = std::move(settings);
  return out;
}

void actor_link::send(caf::scheduled_actor* self, step_message message) {
  if (carriers_.in_use() == carrier::inside)
    tell(self, step_frame{settings_.epoch, settings_.number, 0, std::move(message)});
  else
    carry(self, steps_.push(std::move(message)));
}

void actor_link::carry(caf::scheduled_actor* self, step_frame frame) {
  if (carriers_.in_use() == carrier::caf)
    tell(self, std::move(frame));
  else if (carriers_.in_use() == carrier::zmq)
    write(std::move(frame), route_ ? &*route_ : nullptr);
}

template <class Message>
void actor_link::tell(caf::scheduled_actor* self, Message message) {
  if (handle_)
    handle_->enqueue(caf::make_mailbox_element(self->ctrl(), caf::make_message_id(), caf::no_stages,
                                               std::move(message)),
                     self->context());
}

void actor_link::write(const link_message& message, const frame_route* by) {
  if (!port_)
    return;
  auto packed = pack_link_message(message);
  packed.to = settings_.to.name;
  packed.from = settings_.own_name;
  if (settings_.dials)
    port_->send(settings_.to.frames, std::move(packed));
  else if (by != nullptr)
    port_->reply(*by, std::move(packed));
}

void actor_link::heard(caf::scheduled_actor* self, const frame_route* by) {
  const auto now = self->clock().now();
  if (by != nullptr) {
    heard_ = now;
    route_ = *by;
    // Who dials chooses: he writes by ZeroMQ when CAF has failed him, which may not show here yet.
    if (!settings_.dials && carriers_.in_use() == carrier::caf && carriers_.may(carrier::zmq)) {
      handle_ = nullptr;
      carriers_.caf(false, now);
    }
    if (carriers_.zmq(true, now))
      replay(self);
    return;
  }
  // Who dials hears of a new handle from his dialler; the other one, by being written to.
  if (carriers_.in_use() == carrier::inside || handle_ || settings_.dials)
    return;
  handle_ = self->current_sender();
  if (!handle_)
    return;
  self->monitor(handle_);
  if (carriers_.caf(true, now))
    replay(self);
}

std::optional<step_message> actor_link::take(caf::scheduled_actor* self, step_frame frame,
                                             const frame_route* by) {
  if (carriers_.in_use() == carrier::inside)
    return std::move(frame.message);
  heard(self, by);
  auto out = steps_.take(std::move(frame));
  if (steps_.owes_report())
    say(self, steps_.report(), by);
  return out;
}

void actor_link::take(caf::scheduled_actor* self, const link_report_event& report,
                      const frame_route* by) {
  heard(self, by);
  if (!steps_.take(report)) {
    spdlog::warn("{}: {} claims to have {} messages, of {} written", settings_.own_name,
                 settings_.to.name, report.received, steps_.sent());
    return;
  }
  if (report.asks)
    say(self, steps_.answer(report), by);
  if (steps_.has_gap())
    replay(self);
}

/// By the way that it came.
void actor_link::say(caf::scheduled_actor* self, const link_report_event& report,
                     const frame_route* by) {
  if (by != nullptr)
    return write(report, by);
  const auto& sender = self->current_sender();
  if (sender)
    sender->enqueue(
        caf::make_mailbox_element(self->ctrl(), caf::make_message_id(), caf::no_stages, report),
        self->context());
}

void actor_link::replay(caf::scheduled_actor* self) {
  auto frames = steps_.replay();
  spdlog::info("{}: {} is reached by {}, {} messages again", settings_.own_name, settings_.to.name,
               to_string(carriers_.in_use()), frames.size());
  for (auto& frame : frames)
    carry(self, std::move(frame));
}

bool actor_link::take_down(caf::scheduled_actor* self, const caf::down_msg& down) {
  if (!handle_ || down.source != handle_ ||
      down.reason != caf::exit_reason::remote_link_unreachable)
    return false;
  lose_caf(self);
  return true;
}

void actor_link::lose_caf(caf::scheduled_actor* self) {
  spdlog::warn("{}: CAF's link to {} is lost", settings_.own_name, settings_.to.name);
  handle_ = nullptr;
  if (carriers_.caf(false, self->clock().now()))
    replay(self);
  tick(self);
}

void actor_link::dial(caf::scheduled_actor* self) {
  if (std::exchange(is_dialling_, true))
    return;
  self->home_system().spawn(dialler, caf::actor_cast<actor_ref>(self), settings_.node, settings_.to,
                            link_found{settings_.epoch, settings_.number, nullptr}, settings_.wait);
}

void actor_link::take(caf::scheduled_actor* self, const link_found& found) {
  is_dialling_ = false;
  if (!found.actor || handle_)
    return;
  handle_ = found.actor;
  self->monitor(handle_);
  if (carriers_.caf(true, self->clock().now()))
    replay(self);
  // So the other end, too, knows of this way.
  tell(self, steps_.question());
}

void actor_link::tick(caf::scheduled_actor* self) {
  if (!is_troubled())
    return;
  const auto now = self->clock().now();
  if (!settings_.dials) {
    if (now - heard_ > longest_silence)
      carriers_.zmq(false, now);
    return;
  }
  if (!handle_ && carriers_.may(carrier::caf) && !settings_.to.address.empty())
    dial(self);
  if (port_) {
    ask(now);
    if (carriers_.zmq(port_->is_connected(settings_.to.frames), now))
      replay(self);
  }
}

/// The question alone makes ZeroMQ connect.
void actor_link::ask(time_point now) {
  if (now - asked_ < (carriers_.in_use() == carrier::none ? link_tick_pause : between_questions))
    return;
  asked_ = now;
  write(steps_.question(), nullptr);
}

bool actor_link::is_troubled() const {
  return settings_.node && carriers_.in_use() != carrier::inside &&
         carriers_.in_use() != carrier::caf;
}

bool actor_link::is_lost(time_point now) const {
  const auto wait = settings_.dials ? std::chrono::milliseconds{settings_.wait}
                                    : std::chrono::milliseconds{longest_silence};
  return settings_.node && carriers_.is_lost(now, wait);
}

step_link_state actor_link::describe() const {
  return {settings_.to.name,  std::string{to_string(carriers_.in_use())},
          steps_.sent(),      steps_.kept(),
          steps_.again(),     steps_.repeated(),
          carriers_.changes()};
}

} // namespace dci

#include "runtime/host/ring_client.hpp"

#include <optional>

#include "runtime/host/ask.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds open_wait{30};
// The ring has its own, shorter limits for every step; this one is for a ring
// that is itself stuck.
constexpr std::chrono::minutes silence_limit{10};
// How often to ask whether to give up, and how long to wait for the end then.
constexpr std::chrono::milliseconds look_up{50};
constexpr std::chrono::seconds cancel_wait{2};

} // namespace

ring_client::ring_client(host& here, ring_actor ring) : here_(here), ring_(std::move(ring)) {
}

expected<ring_description> ring_client::assemble(std::chrono::milliseconds wait) {
  return ask<ring_description>(here_.system(), ring_, assemble_request{}, wait);
}

expected<generated> ring_client::generate(generate_request request,
                                          const std::function<void(const text_event&)>& on_text,
                                          const std::function<bool()>& give_up) {
  caf::scoped_actor self{here_.system()};
  self->monitor(ring_);
  request.sink = caf::actor_cast<actor_ref>(self);
  const auto opened = ask<generate_reply>(here_.system(), ring_, std::move(request), open_wait);
  if (!opened)
    return fail(opened.error());
  generated out;
  std::optional<error> failed;
  bool done = false;
  bool cancelled = false;
  auto heard = std::chrono::steady_clock::now();
  while (!done && !failed) {
    const auto now = std::chrono::steady_clock::now();
    if (give_up && !cancelled && give_up()) {
      cancelled = true;
      heard = now;
      self->send(ring_, cancel_request{opened->session});
    }
    const auto limit = cancelled ? std::chrono::seconds{cancel_wait} : silence_limit;
    if (now - heard > limit) {
      failed = error{errc::timed_out,
                     "session " + to_string(opened->session) + ": the ring says nothing"};
      break;
    }
    self->receive(
        [&](text_event& event) {
          if (event.session != opened->session)
            return;
          heard = std::chrono::steady_clock::now();
          out.tokens.push_back(event.token);
          out.text += event.text;
          if (!event.logits.empty())
            out.logits.assign(event.logits.values().begin(), event.logits.values().end());
          if (on_text)
            on_text(event);
        },
        [&](session_end_event& event) {
          if (event.session != opened->session)
            return;
          done = true;
          out.text += event.text;
          if (event.code != errc::none)
            failed = error{event.code, event.message};
          out.end = std::move(event);
        },
        [&](const caf::down_msg& down) {
          failed = error{errc::peer_lost, "session " + to_string(opened->session) +
                                              ": the ring is lost: " + reason_text(down.reason)};
        },
        caf::after(look_up) >> [] {});
  }
  if (failed)
    return fail(std::move(*failed));
  return out;
}

} // namespace dci

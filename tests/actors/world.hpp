// A host whose actors run only when the test says so, on a clock that the test
// moves: a node with the program's own actor types, none of them detached.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include "actors/node/actor.hpp"
#include "actors/protocols.hpp"
#include "actors/registry.hpp"

namespace dci::test {

/// What an asked actor has said so far.
template <class Reply>
using answer = std::shared_ptr<std::optional<expected<Reply>>>;

/// What a sink has heard.
struct heard {
  std::vector<text_event> tokens;
  std::vector<session_end_event> ends;

  std::vector<token_id> ids() const;
};

class world {
 public:
  /// credentials, listen: the host's.
  explicit world(std::shared_ptr<tls_context> credentials = nullptr,
                 const std::string& listen = {});
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// Until nobody has anything to do.
  void run();
  /// One actor's turn; false when nobody has anything to do.
  bool step();
  /// Moves the clock in ticks of half a second and lets everybody act.
  void wait(std::chrono::milliseconds time);

  /// Sends a request and runs nothing yet.
  template <class Reply, class Handle, class Request>
  answer<Reply> ask(const Handle& to, Request request) {
    auto out = std::make_shared<std::optional<expected<Reply>>>();
    // `to` is an argument because CAF, given none, dereferences a null tuple of arguments.
    mine_.push_back(caf::actor_cast<caf::actor>(system.spawn(
        [request = std::move(request), out](caf::event_based_actor* self, const Handle& whom) {
          self->request(whom, caf::infinite, request)
              .then([out](Reply& reply) { *out = std::move(reply); },
                    [out](caf::error& e) { *out = fail(from_caf(e)); });
        },
        to)));
    return out;
  }
  /// Sends it, lets everybody act, and the answer must be there.
  template <class Reply, class Handle, class Request>
  expected<Reply> call(const Handle& to, Request request) {
    const auto out = ask<Reply>(to, std::move(request));
    run();
    REQUIRE_MESSAGE(*out, "no answer to " << Request::type_name);
    return **out;
  }
  /// The same, and it must not be an error.
  template <class Reply, class Handle, class Request>
  Reply get(const Handle& to, Request request) {
    auto out = call<Reply>(to, std::move(request));
    REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
    return std::move(*out);
  }
  template <class Handle, class Message>
  void tell(const Handle& to, Message message) {
    caf::anon_send(to, std::move(message));
  }
  void kill(const actor_ref& who) {
    caf::anon_send_exit(who, caf::exit_reason::kill);
  }

  /// An actor of the node.
  expected<actor_info> spawn(const std::string& type, const std::string& name, const json& settings,
                             const actor_ref& owner = nullptr);
  template <class Handle>
  Handle start(const std::string& type, const std::string& name, const json& settings) {
    const auto made = spawn(type, name, settings);
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    return caf::actor_cast<Handle>(made->actor);
  }
  /// The names of the node's actors: "a b c".
  std::string names();

  /// Becomes true when the actor is gone.
  std::shared_ptr<bool> end_of(const actor_ref& who);
  /// A sink that notes what it hears.
  actor_ref sink(std::shared_ptr<heard> out);
  /// A watcher that notes "NAME WHAT REASON".
  actor_ref watcher(std::shared_ptr<std::vector<std::string>> out);

 private:
  struct config : caf::actor_system_config {
    config();
  };
  config config_;

 public:
  caf::actor_system system;
  caf::scheduler::test_coordinator& scheduler;
  node_actor node;

 private:
  std::vector<caf::actor> mine_;
};

} // namespace dci::test

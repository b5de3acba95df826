// What the console does, without Lua: it has a host of its own, knows others,
// and asks their actors. Every call that waits ends on Ctrl-C and when the
// other host is lost. Use it from the main thread only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/host/deployment.hpp"
#include "runtime/host/ring_client.hpp"
#include "runtime/script/event_feed.hpp"
#include "runtime/script/waiting.hpp"

namespace dci {

/// A host that can be asked: the console's own, a dialled or a launched one.
struct known_host {
  std::string name;
  std::string address; ///< HOST:PORT; empty for the console's own
  node_actor node;
  std::shared_ptr<event_feed> feed;
  watcher_actor watcher;
};
using host_ptr = std::shared_ptr<known_host>;

/// An actor on a host. It may be gone by the time it is asked.
struct known_actor {
  host_ptr host;
  actor_info info;
};

/// A topology file that the console launched.
struct launched {
  std::string file;
  std::unique_ptr<deployment> running; ///< null once it was stopped
  std::vector<host_ptr> hosts;         ///< in the file's order
};
using launched_ptr = std::shared_ptr<launched>;

class session {
 public:
  using milliseconds = std::chrono::milliseconds;

  /// log_level: of the processes it launches. credentials: a file, or empty. Errors: those of
  /// load_credentials and host::start.
  static expected<std::unique_ptr<session>> start(std::string log_level,
                                                  const std::filesystem::path& credentials);
  /// Ends it and waits for calls that were given up.
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Stops the actors here and the launched processes. Nothing works after it.
  void end();

  const host_ptr& own_host() const {
    return own_;
  }
  /// The own one first.
  const std::vector<host_ptr>& hosts() const {
    return hosts_;
  }
  /// Errors: not_found.
  expected<host_ptr> host_named(const std::string& name) const;

  /// Dials "HOST:PORT", again and again for so long; the host known already at
  /// that address if there is one. Errors: bad_config, unreachable, unsupported.
  expected<host_ptr> attach(const std::string& to, milliseconds wait);
  /// Errors: those of load_topology and deployment::start.
  expected<launched_ptr> launch(const std::filesystem::path& file, milliseconds wait);
  /// Ends the file's actors here and its processes.
  void stop(launched& what);
  /// The ring of that name, or the only one if the name is empty; not
  /// necessarily assembled. Errors: not_found.
  expected<known_actor> ring_of(const launched& what, const std::string& name);

  /// Relative paths in the settings start at the current directory. Errors:
  /// not_found, bad_config, already_exists.
  expected<known_actor> spawn(const host_ptr& where, const std::string& type,
                              const std::string& name, json settings);
  expected<known_actor> find(const host_ptr& where, const std::string& name);
  expected<std::vector<known_actor>> actors(const host_ptr& where);
  /// Answered when it is gone. Errors: not_found when it was gone already.
  result stop(const known_actor& who);

  /// Errors: bad_request for a message that its type does not know or that has
  /// no answer; what the actor says; peer_lost, timed_out.
  expected<json> request(const known_actor& who, const std::string& message, const json& fields,
                         milliseconds timeout);
  /// A message without an answer. Errors: bad_request; not_found when the actor
  /// is gone.
  result send(const known_actor& who, const std::string& message, const json& fields);
  /// Its request that ends in "describe_request". Errors: bad_request when its
  /// type has none.
  expected<json> describe(const known_actor& who, milliseconds timeout);

  /// Waits until the ring stands.
  expected<ring_description> assemble(const known_actor& ring);
  /// on_text runs in this thread; when it answers false the answer ends there.
  expected<generated> generate(const known_actor& ring, generate_request request,
                               const std::function<bool(const text_event&)>& on_text);

 private:
  session() = default;
  result still_there(const known_actor& who);
  template <class T>
  expected<T> wait(const host_ptr& where, std::function<expected<T>()> call);
  expected<host_ptr> know(std::string name, std::string address, node_actor node);
  /// The message of that name of its type, with an answer or without one.
  expected<const request_type*> message_of(const known_actor& who, const std::string& message,
                                           bool with_answer) const;
  expected<json> call(const known_actor& who, const request_type& message, const json& fields,
                      milliseconds timeout);

  std::string log_level_;
  std::unique_ptr<host> local_;
  host_ptr own_;
  std::vector<host_ptr> hosts_;
  std::vector<launched_ptr> launched_;
  waiting waiting_; ///< last: its threads use what is above
};

/// partition_planner "p" on host beta
std::string to_string(const known_actor& who);

/// nullptr when this program has no such type.
const actor_type* type_of(const known_actor& who);

} // namespace dci

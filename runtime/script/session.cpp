#include "runtime/script/session.hpp"

#include <algorithm>

#include "runtime/host/ask.hpp"
#include "runtime/host/credentials.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds answer_wait{10};

const actor_registry& types() {
  return *builtin_actor_types();
}

error lost_host(const known_host& host, const std::string& why) {
  return {errc::peer_lost, "host " + host.name + " is lost: " + why};
}

std::string message_names(const actor_type& type, bool with_answer) {
  std::string out;
  for (const auto& message : type.requests)
    if (message.reply.empty() != with_answer)
      out += (out.empty() ? "" : ", ") + message.name;
  return out.empty() ? "none" : out;
}

} // namespace

expected<std::unique_ptr<session>> session::start(std::string log_level,
                                                  const std::filesystem::path& credentials) {
  std::unique_ptr<session> out{new session};
  out->log_level_ = std::move(log_level);
  host_options own;
  DCI_ASSIGN(own.tls, load_credentials(credentials));
  own.credentials = credentials;
  DCI_ASSIGN(out->local_, host::start(std::move(own)));
  DCI_ASSIGN(out->own_, out->know(out->local_->name(), "", out->local_->node()));
  return out;
}

session::~session() {
  if (local_)
    end();
}

void session::end() {
  // Rings end before the processes they use, so that they do not mourn them.
  for (const auto& host : hosts_)
    caf::anon_send_exit(host->watcher, caf::exit_reason::user_shutdown);
  local_->stop_actors();
  for (const auto& each : launched_)
    each->running.reset();
  launched_.clear();
}

expected<host_ptr> session::host_named(const std::string& name) const {
  std::string known;
  for (const auto& host : hosts_) {
    if (host->name == name)
      return host;
    known += (known.empty() ? "" : ", ") + host->name;
  }
  return fail(errc::not_found, "no host \"" + name + "\" is known here; there are: " + known);
}

/// Subscribes to the node's events, so that none is missed from now on.
expected<host_ptr> session::know(std::string name, std::string address, node_actor node) {
  auto made = std::make_shared<known_host>();
  made->name = std::move(name);
  made->address = std::move(address);
  made->node = std::move(node);
  made->feed = std::make_shared<event_feed>();
  made->watcher = local_->system().spawn(watch_host, made->name, made->node, made->feed);
  watch_request watch{caf::actor_cast<actor_ref>(made->watcher)};
  auto watching = wait<node_description>(made, [this, made, watch]() {
    return ask<node_description>(local_->system(), made->node, watch, answer_wait);
  });
  if (!watching) {
    caf::anon_send_exit(made->watcher, caf::exit_reason::user_shutdown);
    return fail(watching.error());
  }
  hosts_.push_back(made);
  return made;
}

template <class T>
expected<T> session::wait(const host_ptr& where, std::function<expected<T>()> call) {
  const auto lost = [&where]() -> std::optional<error> {
    if (const auto why = where->feed->lost())
      return lost_host(*where, *why);
    return {};
  };
  if (auto gone = lost())
    return fail(std::move(*gone));
  return waiting_.wait<T>(std::move(call), lost);
}

expected<host_ptr> session::attach(const std::string& to, milliseconds wait_for) {
  DCI_ASSIGN(const auto where, parse_address(to));
  const auto address = to_string(where);
  std::erase_if(hosts_, [&](const auto& h) { return h->address == address && h->feed->lost(); });
  for (const auto& host : hosts_)
    if (host->address == address)
      return host;
  DCI_ASSIGN(auto node,
             wait<node_actor>(own_, [=, this]() { return local_->dial(where, wait_for); }));
  DCI_ASSIGN(auto itself,
             wait<node_description>(own_, [=, this]() { return local_->describe(node); }));
  return know(std::move(itself.host), address, std::move(node));
}

expected<launched_ptr> session::launch(const std::filesystem::path& file, milliseconds wait_for) {
  DCI_ASSIGN(auto plan, load_topology(file, standard_checks()));
  deploy_options options;
  // Beside the console; from this thread, because a child ends with the thread
  // that started it.
  options.program = own_program().parent_path() / "dci-runtime";
  options.log_level = log_level_;
  options.wait = wait_for;
  options.here = local_.get();
  options.give_up = stop_wanted;
  auto out = std::make_shared<launched>();
  out->file = plan.file;
  DCI_ASSIGN(out->running, deployment::start(std::move(plan), options));
  launched_.push_back(out);
  for (const auto& spec : out->running->plan().hosts) {
    auto host = out->running->node(spec.name).and_then(
        [&](const node_actor& node) { return know(spec.name, to_string(spec.address), node); });
    if (!host) {
      stop(*out);
      return fail(host.error());
    }
    out->hosts.push_back(std::move(*host));
  }
  return out;
}

void session::stop(launched& what) {
  what.running.reset();
  for (const auto& host : what.hosts) {
    host->feed->lose("it was stopped with " + what.file);
    std::erase(hosts_, host);
  }
  std::erase_if(launched_, [&](const auto& each) { return each.get() == &what; });
}

expected<known_actor> session::ring_of(const launched& what, const std::string& name) {
  if (!what.running)
    return fail(errc::not_found, what.file + " was stopped");
  DCI_ASSIGN(const auto* ring, what.running->ring_entry(name));
  for (const auto& host : what.hosts)
    if (host->name == ring->placement)
      return find(host, ring->name);
  return find(own_, ring->name);
}

expected<known_actor> session::spawn(const host_ptr& where, const std::string& type,
                                     const std::string& name, json settings) {
  // A remote host may know types that this program does not: it decides.
  if (const auto* known = types().find(type); known != nullptr && known->spawn) {
    if (const auto e = known->check(settings, std::filesystem::current_path()))
      return fail(errc::bad_config, "settings of \"" + name + "\"" + e->path + ": " + e->message);
  }
  spawn_request request;
  request.type = type;
  request.name = name;
  request.settings = settings.dump();
  DCI_ASSIGN(auto info,
             wait<actor_info>(where, [=, this]() { return local_->spawn(where->node, request); }));
  return known_actor{where, std::move(info)};
}

expected<known_actor> session::find(const host_ptr& where, const std::string& name) {
  DCI_ASSIGN(auto info,
             wait<actor_info>(where, [=, this]() { return local_->find(where->node, name); }));
  return known_actor{where, std::move(info)};
}

expected<std::vector<known_actor>> session::actors(const host_ptr& where) {
  DCI_ASSIGN(const auto node,
             wait<node_description>(where, [=, this]() { return local_->describe(where->node); }));
  std::vector<known_actor> out;
  for (const auto& info : node.actors)
    out.push_back({where, info});
  return out;
}

result session::stop(const known_actor& who) {
  DCI_TRY(still_there(who));
  const auto stopped = wait<actor_info>(
      who.host, [=, this]() { return local_->stop(who.host->node, who.info.name); });
  if (!stopped)
    return fail(stopped.error());
  return {};
}

/// The name may belong to another actor by now.
result session::still_there(const known_actor& who) {
  const auto now = find(who.host, who.info.name);
  if (now && now->info.actor == who.info.actor)
    return {};
  if (now || now.error().code == errc::not_found)
    return fail(errc::not_found, to_string(who) + " is gone");
  return fail(now.error());
}

expected<const request_type*>
session::message_of(const known_actor& who, const std::string& message, bool with_answer) const {
  const auto* type = type_of(who);
  if (type == nullptr)
    return fail(errc::unsupported, to_string(who) + ": this program does not know that type");
  const auto* found = actor_registry::find_request_type(*type, message);
  if (found == nullptr)
    return fail(errc::bad_request, to_string(who) + " knows no message \"" + message +
                                       "\"; with an answer: " + message_names(*type, true) +
                                       "; without: " + message_names(*type, false));
  if (found->reply.empty() == with_answer)
    return fail(errc::bad_request, found->name + (with_answer ? " has no answer: use actor:send"
                                                              : " is answered by " + found->reply +
                                                                    ": use actor:request"));
  return found;
}

expected<json> session::call(const known_actor& who, const request_type& message,
                             const json& fields, milliseconds timeout) {
  auto answer =
      wait<json>(who.host, [this, to = who.info.actor, send = message.call, fields, timeout]() {
        caf::scoped_actor self{local_->system()};
        return send(self, to, fields, timeout);
      });
  if (!answer && answer.error().code != errc::cancelled)
    return fail(in_context(to_string(who), answer.error()));
  return answer;
}

expected<json> session::request(const known_actor& who, const std::string& message,
                                const json& fields, milliseconds timeout) {
  DCI_ASSIGN(const auto* type, message_of(who, message, true));
  return call(who, *type, fields, timeout);
}

result session::send(const known_actor& who, const std::string& message, const json& fields) {
  DCI_ASSIGN(const auto* type, message_of(who, message, false));
  // Nobody would hear of a message to an actor that is gone.
  DCI_TRY(still_there(who));
  DCI_TRY(call(who, *type, fields, answer_wait));
  return {};
}

expected<json> session::describe(const known_actor& who, milliseconds timeout) {
  const auto* type = type_of(who);
  if (type != nullptr)
    for (const auto& message : type->requests)
      if (message.name.ends_with("describe_request"))
        return call(who, message, json::object(), timeout);
  return fail(errc::bad_request, to_string(who) + " has no message that ends in describe_request");
}

expected<ring_description> session::assemble(const known_actor& ring) {
  return wait<ring_description>(ring.host, [this, ring]() {
    return ring_client(*local_, caf::actor_cast<ring_actor>(ring.info.actor)).assemble();
  });
}

expected<generated> session::generate(const known_actor& ring, generate_request request,
                                      const std::function<bool(const text_event&)>& on_text) {
  if (stop_wanted())
    return fail(errc::cancelled, "interrupted");
  if (const auto why = ring.host->feed->lost())
    return fail(lost_host(*ring.host, *why));
  bool enough = false;
  auto answer = ring_client(*local_, caf::actor_cast<ring_actor>(ring.info.actor))
                    .generate(
                        std::move(request),
                        [&](const text_event& event) { enough = enough || !on_text(event); },
                        [&] { return enough || stop_wanted(); });
  if (!answer)
    return fail(in_context(to_string(ring), answer.error()));
  if (stop_wanted())
    return fail(errc::cancelled, "interrupted");
  return answer;
}

std::string to_string(const known_actor& who) {
  return who.info.type + " \"" + who.info.name + "\" on host " + who.host->name;
}

const actor_type* type_of(const known_actor& who) {
  return types().find(who.info.type);
}

} // namespace dci

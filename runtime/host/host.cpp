#include "runtime/host/host.hpp"

#include <future>
#include <thread>

#include <caf/io/middleman.hpp>
#include <caf/logger.hpp>

#include "actors/node/actor.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/machine.hpp"
#include "runtime/host/ask.hpp"
#include "runtime/host/certificate_keeper.hpp"
#include "runtime/host/system_config.hpp"
#include "runtime/host/tls_middleman.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds answer_wait{10};
constexpr std::chrono::seconds stop_wait{1};
constexpr std::chrono::seconds end_wait{1};

} // namespace

struct host::parts {
  std::string name;
  std::shared_ptr<certificate_keeper> keeper; ///< may be null
  system_config config;
  std::unique_ptr<caf::actor_system> system;
  node_actor node;
  caf::io::middleman_actor tls_middleman; ///< null without credentials
};

host::host(std::unique_ptr<parts> p) : parts_(std::move(p)) {
}

expected<std::unique_ptr<host>> host::start(host_options options) {
  if (options.listen && !is_loopback(*options.listen) && !options.tls)
    return fail(errc::unsupported, to_string(*options.listen) +
                                       " is not a loopback address, and without credentials "
                                       "a host listens on 127.0.0.1 only");
  auto p = std::make_unique<parts>();
  p->name = options.name;
  p->system = std::make_unique<caf::actor_system>(p->config);
  node_settings settings;
  settings.host = options.name;
  settings.machine = machine_id();
  settings.memory_is_set = options.memory.has_value();
  settings.memory_bytes = options.memory.value_or(available_memory());
  if (options.tls) {
    p->tls_middleman = spawn_tls_middleman(*p->system, options.tls);
    settings.tls = options.tls;
    settings.tls_middleman = p->tls_middleman;
    if (!options.credentials.empty()) {
      p->keeper = std::make_shared<certificate_keeper>(
          certificate_keeper::settings{options.name, options.credentials}, options.tls);
      settings.renewal_trouble = [of = std::weak_ptr(p->keeper)] {
        const auto keeper = of.lock();
        return keeper ? keeper->trouble() : std::string{};
      };
    }
  }
  const json profiler = {
      {"takes_work", options.takes_work},
      {"memory_gb", static_cast<double>(options.memory.value_or(0)) / 1e9},
  };
  frame_port::settings frames;
  frames.credentials = options.tls;
  if (options.frames)
    frames.listen = to_string(*options.frames);
  else if (options.listen)
    frames.listen = to_string(address{options.listen->host, 0});
  if (options.frames_told)
    frames.told = to_string(*options.frames_told);
  if (options.listen) {
    settings.listen = to_string(*options.listen);
    settings.address = to_string(options.told.value_or(*options.listen));
  }
  settings.frames = std::make_shared<lazy_frame_port>(std::move(frames));
  p->node = p->system->spawn(dci::node, std::move(settings), builtin_actor_types());
  std::unique_ptr<host> out{new host(std::move(p))};
  DCI_TRY(out->spawn({"partition_planner", "planner", "{}", nullptr}));
  DCI_TRY(out->spawn({"device_profiler", "device", profiler.dump(), nullptr}));
  if (options.listen) {
    const auto& at = *options.listen;
    if (!out->publish(at))
      return fail(errc::unreachable, "host " + options.name + " cannot listen at " + to_string(at) +
                                         ": the address is in use or not this machine's; is that "
                                         "host running already?");
    spdlog::info("listening at {}", to_string(at));
  }
  return out;
}

bool host::publish(const address& at) {
  auto& middleman = system().middleman();
  if (!parts_->tls_middleman)
    return static_cast<bool>(middleman.publish(node(), at.port, at.host.c_str(), true));
  caf::scoped_actor self{system()};
  bool out = false;
  self->request(parts_->tls_middleman, answer_wait, caf::publish_atom::value, at.port,
                caf::actor_cast<caf::strong_actor_ptr>(node()), system().message_types(node()),
                at.host, true)
      .receive([&](std::uint16_t) { out = true; },
               [&](const caf::error& e) { spdlog::debug("{}", from_caf(e).message); });
  return out;
}

host::~host() {
  if (!parts_)
    return;
  parts_->keeper.reset();
  stop_actors();
  if (parts_->tls_middleman)
    caf::anon_send_exit(parts_->tls_middleman, caf::exit_reason::kill);
  parts_->tls_middleman = nullptr;
  // CAF's own end can wait for ever: for bytes that a frozen peer does not take,
  // or for an actor whose last message lies with a broker that ended before it.
  // This thread's own share in its logger would hold it up, too.
  caf::logger::set_current_actor_system(nullptr);
  std::packaged_task<void()> end([p = std::move(parts_)]() mutable { p.reset(); });
  const auto ended = end.get_future();
  std::thread(std::move(end)).detach();
  if (ended.wait_for(end_wait) != std::future_status::ready)
    spdlog::debug("the actor system does not end; left behind");
}

void host::stop_actors() {
  if (!parts_->node)
    return;
  caf::scoped_actor self{system()};
  self->monitor(parts_->node);
  // The node ends everything it looks after.
  self->send_exit(parts_->node, caf::exit_reason::user_shutdown);
  parts_->node = nullptr;
  self->receive([](const caf::down_msg&) {}, caf::after(stop_wait) >> [] {});
}

bool host::has_credentials() const {
  return static_cast<bool>(parts_->tls_middleman);
}

caf::actor_system& host::system() {
  return *parts_->system;
}

const node_actor& host::node() const {
  return parts_->node;
}

const std::string& host::name() const {
  return parts_->name;
}

expected<actor_info> host::spawn(const spawn_request& request) {
  return spawn(parts_->node, request);
}

expected<actor_info> host::spawn(const node_actor& where, const spawn_request& request) {
  return ask<actor_info>(system(), where, request, answer_wait);
}

expected<actor_info> host::find(const node_actor& where, const std::string& actor) {
  return ask<actor_info>(system(), where, find_request{actor}, answer_wait);
}

expected<node_description> host::describe(const node_actor& where) {
  return ask<node_description>(system(), where, node_describe_request{}, answer_wait);
}

expected<actor_info> host::stop(const node_actor& where, const std::string& actor) {
  return ask<actor_info>(system(), where, stop_request{actor}, answer_wait);
}

expected<node_actor> host::dial(const address& to, std::chrono::milliseconds wait) {
  const dial_request request{to_string(to), static_cast<std::uint32_t>(wait.count())};
  DCI_ASSIGN(auto reply, ask<dial_reply>(system(), parts_->node, request, wait + answer_wait));
  return caf::actor_cast<node_actor>(reply.node);
}

} // namespace dci

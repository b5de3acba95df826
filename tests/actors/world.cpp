#include "tests/actors/world.hpp"

#include "actors/authority/actor.hpp"
#include "actors/device_profiler/actor.hpp"
#include "actors/gossip/actor.hpp"
#include "actors/link/actor.hpp"
#include "actors/membership/actor.hpp"
#include "actors/overlay/actor.hpp"
#include "actors/partition_planner/actor.hpp"
#include "actors/proximity_prober/actor.hpp"
#include "actors/relay/actor.hpp"
#include "actors/ring/actor.hpp"
#include "actors/ring_former/actor.hpp"
#include "actors/shard_executor/actor.hpp"
#include "actors/tunnel/actor_entry.hpp"
#include "actors/tunnel/actor_exit.hpp"
#include "runtime/base/log.hpp"
#include "tests/actors/fake_executor.hpp"

namespace dci::test {
namespace {

text_sink_actor::behavior_type noting(text_sink_actor::pointer, std::shared_ptr<heard> out) {
  return {
      [out](const text_event& event) { out->tokens.push_back(event); },
      [out](const session_end_event& event) { out->ends.push_back(event); },
  };
}

watcher_actor::behavior_type watching(watcher_actor::pointer,
                                      std::shared_ptr<std::vector<std::string>> out) {
  return {[out](const actor_event& event) {
    out->push_back(event.host + "/" + event.name + " " + event.type + " " + event.what +
                   (event.reason.empty() ? "" : ": ") + event.reason);
  }};
}

std::shared_ptr<const actor_registry> types() {
  static const auto made = [] {
    auto out = std::make_shared<actor_registry>();
    out->add_interface<node_actor>("node", "Supervises.");
    out->add("shard_executor", "Runs layers.", shard_executor);
    out->add("ring", "Assembles.", ring);
    out->add("partition_planner", "Plans.", partition_planner);
    out->add("authority", "Vouches.", vouch);
    out->add("device_profiler", "Measures itself.", device_profiler);
    out->add("link", "Is a node.", link);
    out->add("membership", "Knows who is there.", membership);
    out->add("proximity_prober", "Measures.", proximity_prober);
    out->add("gossip", "Spreads.", gossip);
    out->add("overlay", "Is on the ring.", overlay);
    out->add("ring_former", "Forms rings.", ring_former);
    out->add("relay", "Makes a link slow and unsure.", relay);
    out->add("tunnel_entry", "Opens ports.", keep_tunnel_entry);
    out->add("tunnel_exit", "Keeps them open.", keep_tunnel_exit);
    out->add("fake_executor", "Behaves as it is told.", fake_executor);
    return out;
  }();
  return made;
}

} // namespace

std::vector<token_id> heard::ids() const {
  std::vector<token_id> out;
  for (const auto& event : tokens)
    out.push_back(event.token);
  return out;
}

world::config::config() {
  add_message_types<caf::id_block::dci>();
  set("scheduler.policy", caf::atom("testing"));
  set("logger.verbosity", caf::atom("quiet"));
}

world::world(std::shared_ptr<tls_context> credentials, const std::string& listen)
    : system(config_),
      scheduler(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {
  spdlog::set_level(spdlog::level::off);
  node_settings settings;
  settings.host = "here";
  settings.machine = "machine";
  settings.memory_bytes = 1000;
  settings.tls = std::move(credentials);
  settings.address = settings.listen = listen;
  node = system.spawn(dci::node, settings, types());
  start<partition_planner_actor>("partition_planner", "planner", json::object());
}

world::~world() {
  caf::anon_send_exit(node, caf::exit_reason::user_shutdown);
  node = nullptr;
  for (const auto& actor : mine_)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  mine_.clear();
  scheduler.run();
}

void world::run() {
  scheduler.run();
}

bool world::step() {
  return scheduler.try_run_once();
}

void world::wait(std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds tick{500};
  for (; time.count() > 0; time -= tick) {
    scheduler.advance_time(tick);
    run();
  }
}

expected<actor_info> world::spawn(const std::string& type, const std::string& name,
                                  const json& settings, const actor_ref& owner) {
  return call<actor_info>(node, spawn_request{type, name, settings.dump(), owner});
}

std::string world::names() {
  std::string out;
  for (const auto& info : get<node_description>(node, node_describe_request{}).actors)
    out += (out.empty() ? "" : " ") + info.name;
  return out;
}

std::shared_ptr<bool> world::end_of(const actor_ref& who) {
  const auto out = std::make_shared<bool>(false);
  // `who` is an argument because CAF, given none, dereferences a null tuple of arguments.
  mine_.push_back(system.spawn(
      [out](caf::event_based_actor* self, const actor_ref& whom) -> caf::behavior {
        self->set_down_handler([out](const caf::down_msg&) { *out = true; });
        self->monitor(whom);
        return {[](caf::unit_t) {}};
      },
      who));
  return out;
}

actor_ref world::sink(std::shared_ptr<heard> out) {
  mine_.push_back(caf::actor_cast<caf::actor>(system.spawn(noting, std::move(out))));
  return caf::actor_cast<actor_ref>(mine_.back());
}

actor_ref world::watcher(std::shared_ptr<std::vector<std::string>> out) {
  mine_.push_back(caf::actor_cast<caf::actor>(system.spawn(watching, std::move(out))));
  return caf::actor_cast<actor_ref>(mine_.back());
}

} // namespace dci::test

#include "runtime/host/deployment.hpp"

#include "runtime/base/log.hpp"
#include "runtime/host/credentials.hpp"
#include "tensors/backend/backend.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {
namespace {

constexpr std::chrono::milliseconds dial_slice{500};

tl::unexpected<error> at_place(const source_place& place, const error& e) {
  return fail_at(place, e.code, e.message);
}

} // namespace

topology_checks standard_checks() {
  topology_checks checks;
  checks.settings =
      [types = builtin_actor_types()](const std::string& type, json& settings,
                                      const std::filesystem::path& base) -> decode_outcome {
    const auto* known = types->find(type);
    if (known == nullptr || !known->spawn)
      return decode_error{"/type", "unknown actor type \"" + type +
                                       "\"; there are: " + types->spawnable_names()};
    auto e = known->check(settings, base);
    if (e)
      e->path = "/settings" + e->path;
    return e;
  };
  checks.model_layers = [](const std::filesystem::path& dir) -> expected<std::uint32_t> {
    DCI_ASSIGN(auto model, open_model(dir));
    return model->config.layers;
  };
  checks.strategies = {planner_strategies.begin(), planner_strategies.end()};
  return checks;
}

ring_settings settings_of(const topology& plan, const ring_spec& ring,
                          const std::string& placement) {
  ring_settings out;
  out.model = ring.model;
  out.strategy = ring.strategy;
  out.engine = ring.engine;
  out.passes = ring.passes.value_or(out.passes);
  out.context = ring.context.value_or(out.context);
  out.step_timeout_ms = ring.step_timeout_ms.value_or(out.step_timeout_ms);
  out.transport = ring.transport.value_or(out.transport);
  out.link_wait_ms = ring.link_wait_ms.value_or(out.link_wait_ms);
  for (const auto& spec : ring.stages) {
    ring_stage_settings stage;
    stage.host = host_of(plan, spec);
    stage.actor = spec.actor;
    stage.layers = spec.layers;
    stage.transport = spec.transport;
    const auto* where = find_host(plan, stage.host);
    if (where != nullptr && stage.host != placement)
      stage.address = to_string(where->address);
    out.stages.push_back(std::move(stage));
  }
  return out;
}

result start_part(host& here, const topology& plan, const std::string& placement) {
  for (const auto& actor : plan.actors) {
    if (!is_placed_on(actor, placement))
      continue;
    spawn_request spawn;
    spawn.type = actor.type;
    spawn.name = actor.name;
    spawn.settings = actor.settings.dump();
    if (auto made = here.spawn(spawn); !made)
      return at_place(actor.place, made.error());
  }
  for (const auto& ring : plan.rings) {
    if (ring.placement != placement)
      continue;
    spawn_request spawn;
    spawn.type = "ring";
    spawn.name = ring.name;
    spawn.settings = to_json_value(settings_of(plan, ring, placement)).dump();
    if (auto made = here.spawn(spawn); !made)
      return at_place(ring.place, made.error());
  }
  return {};
}

expected<std::unique_ptr<deployment>> deployment::start(topology plan,
                                                        const deploy_options& options) {
  std::unique_ptr<deployment> out{new deployment(std::move(plan))};
  if (options.launch)
    DCI_TRY(out->launch_hosts(options));
  if (options.here == nullptr) {
    host_options own;
    DCI_ASSIGN(own.tls, load_credentials(out->plan_.credentials));
    own.credentials = out->plan_.credentials;
    DCI_ASSIGN(out->own_, host::start(std::move(own)));
  }
  out->local_ = options.here != nullptr ? options.here : out->own_.get();
  if (out->local_->has_credentials() == out->plan_.credentials.empty())
    return fail(errc::usage,
                out->plan_.file + (out->plan_.credentials.empty()
                                       ? " names no credentials, and this process uses "
                                         "some"
                                       : " names credentials: start this process with "
                                         "--credentials FILE"));
  DCI_TRY(out->reach_hosts(options));
  DCI_TRY(out->start_local_part());
  return out;
}

deployment::~deployment() {
  // Rings first, so that they do not mourn their stages; then the processes,
  // so that no frozen one holds up the end of the actor system.
  if (own_)
    own_->stop_actors();
  else if (part_is_started_)
    stop_local_part();
  children_.clear();
}

result deployment::start_local_part() {
  const auto is_taken = [&](const std::string& name) {
    return !own_ && local_->find(local_->node(), name).has_value();
  };
  const auto taken = [](const source_place& place, const std::string& name) {
    return at_place(place, {errc::already_exists, "an actor named \"" + name +
                                                      "\" runs in this process already; stop it or "
                                                      "choose another name"});
  };
  for (const auto& actor : plan_.actors)
    if (actor.placement == local_placement && is_taken(actor.name))
      return taken(actor.place, actor.name);
  for (const auto& ring : plan_.rings)
    if (ring.placement == local_placement && is_taken(ring.name))
      return taken(ring.place, ring.name);
  part_is_started_ = true;
  return start_part(*local_, plan_, std::string{local_placement});
}

void deployment::stop_local_part() {
  // The host may have stopped everything already.
  if (!local_->node())
    return;
  for (const auto& ring : plan_.rings)
    if (ring.placement == local_placement)
      (void)local_->stop(local_->node(), ring.name);
  for (const auto& actor : plan_.actors)
    if (actor.placement == local_placement)
      (void)local_->stop(local_->node(), actor.name);
}

result deployment::launch_hosts(const deploy_options& options) {
  for (const auto& spec : plan_.hosts) {
    auto child = child_process::start(
        options.program, {plan_.file, "--host", spec.name, "--log-level", options.log_level});
    if (!child)
      return at_place(spec.place, child.error());
    spdlog::info("host {} is process {}", spec.name, child->id());
    children_.emplace_back(spec.name, std::move(*child));
  }
  return {};
}

result deployment::reach_hosts(const deploy_options& options) {
  const auto deadline = std::chrono::steady_clock::now() + options.wait;
  for (const auto& spec : plan_.hosts) {
    for (;;) {
      auto node = local_->dial(spec.address, dial_slice);
      if (node) {
        nodes_.emplace_back(spec.name, *node);
        break;
      }
      if (node.error().code == errc::refused)
        return at_place(spec.place, node.error());
      if (options.give_up && options.give_up())
        return at_place(spec.place,
                        {errc::cancelled, "gave up waiting for host \"" + spec.name + "\""});
      if (const auto ended = ended_host())
        return at_place(find_host(plan_, ended->first)->place,
                        {ended->second == 2 ? errc::bad_topology : errc::peer_lost,
                         "host \"" + ended->first + "\" ended at start with exit code " +
                             std::to_string(ended->second) + "; its own message is above"});
      if (std::chrono::steady_clock::now() >= deadline)
        return at_place(spec.place, {errc::unreachable,
                                     "host \"" + spec.name + "\" does not answer at " +
                                         to_string(spec.address) + "; start it with: " +
                                         "dci-runtime " + plan_.file + " --host " + spec.name});
    }
  }
  return {};
}

expected<node_actor> deployment::node(const std::string& placement) {
  if (placement == local_placement)
    return local_->node();
  for (const auto& [name, node] : nodes_)
    if (name == placement)
      return node;
  return fail(errc::not_found, plan_.file + " has no host \"" + placement + "\"");
}

expected<const ring_spec*> deployment::ring_entry(const std::string& name) const {
  if (plan_.rings.empty())
    return fail(errc::not_found, plan_.file + " has no [[ring]]");
  if (name.empty() && plan_.rings.size() > 1)
    return fail(errc::not_found,
                plan_.file + " has " + std::to_string(plan_.rings.size()) +
                    " rings; name the one you want (on a command line with --ring)");
  const auto* spec = name.empty() ? &plan_.rings.front() : find_ring(plan_, name);
  if (spec == nullptr)
    return fail(errc::not_found, plan_.file + " has no ring \"" + name + "\"");
  return spec;
}

expected<ring_actor> deployment::ring(const std::string& name) {
  DCI_ASSIGN(const auto* spec, ring_entry(name));
  DCI_ASSIGN(auto where, node(spec->placement));
  DCI_ASSIGN(auto info, local_->find(where, spec->name));
  return caf::actor_cast<ring_actor>(info.actor);
}

std::optional<std::pair<std::string, int>> deployment::ended_host() {
  for (auto& [name, child] : children_)
    if (const auto code = child.exit_code())
      return std::pair{name, *code};
  return {};
}

} // namespace dci

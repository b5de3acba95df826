// Putting a ring together, one phase after the other: reach the hosts, ask what they are, plan,
// start the executors, load, connect neighbours, wire. Each phase asks all
// stages at once; the first failure ends the attempt.
#include <set>

#include "actors/partition_planner/device_memory.hpp"
#include "actors/ring/actor_phase.hpp"
#include "actors/ring/cuts.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

result check_shard(const ring_state& state, std::size_t i) {
  const auto& stage = state.stages[i];
  if (stage.shard.fingerprint != state.model->fingerprint)
    return fail(errc::bad_config, label(state, i) + " holds another model (" + stage.shard.model +
                                      ") than the ring (" + state.model->dir.string() +
                                      "): give both the same files");
  if (stage.shard.activations != state.settings.engine.activations)
    return fail(errc::bad_config, label(state, i) + " has activations of " +
                                      stage.shard.activations + ", and the ring of " +
                                      state.settings.engine.activations +
                                      ": say the same in both engine settings");
  if (stage.shard.layers != stage.layers)
    return fail(errc::bad_config,
                label(state, i) + " holds layers " + to_string(stage.shard.layers) + " instead");
  return {};
}

void load_all(ring_pointer self) {
  auto& state = self->state;
  const phase_gate gate(self, state.stages.size(), connect_stages);
  for (std::size_t i = 0; i < state.stages.size(); ++i) {
    const auto who = label(state, i);
    self->request(state.stages[i].executor, ms(state.settings.load_timeout_ms), load_request{})
        .then(
            [self, gate, i](const shard_description& shard) {
              if (!gate.current())
                return;
              self->state.stages[i].shard = shard;
              if (auto ok = check_shard(self->state, i); !ok)
                return fall_apart(self, ok.error());
              spdlog::info("ring {}: {} is loaded", self->state.context.name,
                           label(self->state, i));
              gate.one_done();
            },
            [gate, who](const caf::error& e) { gate.failed(who, e); });
  }
}

/// Hosts may serve several rings of one name, each on a host of its own; the
/// later ones' stages get other names.
constexpr std::uint32_t most_names = 100;

std::string name_of_stage(const ring_state& state, std::size_t i, std::uint32_t attempt) {
  auto out = state.context.name + "." + std::to_string(i + 1);
  if (state.epoch.value > 1)
    out += ".e" + to_string(state.epoch);
  if (attempt > 1)
    out += "-" + std::to_string(attempt);
  return out;
}

void take_stage(ring_pointer self, std::size_t i, const actor_info& info) {
  auto& stage = self->state.stages[i];
  stage.actor = info.name;
  stage.executor = caf::actor_cast<shard_executor_actor>(info.actor);
  self->monitor(stage.executor);
}

void spawn_stage(ring_pointer self, phase_gate gate, std::size_t i, std::uint32_t attempt) {
  auto& state = self->state;
  auto& stage = state.stages[i];
  stage.is_ours = true;
  shard_settings settings;
  settings.model = state.settings.model;
  settings.layers = stage.layers;
  settings.engine = state.settings.engine;
  spawn_request spawn;
  spawn.type = "shard_executor";
  spawn.name = name_of_stage(state, i, attempt);
  spawn.settings = to_json_value(settings).dump();
  spawn.owner = caf::actor_cast<actor_ref>(self);
  self->request(stage.node, short_wait, spawn)
      .then(
          [self, gate, i](const actor_info& info) {
            if (!gate.current())
              return;
            take_stage(self, i, info);
            gate.one_done();
          },
          [self, gate, i, attempt](const caf::error& e) {
            if (!gate.current())
              return;
            if (from_caf(e).code == errc::already_exists && attempt < most_names)
              return spawn_stage(self, gate, i, attempt + 1);
            gate.failed(label(self->state, i), e);
          });
}

void start_all(ring_pointer self) {
  auto& state = self->state;
  const phase_gate gate(self, state.stages.size(), load_all);
  for (std::size_t i = 0; i < state.stages.size(); ++i) {
    const auto& stage = state.stages[i];
    if (stage.actor.empty()) {
      spawn_stage(self, gate, i, 1);
      continue;
    }
    self->request(stage.node, short_wait, find_request{stage.actor})
        .then(
            [self, gate, i](const actor_info& info) {
              if (!gate.current())
                return;
              take_stage(self, i, info);
              gate.one_done();
            },
            [gate, who = label(state, i)](const caf::error& e) { gate.failed(who, e); });
  }
}

void check_and_start(ring_pointer self) {
  auto& state = self->state;
  std::vector<layer_span> cuts;
  for (auto& stage : state.stages)
    cuts.push_back(stage.layers = stage.wanted.value_or(stage.layers));
  if (auto ok = check_cuts(cuts, state.model->config.layers); !ok)
    return fall_apart(self, ok.error());
  start_all(self);
}

/// The planner's stages replace the list: it decides order and cuts, and may
/// leave a host out.
void take_plan(ring_pointer self, const plan_reply& plan) {
  auto& state = self->state;
  std::vector<ring_state::stage> ordered;
  for (const auto& planned : plan.stages)
    for (const auto& stage : state.stages)
      if (stage.host == planned.id) {
        ordered.push_back(stage);
        ordered.back().layers = planned.layers;
      }
  state.stages = std::move(ordered);
  check_and_start(self);
}

void ask_planner(ring_pointer self, std::vector<host_memory> hosts) {
  auto& state = self->state;
  plan_request request{state.settings.strategy, state.model->config.layers, device_memories(hosts)};
  const phase_gate gate(self, 1, nullptr);
  const auto failed = [gate](const caf::error& e) { gate.failed("planner", e); };
  self->request(caf::actor_cast<node_actor>(state.context.node), short_wait,
                find_request{"planner"})
      .then(
          [self, gate, failed, request](const actor_info& info) {
            self->request(caf::actor_cast<partition_planner_actor>(info.actor), short_wait, request)
                .then(
                    [self, gate](const plan_reply& plan) {
                      if (gate.current())
                        take_plan(self, plan);
                    },
                    failed);
          },
          failed);
}

void plan(ring_pointer self) {
  auto& state = self->state;
  std::vector<host_memory> hosts;
  for (const auto& stage : state.stages)
    if (!stage.wanted)
      hosts.push_back(
          {stage.host, stage.about.machine, stage.about.memory_bytes, stage.about.memory_is_set});
  if (hosts.empty())
    return check_and_start(self);
  if (hosts.size() != state.stages.size())
    return fall_apart(self, {errc::bad_config, "give layers for every stage or for none"});
  ask_planner(self, std::move(hosts));
}

void describe_hosts(ring_pointer self) {
  auto& state = self->state;
  const phase_gate gate(self, state.stages.size(), plan);
  for (std::size_t i = 0; i < state.stages.size(); ++i) {
    const auto who = label(state, i);
    self->request(state.stages[i].node, short_wait, node_describe_request{})
        .then(
            [self, gate, i](node_description& host) {
              if (!gate.current())
                return;
              self->state.stages[i].about = std::move(host);
              gate.one_done();
            },
            [gate, who](const caf::error& e) { gate.failed(who, e); });
  }
}

void dial_all(ring_pointer self) {
  auto& state = self->state;
  const auto own = caf::actor_cast<node_actor>(state.context.node);
  std::set<std::string> addresses;
  for (auto& stage : state.stages) {
    if (stage.address.empty())
      stage.node = own;
    else
      addresses.insert(stage.address);
  }
  if (addresses.empty())
    return describe_hosts(self);
  const phase_gate gate(self, addresses.size(), describe_hosts);
  for (const auto& address : addresses) {
    self->request(own, ms(state.settings.dial_wait_ms) + short_wait,
                  dial_request{address, state.settings.dial_wait_ms})
        .then(
            [self, gate, address](const dial_reply& reply) {
              if (!gate.current())
                return;
              const auto node = caf::actor_cast<node_actor>(reply.node);
              self->monitor(node);
              for (auto& stage : self->state.stages)
                if (stage.address == address)
                  stage.node = node;
              gate.one_done();
            },
            [gate, address](const caf::error& e) { gate.failed("host at " + address, e); });
  }
}

} // namespace

void assemble(ring_pointer self) {
  auto& state = self->state;
  state.now = ring_state::phase::assembling;
  state.epoch = state.epoch.next();
  state.stages.clear();
  state.lost = {};
  auto model = open_model(state.settings.model);
  if (!model)
    return fall_apart(self, model.error());
  state.model = std::move(*model);
  auto tokens = tokenizer::load_if_any(state.settings.model);
  if (!tokens)
    return fall_apart(self, tokens.error());
  state.tokens = std::move(*tokens);
  for (const auto& wanted : state.settings.stages) {
    ring_state::stage stage;
    stage.host = wanted.host.empty() ? state.context.host : wanted.host;
    stage.address = wanted.address;
    stage.actor = wanted.actor;
    stage.wanted = wanted.layers;
    stage.layers = wanted.layers.value_or(layer_span{});
    const auto& named = wanted.transport.empty() ? state.settings.transport : wanted.transport;
    const auto to_next = transport_from(named);
    if (!to_next)
      return fall_apart(
          self, {errc::bad_config, "\"" + named + "\" is no transport: write auto, caf or zmq"});
    stage.to_next = *to_next;
    state.stages.push_back(std::move(stage));
  }
  if (state.stages.empty())
    return fall_apart(self, {errc::bad_config, "ring " + state.context.name + " has no stages"});
  dial_all(self);
}

void fall_apart(ring_pointer self, const error& why) {
  auto& state = self->state;
  state.now = ring_state::phase::apart;
  state.lost = why;
  state.openings.clear();
  for (auto& stage : std::exchange(state.stages, {})) {
    if (stage.executor)
      self->demonitor(stage.executor.address());
    if (stage.executor && stage.is_ours)
      self->send_exit(stage.executor, caf::exit_reason::user_shutdown);
  }
  for (auto& promise : std::exchange(state.waiting, {}))
    promise.deliver(to_caf(in_context("ring " + state.context.name, why)));
}

std::string label(const ring_state& state, std::size_t stage) {
  const auto& s = state.stages[stage];
  return stage_label(stage, state.stages.size(), s.host, s.layers);
}

ring_description describe(const ring_state& state) {
  ring_description out;
  out.name = state.context.name;
  out.model = state.settings.model.string();
  out.epoch = state.epoch;
  if (state.model) {
    out.model_layers = state.model->config.layers;
    out.context = state.settings.context == 0
                      ? state.model->config.context
                      : std::min(state.settings.context, state.model->config.context);
  }
  out.sessions = static_cast<std::uint32_t>(state.sessions.size());
  for (const auto& stage : state.stages)
    out.stages.push_back(
        {stage.host, stage.actor, stage.layers, stage.shard.weight_bytes, stage.link.describe()});
  return out;
}

} // namespace dci

#include <algorithm>
#include <map>

#include "runtime/host/topology/reading.hpp"
#include "runtime/host/topology/wording.hpp"

namespace dci::topology_file {
namespace {

result check_ring_name(const reading& in, const std::string& name, const std::string& where,
                       const topology& so_far) {
  if (const auto why = bad_name(name))
    return in.source.fail_at(where, "ring name " + *why);
  const auto taken = [&](const source_place& by) {
    return in.source.fail_at(where, in_quotes(name) + " is already declared in line " +
                                        std::to_string(by.line) +
                                        "; give each ring and actor its own name");
  };
  if (const auto* actor = find_actor(so_far, name))
    return taken(actor->place);
  if (const auto* ring = find_ring(so_far, name))
    return taken(ring->place);
  return {};
}

expected<std::filesystem::path> read_model(const reading& in, const std::string& text,
                                           const std::string& where) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (text.empty() || std::any_of(text.begin(), text.end(), is_control))
    return in.source.fail_at(where, "model: " + in_quotes(text) +
                                        " is no path; write the folder of the model's files");
  return (in.base / text).lexically_normal();
}

result check_strategy(const reading& in, const ring_spec& ring, const std::string& where) {
  const auto& known = in.checks.strategies;
  if (!ring.is_automatic())
    return in.source.fail_at(where, "strategy is for automatic layers, and these stages have "
                                    "theirs; remove it, or write layers = \"auto\"");
  if (ring.strategy.empty() ||
      (!known.empty() && std::find(known.begin(), known.end(), ring.strategy) == known.end()))
    return in.source.fail_at(
        where, "no strategy is called " + in_quotes(ring.strategy) + "; write " +
                   listed(known.empty() ? std::vector{std::string{default_strategy}} : known));
  return {};
}

expected<engine_settings> read_engine(const reading& in, engine_settings engine,
                                      const std::string& where) {
  if (const auto wrong = check(engine))
    return in.source.fail_at(where + wrong->path, wrong->message);
  if (!engine.draft.empty())
    engine.draft = (in.base / engine.draft).lexically_normal();
  return engine;
}

result check_positive(const reading& in, const std::optional<std::uint32_t>& value,
                      const std::string& where, std::string_view key) {
  if (value && *value == 0)
    return in.source.fail_at(where + "/" + std::string{key},
                             std::string{key} + " is 0; write 1 or more, or leave it out");
  return {};
}

/// How many layers the ring's model has, 0 where nobody can tell.
expected<std::uint32_t> count_layers(const reading& in, const ring_spec& ring,
                                     const std::string& where) {
  if (!in.checks.model_layers)
    return 0;
  const auto total = in.checks.model_layers(ring.model);
  if (!total)
    return in.source.fail_at(where, "model: " + total.error().message +
                                        "; correct the path or the model's files");
  return *total;
}

} // namespace

result read_rings(const reading& in, const std::vector<ring_entry>& entries, topology& out) {
  std::map<std::string, std::string> rings_of_actors;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const auto where = item("/ring", i);
    const auto stages = where + "/stages";
    DCI_TRY(check_ring_name(in, entry.name, where + "/name", out));
    DCI_TRY(check_placement(in, entry.placement, where + "/placement", out));
    ring_spec ring;
    ring.name = entry.name;
    ring.placement = entry.placement;
    ring.context = entry.context;
    ring.step_timeout_ms = entry.step_timeout_ms;
    ring.passes = entry.passes;
    ring.transport = entry.transport;
    ring.link_wait_ms = entry.link_wait_ms;
    ring.place = in.source.place(where);
    DCI_ASSIGN(ring.model, read_model(in, entry.model, where + "/model"));
    DCI_TRY(read_stages(in, entry.stages, stages, out, ring));
    for (std::size_t s = 0; s < ring.stages.size(); ++s) {
      const auto& actor = ring.stages[s].actor;
      const auto [user, free] = rings_of_actors.emplace(actor, ring.name);
      if (!actor.empty() && !free)
        return in.source.fail_at(item(stages, s) + "/actor",
                                 "actor " + in_quotes(actor) + " is already a stage of ring " +
                                     in_quotes(user->second) +
                                     "; declare a shard_executor for each stage");
    }
    if (entry.strategy) {
      ring.strategy = *entry.strategy;
      DCI_TRY(check_strategy(in, ring, where + "/strategy"));
    }
    DCI_ASSIGN(ring.engine, read_engine(in, entry.engine, where + "/engine"));
    DCI_TRY(check_positive(in, ring.passes, where, "passes"));
    DCI_TRY(check_positive(in, ring.context, where, "context"));
    DCI_TRY(check_positive(in, ring.step_timeout_ms, where, "step_timeout_ms"));
    DCI_TRY(check_positive(in, ring.link_wait_ms, where, "link_wait_ms"));
    if (ring.transport)
      DCI_TRY(check_transport(in, *ring.transport, where + "/transport"));
    DCI_ASSIGN(const auto total, count_layers(in, ring, where + "/model"));
    if (!ring.is_automatic())
      DCI_TRY(check_layers(in, ring, stages, total));
    out.rings.push_back(std::move(ring));
  }
  return {};
}

} // namespace dci::topology_file

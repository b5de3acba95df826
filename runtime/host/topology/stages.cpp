#include <algorithm>
#include <system_error>

#include "actors/step_link/carriers.hpp"
#include "runtime/host/topology/reading.hpp"
#include "runtime/host/topology/wording.hpp"

namespace dci::topology_file {
namespace {

bool is_auto(const json& value) {
  return value.is_string() && value.get_ref<const std::string&>() == "auto";
}

std::string as_written(layer_span s) {
  return "[" + std::to_string(s.first) + ", " + std::to_string(s.last) + "]";
}

bool same_folder(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ec;
  return a.lexically_normal() == b.lexically_normal() || std::filesystem::equivalent(a, b, ec);
}

result check_span(const reading& in, layer_span s, const std::string& where) {
  if (s.first > s.last)
    return in.source.fail_at(where, "layers " + as_written(s) + " are reversed; write " +
                                        as_written({s.last, s.first}));
  if (s.empty())
    return in.source.fail_at(where, "layers " + as_written(s) +
                                        " are none at all; layers = [first, last] holds the blocks "
                                        "from first to last - 1, or leave the stage out");
  return {};
}

expected<std::optional<layer_span>> read_layers(const reading& in, const json& value,
                                                const std::string& where) {
  if (is_auto(value))
    return std::nullopt;
  layer_span span;
  if (!value.is_array() || value.size() != 2)
    return fail_decoding(in, *wrong_kind(value, "two integers [first, last], or \"auto\"", where));
  if (const auto e = from_json_value(value, span, where))
    return fail_decoding(in, *e);
  DCI_TRY(check_span(in, span, where));
  return span;
}

/// The layers that the actor's own settings give it.
expected<layer_span> layers_of_actor(const reading& in, const actor_spec& actor,
                                     const std::string& where) {
  layer_span span;
  const auto given = actor.settings.find("layers");
  if (given == actor.settings.end() || from_json_value(*given, span))
    return in.source.fail_at(where, "actor " + in_quotes(actor.name) + " (line " +
                                        std::to_string(actor.place.line) +
                                        ") has no layers; add layers = [first, last] to its "
                                        "[actor.settings]");
  DCI_TRY(check_span(in, span, where));
  return span;
}

result read_actor_stage(const reading& in, const stage_entry& entry, const std::string& where,
                        const topology& so_far, const ring_spec& ring, stage_spec& out) {
  const auto* actor = find_actor(so_far, *entry.actor);
  if (!actor) {
    std::vector<std::string> known;
    for (const auto& a : so_far.actors)
      if (a.type == stage_actor_type)
        known.push_back(a.name);
    return in.source.fail_at(where + "/actor",
                             "no actor is called " + in_quotes(*entry.actor) +
                                 (known.empty()
                                      ? "; add a shard_executor of that name"
                                      : "; the file's shard_executors are " + listed(known)));
  }
  if (actor->type != stage_actor_type)
    return in.source.fail_at(where + "/actor", "actor " + in_quotes(actor->name) + " is a " +
                                                   in_quotes(actor->type) +
                                                   "; a stage must be a shard_executor");
  if (actor->placement == everywhere)
    return in.source.fail_at(where + "/actor", "actor " + in_quotes(actor->name) +
                                                   " runs on every host; a stage needs one with a "
                                                   "host's name as its placement");
  if (entry.layers)
    return in.source.fail_at(where + "/layers",
                             "the layers of an actor stand in its settings; remove them here");
  const auto model = actor->settings.find("model");
  if (model != actor->settings.end() && model->is_string() &&
      !same_folder(in.base / model->get_ref<const std::string&>(), ring.model))
    return in.source.fail_at(where + "/actor",
                             "actor " + in_quotes(actor->name) + " runs another model than ring " +
                                 in_quotes(ring.name) + "; give both the same model");
  DCI_ASSIGN(out.layers, layers_of_actor(in, *actor, where + "/actor"));
  out.actor = actor->name;
  return {};
}

result read_stage(const reading& in, const stage_entry& entry, const std::string& where,
                  const topology& so_far, const ring_spec& ring, stage_spec& out) {
  out.place = in.source.place(where);
  if (entry.transport) {
    DCI_TRY(check_transport(in, *entry.transport, where + "/transport"));
    out.transport = *entry.transport;
  }
  if (entry.host && entry.actor)
    return in.source.fail_at(where, "a stage names a host or an actor, not both; an actor already "
                                    "has its placement, so remove the host");
  if (entry.actor)
    return read_actor_stage(in, entry, where, so_far, ring, out);
  if (!entry.host)
    return in.source.fail_at(where, "a stage names where it runs; add host = \"NAME\" or "
                                    "actor = \"NAME\"");
  DCI_TRY(check_placement(in, *entry.host, where + "/host", so_far));
  if (!entry.layers)
    return in.source.fail_at(where, "the stage has no layers; add layers = [first, last] or "
                                    "layers = \"auto\"");
  out.host = *entry.host;
  DCI_ASSIGN(out.layers, read_layers(in, *entry.layers, where + "/layers"));
  return {};
}

} // namespace

result check_transport(const reading& in, const std::string& name, const std::string& where) {
  if (transport_from(name))
    return {};
  return in.source.fail_at(where, "no transport is called " + in_quotes(name) +
                                      R"(; write "auto", "caf" or "zmq")");
}

result read_stages(const reading& in, const json& stages, const std::string& where,
                   const topology& so_far, ring_spec& out) {
  if (is_auto(stages)) {
    for (const auto& host : so_far.hosts)
      out.stages.push_back({host.name, {}, {}, {}, in.source.place(where)});
    if (out.stages.empty())
      return in.source.fail_at(where, "stages = \"auto\" takes every host of the file, and there "
                                      "is none; add a [[host]]");
    return {};
  }
  if (!stages.is_array())
    return fail_decoding(in, *wrong_kind(stages, "a list of stages, or \"auto\"", where));
  if (stages.empty())
    return in.source.fail_at(where, "a ring needs a stage; add { host = \"local\", layers = "
                                    "\"auto\" } or write stages = \"auto\"");
  std::vector<stage_entry> entries;
  if (const auto e = from_json_value(stages, entries, where))
    return fail_decoding(in, *e);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    DCI_TRY(read_stage(in, entries[i], item(where, i), so_far, out, out.stages.emplace_back()));
    if (out.stages[i].layers.has_value() != out.stages[0].layers.has_value())
      return in.source.fail_at(item(where, i),
                               "some stages have automatic layers and others do not; give all "
                               "stages layers = [first, last], or all of them \"auto\"");
  }
  return {};
}

result check_layers(const reading& in, const ring_spec& ring, const std::string& where,
                    std::uint32_t total) {
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < ring.stages.size(); ++i) {
    const auto& stage = ring.stages[i];
    const auto span = stage.layers.value_or(layer_span{});
    const auto from = stage.actor.empty() ? "" : " (of actor " + in_quotes(stage.actor) + ")";
    const auto stage_has =
        "stage " + std::to_string(i + 1) + " has layers " + as_written(span) + from;
    const auto start = "; start it at layer " + std::to_string(next);
    const auto here = item(where, i) + (stage.actor.empty() ? "/layers" : "/actor");
    if (span.first != next && i == 0)
      return in.source.fail_at(here, stage_has + ", but a ring begins with layer 0" + start);
    if (span.first < next)
      return in.source.fail_at(here, stage_has + ", which overlap the stages before it, up to " +
                                         std::to_string(next) + start);
    if (span.first > next)
      return in.source.fail_at(here, stage_has + ", but layers " + as_written({next, span.first}) +
                                         " before it are missing" + start);
    if (total != 0 && span.last > total)
      return in.source.fail_at(here, stage_has + ", but the model has only " +
                                         std::to_string(total) + " layers; end it at " +
                                         std::to_string(total) + " or before");
    next = span.last;
  }
  if (total != 0 && next != total)
    return in.source.fail_at(item(where, ring.stages.size() - 1),
                             "the stages end at layer " + std::to_string(next) +
                                 ", but the model has " + std::to_string(total) +
                                 " layers; end the last stage at " + std::to_string(total));
  return {};
}

} // namespace dci::topology_file

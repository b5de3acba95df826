#include <map>

#include "runtime/host/topology/reading.hpp"
#include "runtime/host/topology/wording.hpp"

namespace dci::topology_file {

result read_actors(const reading& in, const std::vector<actor_entry>& entries, topology& out) {
  std::map<std::string, std::uint32_t> lines_of_names;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const auto where = item("/actor", i);
    if (const auto why = bad_name(entry.name))
      return in.source.fail_at(where + "/name", "actor name " + *why);
    const auto name_place = in.source.place(where + "/name");
    const auto [first, fresh] = lines_of_names.emplace(entry.name, name_place.line);
    if (!fresh)
      return in.source.fail_at(
          where + "/name", "actor " + in_quotes(entry.name) + " is already declared in line " +
                               std::to_string(first->second) + "; give each actor its own name");
    if (entry.type.empty())
      return in.source.fail_at(where + "/type", "the actor's type is empty; write for example "
                                                "type = \"shard_executor\"");
    const bool is_everywhere = entry.placement == everywhere;
    if (is_everywhere && out.hosts.empty())
      return in.source.fail_at(where + "/placement", "the file has no hosts; add a [[host]]");
    if (!is_everywhere)
      DCI_TRY(check_placement(in, entry.placement, where + "/placement", out));
    if (!entry.settings.is_object())
      return fail_decoding(
          in, *wrong_kind(entry.settings, "a table; write [actor.settings]", where + "/settings"));
    actor_spec actor{entry.type, entry.name, entry.placement, entry.settings,
                     in.source.place(where)};
    if (in.checks.settings)
      if (const auto e = in.checks.settings(actor.type, actor.settings, in.base))
        return fail_decoding(in, {where + e->path, e->message});
    out.actors.push_back(std::move(actor));
  }
  return {};
}

} // namespace dci::topology_file

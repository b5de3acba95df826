#include "runtime/host/topology/topology.hpp"

#include <algorithm>

namespace dci {
namespace {

template <class T>
const T* find_by_name(const std::vector<T>& all, std::string_view name) {
  const auto it = std::find_if(all.begin(), all.end(), [&](const T& x) { return x.name == name; });
  return it == all.end() ? nullptr : &*it;
}

} // namespace

std::string to_string(const source_place& place) {
  if (place.line == 0)
    return place.file;
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

bool ring_spec::is_automatic() const {
  return std::any_of(stages.begin(), stages.end(), [](const auto& s) { return !s.layers; });
}

const host_spec* find_host(const topology& t, std::string_view name) {
  return find_by_name(t.hosts, name);
}

const actor_spec* find_actor(const topology& t, std::string_view name) {
  return find_by_name(t.actors, name);
}

const ring_spec* find_ring(const topology& t, std::string_view name) {
  return find_by_name(t.rings, name);
}

bool is_placed_on(const actor_spec& actor, std::string_view placement) {
  return actor.placement == placement ||
         (actor.placement == everywhere && placement != local_placement);
}

std::string_view host_of(const topology& t, const stage_spec& stage) {
  if (stage.actor.empty())
    return stage.host;
  const auto* actor = find_actor(t, stage.actor);
  return actor ? std::string_view{actor->placement} : local_placement;
}

tl::unexpected<error> fail_at(const source_place& place, errc code, std::string_view message) {
  return fail(in_context(to_string(place), error{code, std::string{message}}));
}

} // namespace dci

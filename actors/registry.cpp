#include "actors/registry.hpp"

#include <algorithm>

namespace dci {

const actor_type* actor_registry::find(std::string_view name) const {
  const auto it = std::find_if(types_.begin(), types_.end(),
                               [&](const auto& type) { return type.name == name; });
  return it == types_.end() ? nullptr : &*it;
}

const request_type* actor_registry::find_request_type(const actor_type& type,
                                                      std::string_view name) {
  const auto full = std::string{name} + "_request";
  for (const auto& request : type.requests)
    if (request.name == name || request.name == full)
      return &request;
  return nullptr;
}

std::string actor_registry::spawnable_names() const {
  std::string out;
  for (const auto& type : types_)
    if (type.spawn)
      out += (out.empty() ? "" : ", ") + type.name;
  return out;
}

void actor_registry::insert(actor_type type) {
  // Two types of one name would make topology files ambiguous: the first stays.
  if (find(type.name) == nullptr)
    types_.push_back(std::move(type));
}

} // namespace dci

// A registered actor type as a person reads it.
#pragma once

#include <string>

#include "actors/registry.hpp"

namespace dci {

/// {name, doc, spawnable, settings, requests}
json type_as_json(const actor_type& type);
/// [{name, fields, reply, reply_fields}]; reply is absent for one-way messages.
json requests_as_json(const actor_type& type);
/// Several lines.
std::string type_as_text(const actor_type& type);

} // namespace dci

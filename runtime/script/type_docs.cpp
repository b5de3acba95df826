#include "runtime/script/type_docs.hpp"

namespace dci {
namespace {

json fields_as_json(const std::vector<field_doc>& fields) {
  auto out = json::array();
  for (const auto& field : fields) {
    json entry{{"name", field.name}, {"kind", field.kind}, {"doc", field.doc}};
    if (field.fallback.empty())
      entry["required"] = true;
    else
      entry["default"] = json::parse(field.fallback, nullptr, false);
    out.push_back(std::move(entry));
  }
  return out;
}

std::string fields_as_text(const std::vector<field_doc>& fields) {
  std::string out;
  for (const auto& field : fields) {
    out += "    " + field.name + ": " + field.kind;
    out += field.fallback.empty() ? ", required" : ", default " + field.fallback;
    out += "; " + field.doc + "\n";
  }
  return out;
}

} // namespace

json requests_as_json(const actor_type& type) {
  auto out = json::array();
  for (const auto& request : type.requests) {
    json entry{{"name", request.name}, {"fields", fields_as_json(request.fields)}};
    if (!request.reply.empty()) {
      entry["reply"] = request.reply;
      entry["reply_fields"] = fields_as_json(request.reply_fields);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

json type_as_json(const actor_type& type) {
  return {{"name", type.name},
          {"doc", type.doc},
          {"spawnable", static_cast<bool>(type.spawn)},
          {"settings", fields_as_json(type.settings)},
          {"requests", requests_as_json(type)}};
}

std::string type_as_text(const actor_type& type) {
  auto out = type.name + ": " + type.doc + "\n";
  if (type.spawn)
    out += "  settings:\n" + fields_as_text(type.settings);
  for (const auto& request : type.requests) {
    out += "  " + request.name;
    out += request.reply.empty() ? ", no answer\n" : " -> " + request.reply + "\n";
    out += fields_as_text(request.fields);
  }
  return out;
}

} // namespace dci

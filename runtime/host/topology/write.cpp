#include <algorithm>
#include <cstdio>

#include "runtime/host/topology/topology.hpp"

namespace dci {
namespace {

/// A TOML basic string.
std::string text(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04X", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string key(const std::string& name) {
  const auto bare = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), bare) ? name : text(name);
}

/// In one line. TOML has no null: it is left out.
std::string inline_value(const json& value) {
  if (value.is_string())
    return text(value.get_ref<const std::string&>());
  if (!value.is_structured())
    return value.dump();
  std::string out;
  for (const auto& member : value.items()) {
    if (member.value().is_null())
      continue;
    out += out.empty() ? "" : ", ";
    if (value.is_object())
      out += key(member.key()) + " = ";
    out += inline_value(member.value());
  }
  if (value.is_array())
    return "[" + out + "]";
  return out.empty() ? "{}" : "{ " + out + " }";
}

/// "name = value" and the end of the line.
void line(std::string& out, const std::string& name, const json& value) {
  out += key(name) + " = " + inline_value(value) + "\n";
}

std::string stage_line(const stage_spec& stage) {
  const auto end =
      (stage.transport.empty() ? "" : ", transport = " + text(stage.transport)) + " },\n";
  if (!stage.actor.empty())
    return "  { actor = " + text(stage.actor) + end;
  const auto layers = stage.layers ? inline_value(to_json_value(*stage.layers)) : text("auto");
  return "  { host = " + text(stage.host) + ", layers = " + layers + end;
}

void write_ring(std::string& out, const ring_spec& ring) {
  out += "\n[[ring]]\n";
  line(out, "name", ring.name);
  line(out, "placement", ring.placement);
  line(out, "model", ring.model.string());
  if (ring.is_automatic())
    line(out, "strategy", ring.strategy);
  if (ring.engine != engine_settings{})
    line(out, "engine", to_json_value(ring.engine));
  if (ring.passes)
    line(out, "passes", *ring.passes);
  if (ring.context)
    line(out, "context", *ring.context);
  if (ring.step_timeout_ms)
    line(out, "step_timeout_ms", *ring.step_timeout_ms);
  if (ring.transport)
    line(out, "transport", *ring.transport);
  if (ring.link_wait_ms)
    line(out, "link_wait_ms", *ring.link_wait_ms);
  out += "stages = [\n";
  for (const auto& stage : ring.stages)
    out += stage_line(stage);
  out += "]\n";
}

} // namespace

std::string write_topology(const topology& t) {
  std::string out = "# A topology, as dci-runtime writes it.\n";
  if (!t.credentials.empty())
    line(out, "credentials", t.credentials.string());
  for (const auto& host : t.hosts) {
    out += "\n[[host]]\n";
    line(out, "name", host.name);
    line(out, "address", to_string(host.address));
    if (host.memory)
      line(out, "memory", *host.memory);
    if (!host.takes_work)
      line(out, "takes_work", false);
    if (!host.credentials.empty())
      line(out, "credentials", host.credentials.string());
    if (host.listen)
      line(out, "listen", to_string(*host.listen));
    if (host.frames)
      line(out, "frames", to_string(*host.frames));
    if (host.frames_address)
      line(out, "frames_address", to_string(*host.frames_address));
  }
  for (const auto& actor : t.actors) {
    out += "\n[[actor]]\n";
    line(out, "type", actor.type);
    line(out, "name", actor.name);
    line(out, "placement", actor.placement);
    if (actor.settings.empty())
      continue;
    out += "[actor.settings]\n";
    for (const auto& setting : actor.settings.items())
      if (!setting.value().is_null())
        line(out, setting.key(), setting.value());
  }
  for (const auto& ring : t.rings)
    write_ring(out, ring);
  return out;
}

} // namespace dci

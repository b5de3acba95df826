// help(): the functions of this console and the actor types, from their tables.
#include <algorithm>
#include <cstdio>

#include "runtime/script/context.hpp"
#include "runtime/script/type_docs.hpp"

namespace dci {
namespace {

std::string entry_text(const api_section& section, const api_entry& entry) {
  std::string line = "  " + std::string{section.call} + std::string{entry.signature};
  line += line.size() < 34 ? std::string(34 - line.size(), ' ') : "\n" + std::string(34, ' ');
  return line + std::string{entry.doc} + "\n";
}

std::string section_text(const api_section& section) {
  auto out = std::string{section.name} + ": " + std::string{section.doc} + "\n";
  for (const auto& entry : section.entries)
    out += entry_text(section, entry);
  return out;
}

std::string overview() {
  std::string out;
  for (const auto& section : api_sections())
    out += section_text(section) + "\n";
  out += "Actor types: ";
  const char* comma = "";
  for (const auto& type : builtin_actor_types()->types()) {
    out += comma + type.name;
    comma = ", ";
  }
  return out + "\nhelp(\"ring\") says more of a type or an object, help(\"attach\") of a function; "
               "help(x) of the object x.\n"
               "Failures raise an error object: local ok, err = pcall(f); err.code, err.message.\n";
}

/// Everything that has this name; empty if nothing has.
std::string topic_text(const std::string& topic) {
  std::string out;
  for (const auto& section : api_sections()) {
    if (section.name == topic)
      out += section_text(section);
    for (const auto& entry : section.entries)
      if (entry.name() == topic || std::string{section.call} + std::string{entry.name()} == topic)
        out += entry_text(section, entry);
  }
  if (const auto* type = builtin_actor_types()->find(topic))
    out += type_as_text(*type);
  return out;
}

} // namespace

std::span<const api_section> api_sections() {
  static const api_section sections[] = {
      {"dci", "dci.", "what the console can do", dci_functions()},
      {"host", "h:", "a process with actors, from dci.host, dci.attach or a deployment",
       host_methods()},
      {"actor", "a:", "an actor, from h:actors, h:actor or h:spawn", actor_methods()},
      {"ring", "r:", "an actor of the type ring has these too", ring_methods()},
      {"deployment", "d:", "a launched topology file, from dci.launch", deployment_methods()},
  };
  return sections;
}

int api_help(lua_State* L) {
  std::string text;
  if (lua_isnoneornil(L, 1)) {
    text = overview();
  } else if (const auto* actor = test_actor(L, 1)) {
    text = topic_text("actor") + topic_text(actor->info.type);
  } else if (test_host(L, 1) != nullptr) {
    text = topic_text("host") + topic_text("node");
  } else if (lua_isuserdata(L, 1) && !lua_islightuserdata(L, 1)) {
    check_deployment(L, 1);
    text = topic_text("deployment");
  } else if (lua_istable(L, 1)) {
    text = topic_text("dci");
  } else {
    const auto topic = check_text(L, 1);
    text = topic_text(topic);
    if (text.empty())
      raise(L, {errc::not_found, "there is no help on \"" + topic + "\"; try help()"});
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

} // namespace dci

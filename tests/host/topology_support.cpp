#include "tests/host/topology_support.hpp"

#include <optional>

#include <doctest/doctest.h>

namespace dci::test {
namespace {

struct executor_settings {
  std::string model;
  std::optional<layer_span> layers;

  static constexpr std::string_view type_name = "executor_settings";
  static constexpr auto fields() {
    return std::tuple{
        required("model", &executor_settings::model, "say which model it runs"),
        field("layers", &executor_settings::layers, "its blocks"),
    };
  }
};

decode_outcome check_settings(const std::string& type, json& settings,
                              const std::filesystem::path& base) {
  if (type == "echo")
    return {};
  if (type != "shard_executor")
    return decode_error{"/type", "no actor type is called \"" + type + "\"; write echo"};
  executor_settings read;
  if (auto e = from_json_value(settings, read, "/settings"))
    return e;
  settings["model"] = (base / read.model).string();
  return {};
}

} // namespace

topology_checks sample_checks() {
  topology_checks out;
  out.settings = check_settings;
  out.model_layers = [](const std::filesystem::path& model) -> expected<std::uint32_t> {
    if (model.filename() == "broken")
      return fail(errc::bad_file, model.string() + "/config.json: no such file");
    return 6;
  };
  out.strategies = {"ring_memory_weighted"};
  return out;
}

expected<topology> parse_sample(const std::string& text) {
  return parse_topology(text, "ring.toml", "/srv", sample_checks());
}

void check_fault(const std::string& text, const std::string& place,
                 const std::vector<std::string>& words) {
  CAPTURE(text);
  const auto parsed = parse_sample(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(to_string(parsed.error().code) == "bad_topology");
  const auto& message = parsed.error().message;
  CHECK(message.substr(0, message.find(": ")) == "ring.toml:" + place);
  CHECK(message.find('\n') == std::string::npos);
  for (const auto& word : words) {
    CAPTURE(message);
    CHECK_MESSAGE(message.find(word) != std::string::npos, word);
  }
}

topology without_places(topology t) {
  t.file.clear();
  for (auto& host : t.hosts)
    host.place = {};
  for (auto& actor : t.actors)
    actor.place = {};
  for (auto& ring : t.rings) {
    ring.place = {};
    for (auto& stage : ring.stages)
      stage.place = {};
  }
  return t;
}

} // namespace dci::test

// A ring over one of the project's small models, in the test's own world.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tensors/decoder/golden.hpp"
#include "tensors/files/model_files.hpp"
#include "tests/actors/world.hpp"

namespace dci::test {

inline std::filesystem::path model_dir(const std::string& name) {
  return std::filesystem::path(DCI_SOURCE_DIR) / "tests/data/models" / name;
}

inline golden_file golden_of(const std::string& name) {
  auto golden = read_golden(model_dir(name) / "golden.json");
  REQUIRE_MESSAGE(golden, (golden ? "" : golden.error().message));
  return std::move(*golden);
}

inline std::string fingerprint_of(const std::string& name) {
  const auto model = open_model(model_dir(name));
  REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
  return (*model)->fingerprint;
}

/// {"layers": [first, last]}
inline json stage(std::uint32_t first, std::uint32_t last) {
  return {{"layers", {first, last}}};
}
/// A stage that is there already.
inline json stage(const std::string& actor, std::uint32_t first, std::uint32_t last) {
  return {{"actor", actor}, {"layers", {first, last}}};
}

/// Settings of a ring of so many equal stages over a model of four layers.
inline json ring_of(const std::string& model, json stages) {
  return {{"model", model_dir(model).string()}, {"stages", std::move(stages)}};
}

inline generate_request golden_request(const golden_case& wanted) {
  generate_request out;
  out.prompt_ids = wanted.prompt_ids;
  out.max_tokens = static_cast<std::uint32_t>(wanted.generated_ids.size());
  out.ignore_end = true;
  return out;
}

/// A world with a ring "main" that is not assembled yet.
struct ring_world : world {
  explicit ring_world(const json& settings) : main(start<ring_actor>("ring", "main", settings)) {
  }
  expected<ring_description> assemble() {
    return call<ring_description>(main, assemble_request{});
  }
  /// Assembled, or the test is over.
  ring_description assembled() {
    return get<ring_description>(main, assemble_request{});
  }
  expected<generate_reply> generate(generate_request request, const actor_ref& to) {
    request.sink = to;
    return call<generate_reply>(main, std::move(request));
  }
  /// The whole answer, which must come.
  heard answer(generate_request request) {
    const auto out = std::make_shared<heard>();
    const auto opened = generate(std::move(request), sink(out));
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    REQUIRE(out->ends.size() == 1);
    return *out;
  }
  /// Starts an answer and lets it grow by so many tokens.
  generate_reply begin(generate_request request, const std::shared_ptr<heard>& out,
                       std::size_t tokens) {
    request.sink = sink(out);
    const auto opened = ask<generate_reply>(main, std::move(request));
    while (out->tokens.size() < tokens && step())
      continue;
    REQUIRE(out->tokens.size() == tokens);
    while (!*opened && step())
      continue;
    REQUIRE(*opened);
    return ***opened;
  }
  shard_description shard(const std::string& name) {
    const auto info = get<actor_info>(node, find_request{name});
    return get<shard_description>(caf::actor_cast<shard_executor_actor>(info.actor),
                                  shard_describe_request{});
  }
  actor_ref actor(const std::string& name) {
    return get<actor_info>(node, find_request{name}).actor;
  }

  ring_actor main;
};

} // namespace dci::test

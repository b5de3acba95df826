// Golden models over rings of one and of several processes, and that the check can fail.
#include <doctest/doctest.h>

#include <memory>
#include <set>

#include "runtime/base/files.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> verify_flags(const fs::path& model, std::uint32_t stages,
                                      std::uint32_t processes) {
  return {"verify",      model.string(),           "--stages", std::to_string(stages),
          "--processes", std::to_string(processes)};
}

outcome verify(const fs::path& model, std::uint32_t stages = 1, std::uint32_t processes = 1,
               const std::vector<std::string>& more = {}) {
  auto arguments = verify_flags(model, stages, processes);
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments);
}

const fs::path qwen2 = source_dir / "tests/data/models/qwen2";

} // namespace

TEST_CASE("every golden model is token-exact, however many stages and processes") {
  struct run {
    fs::path model;
    std::uint32_t stages;
    std::uint32_t processes;
    std::unique_ptr<program> process;
  };
  std::vector<run> runs;
  const auto models = golden_models();
  CHECK(models.size() >= 5);
  for (const auto& model : models) {
    const auto layers = layers_of(model);
    for (const auto stages : std::set<std::uint32_t>{1, 2, 3, layers})
      for (const auto processes : {1u, 3u})
        if (stages <= layers && processes <= stages)
          runs.push_back({model, stages, processes, nullptr});
  }
  // Two at a time, since most of each is starting up.
  for (std::size_t i = 0; i < runs.size() + 1; ++i) {
    if (i < runs.size())
      runs[i].process =
          std::make_unique<program>(verify_flags(runs[i].model, runs[i].stages, runs[i].processes));
    if (i == 0)
      continue;
    auto& [model, stages, processes, process] = runs[i - 1];
    const auto cases = std::to_string(read_json(model / "golden.json")["cases"].size());
    CAPTURE(model.string());
    CAPTURE(stages);
    CAPTURE(processes);
    const auto out = process->finish(120s);
    process.reset();
    CAPTURE(out.err);
    CHECK(out.code == 0);
    CHECK(out.out.find("cases " + cases + "/" + cases + " token-exact") != std::string::npos);
    CHECK(out.out.find(", " + std::to_string(stages) + " stages: local [0, ") != std::string::npos);
    CHECK((out.out.find("process3 [") != std::string::npos) == (processes == 3));
    CHECK(out.complaints().empty());
  }
}

TEST_CASE("the report is also to be had as JSON") {
  const auto out = verify(qwen2, 3, 3, {"--json"});
  CHECK(out.code == 0);
  const auto report = nlohmann::json::parse(out.out, nullptr, false);
  REQUIRE(report.is_object());
  CHECK(report["passed"] == true);
  CHECK(report["token_exact"] == 3);
  CHECK(report["cases"].size() == 3);
  CHECK(report["max_logit_difference"] < 5e-4);
  CHECK(report["stages"].size() == 3);
  CHECK(report["stages"][2]["layers"] == nlohmann::json{2, 4});
}

TEST_CASE("one altered weight does not pass") {
  temp_dir dir;
  const auto model = copy_of(qwen2, dir);
  // 2.0 as F16.
  set_weight(model / "model.safetensors", "model.layers.2.mlp.down_proj.weight", {"\x00\x40", 2});
  for (const auto processes : {1u, 3u}) {
    const auto out = verify(model, 3, processes);
    CHECK(out.code == 1);
    REQUIRE(out.complaints().size() == 1);
    CHECK(out.complaints()[0].find("does not match") != std::string::npos);
  }
}

TEST_CASE("one altered golden id does not pass, wherever it is") {
  temp_dir dir;
  auto golden = read_json(qwen2 / "golden.json");
  auto& ids = golden["cases"][1]["generated_ids"];
  for (const std::size_t at : {std::size_t{0}, ids.size() - 1}) {
    const auto kept = ids[at];
    ids[at] = (kept.get<int>() + 1) % 96;
    const auto file = dir.write("golden.json", golden.dump());
    ids[at] = kept;
    const auto out = verify(qwen2, 1, 1, {"--golden", file.string()});
    CHECK(out.code == 1);
    CHECK(out.out.find("case 2 differs from token " + std::to_string(at + 1)) != std::string::npos);
    CHECK(out.out.find("cases 2/3 token-exact") != std::string::npos);
  }
}

TEST_CASE("one altered golden logit, or a tolerance of nothing, does not pass") {
  temp_dir dir;
  auto golden = read_json(qwen2 / "golden.json");
  auto& logit = golden["cases"][0]["prompt_last_logits"][7];
  logit = logit.get<double>() + 0.01;
  const auto file = dir.write("golden.json", golden.dump());
  CHECK(verify(qwen2, 1, 1, {"--golden", file.string()}).code == 1);
  CHECK(verify(qwen2, 1, 1, {"--golden", file.string(), "--tolerance", "0.02"}).code == 0);
  CHECK(verify(qwen2, 1, 1, {"--tolerance", "0"}).code == 1);
}

TEST_CASE("a golden file that is missing or damaged is bad input") {
  temp_dir dir;
  const auto missing = verify(qwen2, 1, 1, {"--golden", "/nowhere/golden.json"});
  CHECK(missing.code == 2);
  REQUIRE(missing.complaints().size() == 1);
  CHECK(missing.complaints()[0].find("/nowhere/golden.json") != std::string::npos);
  const auto file = dir.write("golden.json", R"({"cases": [{"prompt_ids": [1]}]})");
  const auto damaged = verify(qwen2, 1, 1, {"--golden", file.string()});
  CHECK(damaged.code == 2);
  REQUIRE(damaged.complaints().size() == 1);
  CHECK(damaged.complaints()[0].find(file.string()) != std::string::npos);
}

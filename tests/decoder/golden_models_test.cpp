// Every model with a golden file, cut in every way, against that file.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>

#include "tensors/decoder/golden.hpp"
#include "tensors/files/safetensors.hpp"
#include "tests/decoder/generate.hpp"
#include "tests/files/fixture.hpp"
#include "tests/files/golden_models.hpp"

using namespace dci;
namespace fs = std::filesystem;

TEST_CASE_TEMPLATE("golden models are generated token by token, however they are cut", With,
                   test::with_native, test::with_torch) {
  const auto models = test::golden_models();
  CHECK_FALSE(models.empty());
  for (const auto& dir : models) {
    CAPTURE(dir.string());
    const auto golden = read_golden(dir / "golden.json");
    REQUIRE_MESSAGE(golden, (golden ? "" : golden.error().message));
    const auto model = open_model(dir);
    REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
    double worst = 0;
    for (const auto cuts : std::set<std::uint32_t>{1, 2, 3, (*model)->config.layers}) {
      if (cuts > (*model)->config.layers)
        continue;
      CAPTURE(cuts);
      auto pipeline = test::pipeline::load(dir, cuts, With::kind);
      for (std::size_t i = 0; i < golden->cases.size(); ++i) {
        CAPTURE(i);
        const auto& one = golden->cases[i];
        for (const auto chunk : {one.prompt_ids.size(), std::size_t{5}, std::size_t{1}}) {
          CAPTURE(chunk);
          const auto made =
              test::generate(pipeline, one.prompt_ids, one.generated_ids.size(), chunk);
          const auto outcome = compare(one, made.ids, made.prompt_logits);
          CHECK(outcome.token_exact);
          CHECK(outcome.max_abs_logit_difference <= 5e-4);
          worst = std::max(worst, outcome.max_abs_logit_difference);
        }
      }
    }
    MESSAGE(to_string(With::kind) << ", " << dir.filename().string()
                                  << ": largest logit difference " << worst);
  }
}

TEST_CASE("one altered weight does not pass for the golden model") {
  const auto source = fs::path(DCI_SOURCE_DIR) / "tests/data/models/llama3rope";
  const test::temp_dir dir;
  for (const auto* name : {"config.json", "golden.json"})
    fs::copy_file(source / name, dir.path() / name);
  auto bytes = read_file(source / "model.safetensors", 64 << 20);
  REQUIRE_MESSAGE(bytes, (bytes ? "" : bytes.error().message));
  // The norm's weights are near one, and all rows pass through them.
  const auto intact = safetensors_file::open(source / "model.safetensors");
  REQUIRE(intact);
  const auto* norm = (*intact)->find("model.layers.3.input_layernorm.weight");
  REQUIRE(norm != nullptr);
  const auto* start = reinterpret_cast<const char*>((*intact)->header().data()) - 8;
  const auto offset =
      static_cast<std::size_t>(reinterpret_cast<const char*>(norm->bytes.data()) - start);
  REQUIRE(norm->type == dtype::F32);
  const float other = 1.5f;
  std::memcpy(bytes->data() + offset, &other, sizeof other);
  dir.write("model.safetensors", *bytes);

  const auto golden = read_golden(dir.path() / "golden.json");
  REQUIRE(golden);
  auto pipeline = test::pipeline::load(dir.path(), 2);
  const auto& one = golden->cases.back();
  const auto made = test::generate(pipeline, one.prompt_ids, one.generated_ids.size(), 64);
  CHECK(compare(one, made.ids, made.prompt_logits).max_abs_logit_difference > 5e-4);
}

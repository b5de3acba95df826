// GGUF files: written by the verb, run in a ring, compared with a golden file.
#include <doctest/doctest.h>

#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci::test;
namespace fs = std::filesystem;

TEST_CASE("a model written as GGUF runs in a ring of processes and passes its golden file") {
  const temp_dir dir;
  const auto file = (dir.path() / "tiny-f16.gguf").string();
  const auto written =
      run_program({"quantize", tiny_dir.string(), "--to", "f16", "--output", file});
  CAPTURE(written.err);
  REQUIRE(written.code == 0);
  CHECK(written.out.find(file) == 0);
  // The weights of the tiny model are F16 already, so nothing is rounded.
  const auto verified =
      run_program({"verify", file, "--golden", (tiny_dir / "golden.json").string(), "--stages", "3",
                   "--processes", "3", "--json"});
  CAPTURE(verified.err);
  CHECK(verified.code == 0);
  CHECK(nlohmann::json::parse(verified.out)["passed"] == true);

  const auto again = run_program({"quantize", tiny_dir.string(), "--to", "f16", "--output", file});
  CHECK(again.code == 2);
  CHECK(again.err.find("is there already") != std::string::npos);
}

TEST_CASE("a quantized model generates the same text in one process and in three") {
  const temp_dir dir;
  for (const std::string type : {"q8_0", "q4_0"}) {
    const auto file = (dir.path() / (type + ".gguf")).string();
    REQUIRE(run_program({"quantize", tiny_dir.string(), "--to", type, "--output", file}).code == 0);
    CHECK(fs::file_size(file) < fs::file_size(tiny_dir / "model.safetensors") * 2 / 3);
    std::string texts[2];
    for (const auto* count : {"1", "3"}) {
      const auto out =
          run_program({"generate", "--model", file, "--prompt", "And it came to pass",
                       "--max-tokens", "24", "--stages", count, "--processes", count, "--json"});
      CAPTURE(out.err);
      REQUIRE(out.code == 0);
      texts[*count == '3'] = nlohmann::json::parse(out.out)["text"];
    }
    CHECK(!texts[0].empty());
    CHECK(texts[0] == texts[1]);
  }
}

TEST_CASE("what cannot be quantized is refused by name") {
  const temp_dir dir;
  const auto file = (dir.path() / "out.gguf").string();
  const auto format =
      run_program({"quantize", tiny_dir.string(), "--to", "q2_k", "--output", file});
  CHECK(format.code == 2);
  CHECK(format.err.find("--to q2_k") != std::string::npos);
  const auto missing =
      run_program({"quantize", (dir.path() / "none").string(), "--to", "q8_0", "--output", file});
  CHECK(missing.code == 2);
  CHECK(missing.err.find("none") != std::string::npos);
  CHECK_FALSE(fs::exists(file));
}

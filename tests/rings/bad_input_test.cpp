// Bad input through the program: one clear line, exit code 2.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "runtime/base/files.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const fs::path qwen2 = source_dir / "tests/data/models/qwen2";

/// It ends with exit code 2 and says one line, with all these words.
void check_refused(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& words) {
  std::string line;
  for (const auto& argument : arguments)
    line += argument + " ";
  CAPTURE(line);
  const auto out = run_program(arguments);
  CAPTURE(out.err);
  CHECK(out.code == 2);
  REQUIRE(out.complaints().size() == 1);
  // Nothing else but what a ring's log says of it.
  CHECK(out.err.ends_with(out.complaints()[0] + "\n"));
  CHECK(out.complaints()[0].size() < 400);
  for (const auto& word : words) {
    CAPTURE(word);
    CHECK(out.complaints()[0].find(word) != std::string::npos);
  }
}

void check_model(const fs::path& model, const std::vector<std::string>& words) {
  for (const auto* processes : {"1", "2"})
    check_refused({"verify", model.string(), "--golden", (qwen2 / "golden.json").string(),
                   "--stages", "2", "--processes", processes},
                  words);
}

std::vector<std::string> generate(const fs::path& model, const std::vector<std::string>& more) {
  std::vector<std::string> out = {"generate", "--model", model.string()};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

} // namespace

TEST_CASE("weights that are cut short") {
  temp_dir dir;
  const auto model = copy_of(qwen2, dir);
  const auto file = model / "model.safetensors";
  fs::resize_file(file, fs::file_size(file) - 1);
  check_model(model, {file.string()});
  fs::resize_file(file, 100);
  check_model(model, {file.string()});
  fs::resize_file(file, 3);
  check_model(model, {file.string()});
  fs::resize_file(file, 0);
  check_model(model, {file.string()});
  fs::remove(file);
  check_model(model, {model.string()});
}

TEST_CASE("weights with a header that promises more than there is") {
  temp_dir dir;
  const auto model = copy_of(qwen2, dir);
  const auto file = model / "model.safetensors";
  std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
  io.write("\xff\xff\xff\xff\xff\xff\xff\x7f", 8);
  io.close();
  check_model(model, {file.string()});
}

TEST_CASE("weights that are not numbers") {
  temp_dir dir;
  const auto model = dir.path() / "qwen2";
  const auto file = model / "model.safetensors";
  for (const auto* tensor : {"model.layers.3.mlp.up_proj.weight", "model.embed_tokens.weight"}) {
    // NaN and infinity as F16.
    for (const auto* bytes : {"\xff\x7f", "\x01\x7c"}) {
      fs::remove_all(model);
      copy_of(qwen2, dir);
      set_weight(file, tensor, bytes);
      check_model(model, {file.string(), tensor});
    }
  }
}

TEST_CASE("weights of a number format or shape that does not fit") {
  temp_dir dir;
  const auto model = copy_of(qwen2, dir);
  const auto file = model / "model.safetensors";
  auto text = read_file(file, 64 << 20);
  REQUIRE(text);
  const auto kept = *text;
  const auto at = text->find("\"F16\"");
  REQUIRE(at != std::string::npos);
  text->replace(at, 5, "\"I16\"");
  REQUIRE(write_file(file, *text));
  check_model(model, {file.string(), "I16"});
  REQUIRE(write_file(file, kept));
  set_config(model, "intermediate_size", 64);
  check_model(model, {"mlp", "64"});
}

TEST_CASE("a configuration that is missing, broken or absurd") {
  temp_dir dir;
  const auto model = copy_of(qwen2, dir);
  const auto file = model / "config.json";
  const auto kept = read_json(file);
  const auto with = [&](const std::string& key, const nlohmann::json& value) {
    auto config = kept;
    config[key] = value;
    REQUIRE(write_file(file, config.dump()));
  };
  with("hidden_size", 0);
  check_model(model, {file.string(), "hidden_size"});
  with("num_hidden_layers", 4000000000u);
  check_model(model, {file.string(), "num_hidden_layers"});
  with("num_hidden_layers", -1);
  check_model(model, {file.string(), "num_hidden_layers"});
  with("num_hidden_layers", "four");
  check_model(model, {file.string(), "num_hidden_layers"});
  with("num_key_value_heads", 5);
  check_model(model, {file.string(), "num_key_value_heads"});
  with("rms_norm_eps", "tiny");
  check_model(model, {file.string(), "rms_norm_eps"});
  with("model_type", "mamba");
  check_model(model, {file.string(), "mamba"});
  auto config = kept;
  config.erase("vocab_size");
  REQUIRE(write_file(file, config.dump()));
  check_model(model, {file.string(), "vocab_size"});
  REQUIRE(write_file(file, "{\"hidden_size\": "));
  check_model(model, {file.string()});
  fs::remove(file);
  check_model(model, {file.string()});
}

TEST_CASE("a tokenizer of an unsupported kind or damaged") {
  temp_dir dir;
  const auto model = copy_of(tiny_dir, dir);
  const auto file = model / "tokenizer.json";
  const auto kept = read_json(file);
  const auto refused = [&](const std::vector<std::string>& words) {
    check_refused(generate(model, {"--prompt", "a"}), words);
    check_refused({"tokenize", "--model", model.string()}, words);
  };
  auto changed = kept;
  changed["model"]["type"] = "Unigram";
  REQUIRE(write_file(file, changed.dump()));
  refused({file.string(), "Unigram"});
  changed = kept;
  changed["pre_tokenizer"]["type"] = "BertPreTokenizer";
  REQUIRE(write_file(file, changed.dump()));
  refused({file.string(), "BertPreTokenizer"});
  REQUIRE(write_file(file, "{"));
  refused({file.string()});
  fs::remove(file);
  check_refused(generate(model, {"--prompt", "a"}), {model.string(), "tokenizer.json"});
}

TEST_CASE("a prompt that does not fit, or is no text") {
  temp_dir dir;
  std::string word;
  for (int i = 0; i < 3000; ++i)
    word += "beginning ";
  check_refused(generate(tiny_dir, {"--prompt", word}), {"context 512", "shorten"});
  check_refused(generate(tiny_dir, {"--prompt", ""}), {"prompt is empty"});
  check_refused(generate(tiny_dir, {"--prompt", "a\xff\xfe"}), {"UTF-8"});
  check_refused(generate(tiny_dir, {"--prompt", "\xed\xa0\x80"}), {"UTF-8"});
  check_refused(generate(tiny_dir, {"--prompt", "a", "--max-tokens", "0"}), {"max_tokens"});
  check_refused(generate(tiny_dir, {"--prompt", "a", "--top-p", "2"}), {"top_p"});
  check_refused(generate(tiny_dir, {"--prompt", "a", "--temperature", "nan"}), {"temperature"});
  check_refused(generate(qwen2, {"--prompt", "a"}), {"tokenizer.json"});
  // With --json standard output has no half of a report.
  const auto out = run_program(generate(tiny_dir, {"--prompt", word, "--json"}));
  CHECK(out.code == 2);
  CHECK(out.out == "");
}

TEST_CASE("a model that is not there, or cannot be cut so") {
  check_refused(generate("/nowhere/at/all", {"--prompt", "a"}), {"/nowhere/at/all"});
  check_refused({"verify", "/nowhere/at/all"}, {"/nowhere/at/all"});
  check_refused({"generate", "--prompt", "a"}, {"--model", "--topology"});
  check_refused(generate(tiny_dir, {"--prompt", "a", "--stages", "0"}), {"--stages 0", "6 layers"});
  check_refused(generate(tiny_dir, {"--prompt", "a", "--stages", "7"}), {"--stages 7", "6 layers"});
  check_refused(generate(tiny_dir, {"--prompt", "a", "--stages", "2", "--processes", "3"}),
                {"--processes 3"});
  check_refused({"generate", "--prompt", "a", "--topology", "x.toml", "--stages", "2"},
                {"--stages", "--topology"});
}

TEST_CASE("flags that are wrong") {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"generate", "--prompt", "a", "--modle", "x"},
           {"generate", "--model", "x"},
           {"verify"},
           {"verify", "x", "--stages", "two"},
           {"verify", "x", "--stages", "-1"},
           {"generate", "--prompt", "a", "--model", "x", "--max-tokens", "99999999999"},
           {"check"},
           {"--fast"},
           {"check", "x", "y", "z"},
           {},
           {"--log-level", "loud", "check", "x"}}) {
    std::string line;
    for (const auto& argument : arguments)
      line += argument + " ";
    CAPTURE(line);
    const auto out = run_program(arguments);
    CHECK(out.code == 2);
    CHECK_FALSE(out.err.empty());
  }
  for (const auto* flag : {"--help", "--version"}) {
    const auto out = run_program({flag});
    CHECK(out.code == 0);
    CHECK_FALSE(out.out.empty());
  }
}

TEST_CASE("faults of a topology file, with their place") {
  temp_dir dir;
  const auto fault = [&](const std::string& text, const std::string& place,
                         const std::vector<std::string>& words) {
    const auto file = dir.write("ring.toml", text);
    auto all = words;
    all.push_back(file.string() + ":" + place + ": ");
    check_refused({"check", file.string()}, all);
    // The same when it is to be launched or used.
    check_refused({file.string()}, all);
    check_refused({file.string(), "--host", "alpha"}, all);
    check_refused({"generate", "--prompt", "a", "--topology", file.string()}, all);
  };
  const auto ring = "[[ring]]\nname = \"main\"\nmodel = \"" + tiny_dir.string() + "\"\n";
  fault("[[host]\n", "1:8", {});
  fault("[[host]]\nname = \"alpha\"\nadress = \"127.0.0.1:4701\"\n", "3:1",
        {"adress", "did you mean \"address\""});
  fault("[[host]]\nname = \"alpha\"\naddress = \"0.0.0.0:4701\"\n", "3:1", {"loopback"});
  fault("[[actor]]\ntype = \"shard_exekutor\"\nname = \"a\"\n", "2:1",
        {"shard_exekutor", "shard_executor"});
  fault("[[actor]]\ntype = \"shard_executor\"\nname = \"a\"\n[actor.settings]\nmodle = \"m\"\n",
        "5:1", {"modle", "did you mean \"model\""});
  fault(ring + "stages = [{ host = \"local\", layers = [0, 2] }]\n", "4:11",
        {"layer 2", "6 layers"});
  fault(ring + "stages = [{ host = \"beta\", layers = [0, 6] }]\n", "4:13", {"\"beta\""});
  fault(ring + "strategy = \"by_colour\"\nstages = [{ host = \"local\", layers = \"auto\" }]\n",
        "4:1", {"by_colour"});
  fault("[[ring]]\nname = \"main\"\nmodel = \"nowhere\"\nstages = [{ host = \"local\", layers = "
        "[0, 6] }]\n",
        "3:1", {"nowhere"});
  check_refused({"check", "/nowhere/ring.toml"}, {"/nowhere/ring.toml"});
  check_refused({"/nowhere/ring.toml"}, {"/nowhere/ring.toml"});
}

TEST_CASE("weights that are not numbers, in a topology that is launched") {
  temp_dir dir;
  const auto model = copy_of(qwen2, dir);
  set_weight(model / "model.safetensors", "model.layers.3.mlp.up_proj.weight", "\xff\x7f");
  const auto file = dir.write(
      "ring.toml", hosts_toml({"alpha"}) + "[[ring]]\nname = \"main\"\nmodel = \"qwen2\"\n"
                                           "stages = [{ host = \"alpha\", layers = [0, 4] }]\n");
  check_refused({file.string()}, {file.string() + ":4:1: ", "ring main", "stage 1 of 1 (alpha",
                                  "model.layers.3.mlp.up_proj.weight"});
}

TEST_CASE("a topology file without fault is said to be so") {
  temp_dir dir;
  const auto file =
      dir.write("ring.toml", hosts_toml({"alpha"}) + "[[ring]]\nname = \"main\"\nmodel = \"" +
                                 tiny_dir.string() + "\"\nstages = \"auto\"\n");
  const auto out = run_program({"check", file.string()});
  CHECK(out.code == 0);
  CHECK(out.out.find("1 hosts, 0 actors, 1 rings; no fault found") != std::string::npos);
  CHECK(run_program({"check", file.string(), "--json"}).out.find("\"hosts\":1") !=
        std::string::npos);
  check_refused({file.string(), "--host", "beta"}, {file.string(), "no host \"beta\""});
  CHECK(run_program({"check", (source_dir / "apps/assets/default.toml").string()}).code == 0);
}

TEST_CASE("text to tokenize that is not JSON, or not UTF-8") {
  for (const auto& [input, words] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"\"fine\"\nnot json\n", {"line 2"}},
           {"\"\xff\"\n", {"line 1"}},
           {"[1, 2]\n", {"line 1", "JSON string"}}}) {
    const auto out = run_program({"tokenize", "--model", tiny_dir.string()}, input);
    CHECK(out.code == 2);
    REQUIRE(out.complaints().size() == 1);
    for (const auto& word : words)
      CHECK(out.complaints()[0].find(word) != std::string::npos);
  }
  const auto out =
      run_program({"tokenize", "--model", tiny_dir.string(), "--decode"}, "[1, \"x\"]\n");
  CHECK(out.code == 2);
}

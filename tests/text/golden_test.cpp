// Against Hugging Face's own tokenizers, on files that are not part of this project: they are
// looked for in the folder that DCI_TEST_DATA names.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tensors/text/text_stream.hpp"

using namespace dci;
namespace fs = std::filesystem;
using ids = std::vector<token_id>;

namespace {

// DCI_TEST_DATA/SUBFOLDER/*/NAME, or nothing.
std::vector<fs::path> find(const char* subfolder, const char* name) {
  const char* const data = std::getenv("DCI_TEST_DATA");
  std::vector<fs::path> out;
  if (data == nullptr || !fs::is_directory(fs::path(data) / subfolder))
    return out;
  for (const auto& entry : fs::directory_iterator(fs::path(data) / subfolder)) {
    if (fs::exists(entry.path() / name) && fs::exists(entry.path() / "tokenizer.json"))
      out.push_back(entry.path() / name);
  }
  return out;
}

std::shared_ptr<const tokenizer> load(const fs::path& dir) {
  const auto t = tokenizer::load(dir);
  REQUIRE_MESSAGE(t.has_value(), (t ? "" : t.error().message));
  return *t;
}

void compare(const fs::path& golden) {
  const auto t = load(golden.parent_path());
  std::ifstream in(golden);
  int lines = 0;
  int equal = 0;
  for (std::string line; std::getline(in, line); ++lines) {
    const auto row = nlohmann::json::parse(line);
    const auto text = row["text"].get<std::string>();
    CAPTURE(line.substr(0, 300));
    const auto plain = t->encode(text, false);
    const auto special = t->encode(text, true);
    REQUIRE(plain.has_value());
    REQUIRE(special.has_value());
    const std::string decoded = t->decode(*plain);
    CHECK(*plain == row["ids"].get<ids>());
    CHECK(*special == row["ids_special"].get<ids>());
    CHECK(decoded == row["decoded"].get<std::string>());
    equal += *plain == row["ids"].get<ids>() && *special == row["ids_special"].get<ids>() &&
             decoded == row["decoded"].get<std::string>();
    // The same text token by token; without special tokens, which a stream leaves out.
    text_stream stream(t);
    std::string streamed;
    for (const token_id id : *plain)
      streamed += stream.push(id);
    streamed += stream.finish();
    CHECK(streamed == t->decode(*plain, true));
  }
  CHECK(lines > 0);
  MESSAGE(golden.string() << ": " << equal << " of " << lines << " lines equal");
}

} // namespace

TEST_CASE("every line of the golden encodings") {
  for (const auto& file : find("tokenizers", "golden.jsonl"))
    compare(file);
  for (const auto& file : find("models", "tokenizer_golden.jsonl"))
    compare(file);
}

TEST_CASE("prompts and generated texts of the golden models") {
  for (const auto& file : find("models", "golden.json")) {
    const auto t = load(file.parent_path());
    const auto golden = nlohmann::json::parse(std::ifstream(file));
    int cases = 0;
    for (const auto& c : golden["cases"]) {
      if (!c.contains("generated_text"))
        continue;
      ++cases;
      const auto prompt = c["prompt_ids"].get<ids>();
      CHECK(t->encode(c["prompt"].get<std::string>(), true) == prompt);
      text_stream stream(t, {}, prompt);
      std::string text;
      for (const token_id id : c["generated_ids"].get<ids>())
        text += stream.push(id);
      text += stream.finish();
      CHECK(text == c["generated_text"].get<std::string>());
    }
    MESSAGE(file.string() << ": " << cases << " generated texts");
  }
}

TEST_CASE("the tokenizer of the model that the project ships") {
  const auto t = load(fs::path(DCI_SOURCE_DIR) / "apps/assets/tiny");
  for (const char* text : {"In the beginning God created the heaven and the earth.",
                           "hacker: n. [originally, someone who makes furniture with an axe]\n\n",
                           "caf\u00e9 \U0001F600\t 1 234"}) {
    const auto out = t->encode(text, false);
    REQUIRE(out.has_value());
    CHECK(out->size() < std::string_view(text).size());
    CHECK(t->decode(*out) == text);
  }
}

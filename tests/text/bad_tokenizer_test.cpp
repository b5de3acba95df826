#include <doctest/doctest.h>

#include <filesystem>
#include <functional>

#include <unistd.h>

#include "runtime/base/files.hpp"
#include "tests/text/fixtures.hpp"

using namespace dci;
using namespace dci::test;
using nlohmann::json;

namespace {

error refused(const std::string& text) {
  const auto made = tokenizer::parse(text, "dir/tokenizer.json");
  REQUIRE_FALSE_MESSAGE(made.has_value(), text.substr(0, 200));
  const error e = made.error();
  CHECK(e.message.starts_with("dir/tokenizer.json: "));
  CHECK(e.message.find('\n') == std::string::npos);
  CHECK(e.message.size() < 300);
  return e;
}

error refused(json base, const std::function<void(json&)>& change) {
  change(base);
  return refused(base.dump());
}

json value(const char* text) {
  return json::parse(text);
}

} // namespace

TEST_CASE("files that are no tokenizer") {
  CHECK(refused("").code == errc::bad_file);
  CHECK(refused("{").code == errc::bad_file);
  CHECK(refused("[]").code == errc::bad_file);
  CHECK(refused("null").code == errc::bad_file);
  CHECK(refused("{}").message == "dir/tokenizer.json: has no \"model\"");
  CHECK(refused("{\"model\": 1}").code == errc::bad_file);
  CHECK(refused("{\"model\": {\"type\": \"BPE\"}}").code == errc::bad_file);
  CHECK(refused("{\"a\": 1, \"a\": 2}").code == errc::bad_file);
  CHECK(refused(std::string(100'000, '[')).code == errc::bad_file);
  CHECK(refused("{\"x\": \"\xff\"}").code == errc::bad_file);
  CHECK(refused(std::string((64 << 20) + 1, ' ')).code == errc::bad_file);
  const std::string whole = byte_level_json({{"a", "b"}}).dump();
  for (const std::size_t size : {whole.size() / 3, whole.size() / 2, whole.size() - 1})
    CHECK(refused(whole.substr(0, size)).code == errc::bad_file);
}

TEST_CASE("models and steps of other kinds are unsupported, and the message says which") {
  const json good = byte_level_json({});
  struct row {
    const char* place;
    const char* what;
    const char* named;
  };
  const row rows[] = {
      {"/model/type", R"("WordPiece")", "\"WordPiece\""},
      {"/model/type", R"("Unigram")", "\"Unigram\""},
      {"/model/dropout", "0.1", "dropout"},
      {"/model/end_of_word_suffix", R"("</w>")", "end_of_word_suffix"},
      {"/model/continuing_subword_prefix", R"("##")", "continuing_subword_prefix"},
      {"/normalizer", R"({"type": "BertNormalizer"})", "\"BertNormalizer\""},
      {"/normalizer", R"({"type": "Precompiled", "precompiled_charsmap": ""})", "normalizer: "},
      {"/pre_tokenizer", R"({"type": "UnicodeScripts"})", "\"UnicodeScripts\""},
      {"/pre_tokenizer",
       R"({"type": "Split", "pattern": {"Regex": "\\bx"}, "behavior": "Isolated", "invert": false})",
       "pre_tokenizer.pattern: "},
      {"/post_processor", R"({"type": "Other"})", "\"Other\""},
      {"/decoder", R"({"type": "WordPiece"})", "\"WordPiece\""},
      {"/decoder",
       R"({"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "ByteFallback"}]})",
       "decoder: "},
  };
  for (const row& r : rows) {
    const error e = refused(good, [&](json& j) { j[json::json_pointer(r.place)] = value(r.what); });
    CHECK_MESSAGE(e.code == errc::unsupported, e.message);
    CHECK_MESSAGE(e.message.find(r.named) != std::string::npos, e.message);
  }
  CHECK(refused(R"({"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]]}})").code ==
        errc::unsupported);
}

TEST_CASE("wrong types and contradictions") {
  const json good = byte_level_json({{"a", "b"}});
  struct row {
    const char* place;
    const char* what;
  };
  const row rows[] = {
      {"/model/vocab", "[]"},
      {"/model/vocab", "{}"},
      {"/model/vocab", "\"x\""},
      {"/model/vocab/a", "-1"},
      {"/model/vocab/a", "1.5"},
      {"/model/vocab/a", "\"97\""},
      {"/model/vocab/a", "{\"id\": [97]}"},
      {"/model/vocab/a", "98"},          // comes twice
      {"/model/vocab/a", "2000000000"},  // far beyond the number of tokens
      {"/model/vocab/a", "99999999999"}, // no 32-bit id
      {"/model/merges", "{}"},
      {"/model/merges", "null"},
      {"/model/merges", R"(["ab"])"},
      {"/model/merges", R"(["a b c"])"},
      {"/model/merges", R"([["a"]])"},
      {"/model/merges", R"([["a", "b", "c"]])"},
      {"/model/merges", R"([["a", 1]])"},
      {"/model/merges", R"([[["a", "b"]]])"},
      {"/model/merges", R"([1])"},
      {"/model/merges", R"(["a zz"])"}, // names what is not in the vocabulary
      {"/model/merges", R"(["b a"])"},  // makes what is not in the vocabulary
      {"/model/unk_token", R"("<none>")"},
      {"/model/unk_token", "5"},
      {"/model/byte_fallback", "1"},
      {"/added_tokens", "{}"},
      {"/added_tokens/0", "\"x\""},
      {"/added_tokens/0/id", "-1"},
      {"/added_tokens/0/id", "97"},          // another token's
      {"/added_tokens/0/id", "258"},         // the next added token's
      {"/added_tokens/0/id", "4000000000"},  // no 32-bit id
      {"/added_tokens/0/id", "2000000000"},  // far beyond the number of tokens
      {"/added_tokens/0/content", R"("a")"}, // in the vocabulary with another id
      {"/added_tokens/0/content", R"("<note>")"},
      {"/added_tokens/0/content", "null"},
      {"/added_tokens/0/special", "\"yes\""},
      {"/normalizer", "\"NFC\""},
      {"/normalizer", R"({"type": "Replace", "pattern": "a", "content": "b"})"},
      {"/normalizer", R"({"type": "Sequence", "normalizers": 1})"},
      {"/pre_tokenizer", R"({"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated"})"},
      {"/pre_tokenizer", R"({"type": "Split", "pattern": {"String": "a"}, "behavior": "Odd"})"},
      {"/pre_tokenizer", R"({"type": "Metaspace", "replacement": ""})"},
      {"/pre_tokenizer", "[]"},
      {"/post_processor", R"({"type": "TemplateProcessing", "single": []})"},
      {"/post_processor",
       R"({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}},
           {"SpecialToken": {"id": "x"}}], "special_tokens": {"x": {"ids": [70000]}}})"},
      {"/post_processor",
       R"({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}},
           {"SpecialToken": {"id": "x"}}], "special_tokens": {}})"},
      {"/decoder", R"({"type": "Strip", "content": " ", "start": -1, "stop": 0})"},
      {"/decoder", R"({"type": "Strip", "content": "ab", "start": 1, "stop": 0})"},
  };
  for (const row& r : rows) {
    CAPTURE(r.place);
    CAPTURE(r.what);
    const error e = refused(good, [&](json& j) { j[json::json_pointer(r.place)] = value(r.what); });
    CHECK_MESSAGE(e.code == errc::bad_file, e.message);
  }
}

TEST_CASE("a token that comes twice in the vocabulary") {
  const error e = refused(R"({"model": {"type": "BPE", "vocab": {"a": 0, "a": 1}, "merges": []}})");
  CHECK(e.code == errc::bad_file);
  CHECK(e.message == "dir/tokenizer.json: model: vocab: \"a\" or its id 1 comes twice");
}

TEST_CASE("loading from a folder") {
  namespace fs = std::filesystem;
  const fs::path dir = fs::temp_directory_path() / ("dci-tokenizer-" + std::to_string(::getpid()));
  fs::create_directories(dir);
  const auto missing = tokenizer::load(dir);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == errc::bad_file);

  REQUIRE(write_file(dir / "tokenizer.json", byte_level_json({}).dump()).has_value());
  auto loaded = tokenizer::load(dir);
  REQUIRE(loaded.has_value());
  CHECK((*loaded)->encode("a", true) == ids{'a'});
  CHECK(tokenizer::load(dir / "tokenizer.json").has_value());

  // No post-processor: the other file says what a text begins with.
  REQUIRE(write_file(dir / "tokenizer_config.json",
                     R"({"add_bos_token": true, "bos_token": {"content": "<|end|>"}})")
              .has_value());
  loaded = tokenizer::load(dir);
  REQUIRE(loaded.has_value());
  CHECK((*loaded)->encode("a", true) == ids{256, 'a'});
  CHECK((*loaded)->encode("a", false) == ids{'a'});
  for (const char* bad : {"{", "[]", R"({"add_bos_token": 1})", R"({"add_bos_token": true})",
                          R"({"add_bos_token": true, "bos_token": "<no>"})"}) {
    REQUIRE(write_file(dir / "tokenizer_config.json", bad).has_value());
    const auto out = tokenizer::load(dir);
    REQUIRE_FALSE(out.has_value());
    CHECK(out.error().code == errc::bad_file);
    CHECK(out.error().message.find("tokenizer_config.json") != std::string::npos);
  }
  fs::remove_all(dir);
}

// Tokenizers out of GGUF metadata against the same out of a tokenizer.json.
#include <doctest/doctest.h>

#include <span>

#include "tensors/files/gguf.hpp"
#include "tensors/text/gguf_tokenizer.hpp"
#include "tests/files/gguf_fixture.hpp"
#include "tests/text/fixtures.hpp"

using namespace dci;
using namespace dci::test;
using nlohmann::json;

namespace {

using pairs = std::vector<gguf_pair>;

expected<std::shared_ptr<const tokenizer>> from_gguf(const pairs& keys) {
  const auto file = gguf_of(keys);
  const auto contents = parse_gguf("m.gguf", std::as_bytes(std::span(file)));
  REQUIRE_MESSAGE(contents, (contents ? "" : contents.error().message));
  DCI_ASSIGN(auto parts, text::parts_of_gguf("m.gguf", contents->metadata));
  return tokenizer::of(std::move(parts));
}

std::shared_ptr<const tokenizer> good(const pairs& keys) {
  const auto made = from_gguf(keys);
  REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  return *made;
}

void check_refused(const pairs& keys, std::initializer_list<std::string> parts,
                   errc code = errc::bad_file) {
  const auto made = from_gguf(keys);
  check_error(made, code, parts);
  check_error(made, code, {"m.gguf: tokenizer.ggml."});
}

std::string i32s(const std::vector<std::int32_t>& values) {
  return numbers<std::int32_t>(gguf_type::i32, values);
}

// The keys of a byte-level tokenizer.json as a converter writes them.
pairs keys_of(const json& file, const std::string& pre) {
  std::vector<std::string> tokens;
  std::vector<std::int32_t> kinds;
  const auto put = [&](std::size_t id, const std::string& token, std::int32_t kind) {
    if (tokens.size() <= id) {
      tokens.resize(id + 1);
      kinds.resize(id + 1, 5);
    }
    tokens[id] = token;
    kinds[id] = kind;
  };
  for (const auto& [token, id] : file["model"]["vocab"].items())
    put(id.get<std::size_t>(), token, 1);
  for (const auto& one : file["added_tokens"])
    put(one["id"].get<std::size_t>(), one["content"], one["special"] == true ? 3 : 4);
  tokens.push_back("[PAD]");
  kinds.push_back(5);
  return {{"tokenizer.ggml.model", test::text("gpt2")},
          {"tokenizer.ggml.pre", test::text(pre)},
          {"tokenizer.ggml.tokens", texts(tokens)},
          {"tokenizer.ggml.token_type", i32s(kinds)},
          {"tokenizer.ggml.merges", texts(file["model"]["merges"])}};
}

pairs with(pairs keys, const std::string& key, const std::string& value) {
  std::erase_if(keys, [&](const auto& pair) { return pair.key == "tokenizer.ggml." + key; });
  if (!value.empty())
    keys.push_back({"tokenizer.ggml." + key, value});
  return keys;
}

// metaspace_json's vocabulary; its merges follow from the scores.
pairs metaspace_keys() {
  std::vector<std::string> tokens;
  std::vector<std::int32_t> kinds;
  std::vector<float> scores;
  const auto put = [&](const std::string& token, std::int32_t kind, float score) {
    tokens.push_back(token);
    kinds.push_back(kind);
    scores.push_back(score);
  };
  put("<unk>", 2, 0);
  put("<s>", 3, 0);
  put("</s>", 3, 0);
  for (int b = 0; b < 256; ++b) {
    char name[8];
    std::snprintf(name, sizeof(name), "<0x%02X>", static_cast<unsigned>(b));
    put(name, 6, 0);
  }
  float score = -1e6f;
  for (const char* token : {"▁", "a", "b", "c"})
    put(token, 1, score -= 1);
  put("▁a", 1, -1);
  put("bc", 1, -2);
  put("▁abc", 1, -3);
  return {{"tokenizer.ggml.model", test::text("llama")},
          {"tokenizer.ggml.tokens", texts(tokens)},
          {"tokenizer.ggml.token_type", i32s(kinds)},
          {"tokenizer.ggml.scores", numbers<float>(gguf_type::f32, scores)},
          {"tokenizer.ggml.bos_token_id", u32(1)},
          {"tokenizer.ggml.eos_token_id", u32(2)}};
}

const std::string samples[] = {
    "",
    "hello world",
    "  hello   world  \n\n x",
    "I'm HERE, you'LL see: 12345 67!",
    "caf\u00e9 \u4e16\u754c \U0001f600",
    "a<|end|>b <note>c",
    "abc abc  bc",
    std::string("a\0b\t\r\n", 6),
};

void check_same(const tokenizer& a, const tokenizer& b) {
  CHECK(a.vocab_size() == b.vocab_size());
  for (std::size_t i = 0; i < a.vocab_size(); ++i) {
    const auto id = static_cast<token_id>(i);
    CHECK(a.token_of(id) == b.token_of(id));
    CHECK(a.is_special(id) == b.is_special(id));
  }
  for (const auto& sample : samples)
    for (const bool special : {false, true})
      for (const auto added : {added_in_text::parsed, added_in_text::plain}) {
        CAPTURE(sample);
        const auto wanted = a.encode(sample, special, added);
        const auto made = b.encode(sample, special, added);
        REQUIRE(wanted);
        REQUIRE(made);
        CHECK(*wanted == *made);
        CHECK(a.decode(*wanted) == b.decode(*made));
        CHECK(a.decode(*wanted, true) == b.decode(*made, true));
      }
}

json words_json() {
  return byte_level_json({{"l", "l"},
                          {"h", "e"},
                          {"he", "ll"},
                          {" ", "w"},
                          {"1", "2"},
                          {"12", "3"},
                          {"4", "5"},
                          {" ", " "},
                          {"\n", "\n"},
                          {",", " "}});
}

} // namespace

TEST_CASE("a byte-level tokenizer is the one its tokenizer.json gives") {
  const auto file = words_json();
  check_same(*make(file), *good(keys_of(file, "gpt-2")));
}

TEST_CASE("each pre-tokenizer cuts as its models' tokenizer.json does") {
  const auto split = [](const char* expression) {
    return json{{"type", "Split"},
                {"pattern", {{"Regex", expression}}},
                {"behavior", "Isolated"},
                {"invert", false}};
  };
  const json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  const auto sequence = [](std::vector<json> steps) {
    return json{{"type", "Sequence"}, {"pretokenizers", steps}};
  };
  auto llama = words_json();
  llama["pre_tokenizer"] = sequence(
      {split(
           R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"),
       bytes});
  llama["model"]["ignore_merges"] = true;
  check_same(*make(llama),
             *good(with(keys_of(llama, "llama-bpe"), "add_bos_token", boolean(false))));

  auto qwen = words_json();
  qwen["normalizer"] = {{"type", "NFC"}};
  qwen["pre_tokenizer"] = sequence(
      {split(
           R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"),
       bytes});
  check_same(*make(qwen), *good(keys_of(qwen, "qwen2")));
  CHECK(good(keys_of(qwen, "qwen2"))->encode("e\u0301", false) == ids{0xC3, 0xA9});

  auto smollm = words_json();
  const json words = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}};
  smollm["pre_tokenizer"] = sequence({{{"type", "Digits"}, {"individual_digits", true}}, words});
  check_same(*make(smollm), *good(keys_of(smollm, "smollm")));

  // Digits come in threes, from the left, and punctuation stands apart.
  const auto cautious = good(with(keys_of(words_json(), ""), "pre", ""));
  check_same(*cautious, *good(keys_of(words_json(), "default")));
  const auto three = cautious->encode("1234", false);
  REQUIRE(three);
  CHECK(*three == ids{*cautious->id_of("123"), '4'});
  CHECK(cautious->encode(", ", false) == ids{',', ' '});
}

TEST_CASE("the file says what a text begins and ends with") {
  const auto file = words_json();
  const auto end = *make(file)->id_of("<|end|>");
  const auto bos = u32(static_cast<std::uint32_t>(end));
  auto keys = with(keys_of(file, "gpt-2"), "bos_token_id", bos);
  CHECK(good(keys)->encode("a", true) == ids{'a'});
  keys = with(keys, "add_bos_token", boolean(true));
  CHECK(good(keys)->encode("a", true) == ids{end, 'a'});
  CHECK(good(keys)->encode("a", false) == ids{'a'});
  keys = with(with(keys, "add_eos_token", boolean(true)), "eos_token_id", u32('z'));
  CHECK(good(keys)->encode("a", true) == ids{end, 'a', 'z'});
  CHECK(good(with(keys_of(file, "llama-bpe"), "bos_token_id", bos))->encode("a", true) ==
        ids{end, 'a'});
}

TEST_CASE("a SentencePiece tokenizer is the one its tokenizer.json gives") {
  check_same(*make(metaspace_json()), *good(metaspace_keys()));
  const auto bare = good(with(metaspace_keys(), "add_space_prefix", boolean(false)));
  CHECK(bare->encode("abc a", false) == ids{260, 264, 263});
  CHECK(bare->decode(ids{263, 260}) == " aa");
}

TEST_CASE("pieces merge by their scores, the longest left one first among equals") {
  const std::vector<std::string> tokens = {"a", "b", "ab", "ba", "aba"};
  const auto tokenizer_with = [&](std::vector<float> scores) {
    return good({{"tokenizer.ggml.model", test::text("llama")},
                 {"tokenizer.ggml.tokens", texts(tokens)},
                 {"tokenizer.ggml.scores", numbers<float>(gguf_type::f32, scores)},
                 {"tokenizer.ggml.add_bos_token", boolean(false)},
                 {"tokenizer.ggml.add_space_prefix", boolean(false)}});
  };
  CHECK(tokenizer_with({-9, -9, -1, -2, -3})->encode("aba", false) == ids{4});
  CHECK(tokenizer_with({-9, -9, -1, -2, -3})->encode("bab", false) == ids{1, 2});
  CHECK(tokenizer_with({-9, -9, -2, -1, -3})->encode("bab", false) == ids{3, 1});
}

TEST_CASE("a user-defined piece is looked for in the text, which has spaces") {
  auto keys = metaspace_keys();
  std::vector<std::string> tokens = {"<unk>", "a", "▁", "▁▁▁"};
  keys = {{"tokenizer.ggml.model", test::text("llama")},
          {"tokenizer.ggml.tokens", texts(tokens)},
          {"tokenizer.ggml.token_type", i32s({2, 1, 1, 4})},
          {"tokenizer.ggml.scores", numbers<float>(gguf_type::f32, {0, -1, -1, 0})},
          {"tokenizer.ggml.add_bos_token", boolean(false)},
          {"tokenizer.ggml.add_space_prefix", boolean(false)}};
  const auto t = good(keys);
  CHECK(t->encode("a   a a", false) == ids{1, 3, 1, 2, 1});
  CHECK(t->decode(ids{1, 3, 1}) == "a   a");
}

TEST_CASE("damaged tokenizers are refused with the key and the reason") {
  const auto keys = keys_of(words_json(), "gpt-2");
  check_refused({}, {"tokenizer.ggml.model", "no tokenizer"});
  check_refused(with(keys, "model", test::text("bert")), {"model", "\"bert\""}, errc::unsupported);
  check_refused(with(keys, "pre", test::text("tekken")), {"pre", "\"tekken\"", "qwen2"},
                errc::unsupported);
  check_refused(with(keys, "tokens", ""), {"tokens"});
  check_refused(with(keys, "tokens", texts({})), {"tokens"});
  check_refused(with(keys, "tokens", u32(1)), {"tokens"});
  check_refused(with(keys, "token_type", i32s({1, 1})), {"token_type", "2 numbers"});
  check_refused(with(keys, "merges", ""), {"merges"});
  const pairs two = {{"tokenizer.ggml.model", test::text("gpt2")},
                     {"tokenizer.ggml.pre", test::text("gpt-2")},
                     {"tokenizer.ggml.tokens", texts({"a", "b", "ab"})},
                     {"tokenizer.ggml.merges", texts({"a b"})}};
  CHECK(good(two)->encode("ab", false) == ids{2});
  check_error(from_gguf(with(two, "merges", texts({"a c"}))), errc::bad_file,
              {"m.gguf", "merges[0]", "\"c\""});
  for (const auto* bad : {"ab", "a b c", " ", ""})
    check_refused(with(two, "merges", texts({"a b", bad})), {"merges", "number 1"});
  check_error(from_gguf(with(two, "tokens", texts({"a", "b", "ab", "a"}))), errc::bad_file,
              {"m.gguf", "\"a\"", "twice"});
  check_refused(with(two, "tokens", texts({"a", "b", "ab", "\xff"})), {"tokens", "number 3"});
  check_refused(with(two, "token_type", i32s({1, 7, 1})), {"token_type", "number 1"});
  check_refused(with(two, "add_bos_token", boolean(true)), {"bos_token_id", "missing"});
  check_refused(with(with(two, "add_bos_token", boolean(true)), "bos_token_id", u32(3)),
                {"bos_token_id", "3"});
  const auto pieces = metaspace_keys();
  check_refused(with(pieces, "scores", ""), {"scores"});
  check_refused(with(pieces, "scores", numbers<float>(gguf_type::f32, {1})), {"scores"});
  std::vector<float> scores(266);
  scores[260] = INFINITY;
  check_refused(with(pieces, "scores", numbers<float>(gguf_type::f32, scores)),
                {"scores", "number 260"});
}

TEST_CASE("a folder's GGUF file is asked where there is no tokenizer.json") {
  const temp_dir dir;
  const auto path = dir.write("m.gguf", gguf_of(keys_of(words_json(), "gpt-2")));
  for (const auto& name : {path, dir.path()}) {
    const auto loaded = tokenizer::load(name);
    REQUIRE_MESSAGE(loaded, (loaded ? "" : loaded.error().message));
    CHECK((*loaded)->encode("a", false) == ids{'a'});
  }
  CHECK(*tokenizer::load_if_any(dir.path()) != nullptr);
  CHECK(*tokenizer::load_if_any(dir.write("bare.gguf", gguf_of({}))) == nullptr);
  std::filesystem::remove(dir.path() / "bare.gguf");
  // The tokenizer goes with the weights that open_model takes.
  dir.write("model.safetensors", "");
  check_error(tokenizer::load(dir.path()), errc::bad_file, {"tokenizer.json", "no such file"});
  CHECK(*tokenizer::load_if_any(dir.path()) == nullptr);
  dir.write("tokenizer.json", "{");
  CHECK(tokenizer::load(path));
  check_error(tokenizer::load_if_any(dir.path()), errc::bad_file, {"tokenizer.json"});
  check_error(tokenizer::load(dir.path()), errc::bad_file, {"tokenizer.json"});
}

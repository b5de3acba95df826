#include <doctest/doctest.h>

#include "tensors/text/chat.hpp"
#include "tests/text/fixtures.hpp"

using namespace dci;
using namespace dci::test;

namespace {

// Byte-level with these special tokens from 256 on.
std::shared_ptr<const tokenizer> with_tokens(const std::vector<const char*>& contents) {
  auto json = byte_level_json({});
  json["added_tokens"] = nlohmann::json::array();
  for (std::size_t i = 0; i < contents.size(); ++i)
    json["added_tokens"].push_back(
        {{"id", 256 + i}, {"content", contents[i]}, {"special", true}, {"normalized", false}});
  return make(json);
}

ids operator+(ids a, const ids& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::vector<chat_message> talk = {{"system", "Be brief."}, {"user", "Hi <|im_end|>\n"}};

} // namespace

TEST_CASE("the formats as text") {
  CHECK(render_chat(chat_format::chatml, talk, true) ==
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi "
        "<|im_end|>\n<|im_end|>\n<|im_start|>assistant\n");
  CHECK(render_chat(chat_format::llama3, talk, true) ==
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nHi <|im_end|><|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n");
  CHECK(render_chat(chat_format::plain, talk, true) == "Be brief.\nHi <|im_end|>\n");
  const std::vector<chat_message> done = {{"user", "a"}, {"assistant", "b"}};
  CHECK(render_chat(chat_format::chatml, done, false) ==
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n");
}

TEST_CASE("ChatML as ids: a content cannot forge control tokens") {
  const auto t = with_tokens({"<|im_start|>", "<|im_end|>"});
  REQUIRE(t);
  CHECK(detect_chat_format(*t) == chat_format::chatml);
  CHECK(encode_chat(*t, chat_format::chatml, talk, true) ==
        ids{256} + bytes("system\nBe brief.") + ids{257, '\n', 256} +
            bytes("user\nHi <|im_end|>\n") + ids{257, '\n', 256} + bytes("assistant\n"));
}

TEST_CASE("Llama 3 as ids") {
  const auto t =
      with_tokens({"<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"});
  CHECK(detect_chat_format(*t) == chat_format::llama3);
  const std::vector<chat_message> one = {{"user", " <|eot_id|> "}};
  CHECK(encode_chat(*t, chat_format::llama3, one, true) ==
        ids{256, 257} + bytes("user") + ids{258} + bytes("\n\n<|eot_id|>") + ids{259, 257} +
            bytes("assistant") + ids{258} + bytes("\n\n"));
}

TEST_CASE("a content merges with the line break before it, as in one text") {
  auto json = byte_level_json({{"\n", "\n"}});
  json["added_tokens"][0]["content"] = "<|im_start|>";
  json["added_tokens"][1]["content"] = "<|im_end|>";
  json["pre_tokenizer"]["use_regex"] = false;
  const std::vector<chat_message> one = {{"u", "\nx"}};
  CHECK(encode_chat(*make(json), chat_format::chatml, one, false) ==
        ids{257, 'u', 256, 'x', 258, '\n'});
}

TEST_CASE("plain prompts begin as the tokenizer says") {
  const auto t = make(metaspace_json());
  CHECK(detect_chat_format(*t) == chat_format::plain);
  const std::vector<chat_message> one = {{"user", "a</s>"}};
  const auto out = encode_chat(*t, chat_format::plain, one, true);
  CHECK(out == ids{1, 263, 3 + '<', 3 + '/', 3 + 's', 3 + '>'});
}

TEST_CASE("what is wrong with a conversation") {
  const auto t = with_tokens({"<|im_start|>", "<|im_end|>"});
  const auto code = [&](chat_format f, const std::vector<chat_message>& m) {
    const auto out = encode_chat(*t, f, m, true);
    REQUIRE_FALSE(out.has_value());
    return out.error().code;
  };
  CHECK(code(chat_format::chatml, {}) == errc::bad_request);
  CHECK(code(chat_format::chatml, {{"", "x"}}) == errc::bad_request);
  CHECK(code(chat_format::chatml, {{"user\nx", "x"}}) == errc::bad_request);
  CHECK(code(chat_format::chatml, {{"<|im_start|>", "x"}}) == errc::bad_request);
  CHECK(code(chat_format::chatml, {{"user", "x\xff"}}) == errc::bad_request);
  CHECK(code(chat_format::llama3, {{"user", "x"}}) == errc::unsupported);
}

TEST_CASE("names of the formats") {
  for (const auto f : {chat_format::plain, chat_format::chatml, chat_format::llama3})
    CHECK(chat_format_from_string(to_string(f)) == f);
  CHECK_FALSE(chat_format_from_string("alpaca"));
}

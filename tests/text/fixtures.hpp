// Small tokenizers whose ids can be worked out by hand.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tensors/text/byte_level.hpp"
#include "tensors/text/tokenizer.hpp"

namespace dci::test {

using ids = std::vector<token_id>;

/// Byte-level, as GPT-2's: the id of a byte is the byte itself, merges follow from 256 on, then
/// the added tokens "<|end|>" (special) and "<note>" (not special).
inline nlohmann::json
byte_level_json(const std::vector<std::pair<std::string, std::string>>& merges) {
  nlohmann::json vocab = nlohmann::json::object();
  for (int b = 0; b < 256; ++b) {
    std::string token;
    text::append_byte_level(token, std::string(1, static_cast<char>(b)));
    vocab[token] = b;
  }
  nlohmann::json rules = nlohmann::json::array();
  int next = 256;
  for (const auto& [left, right] : merges) {
    std::string a;
    std::string b;
    text::append_byte_level(a, left);
    text::append_byte_level(b, right);
    rules.push_back(a + " " + b);
    vocab[a + b] = next++;
  }
  nlohmann::json step = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}};
  nlohmann::json added = nlohmann::json::array();
  added.push_back({{"id", next}, {"content", "<|end|>"}, {"special", true}, {"normalized", false}});
  added.push_back(
      {{"id", next + 1}, {"content", "<note>"}, {"special", false}, {"normalized", false}});
  return {{"version", "1.0"},
          {"added_tokens", added},
          {"normalizer", nullptr},
          {"pre_tokenizer", step},
          {"post_processor", nullptr},
          {"decoder", step},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", rules}}}};
}

/// Metaspace with byte fallback, as Llama 2's: <unk> 0, <s> 1, </s> 2, the bytes from 3 on, then
/// from 259: "▁", "a", "b", "c", "▁a", "bc", "▁abc".
inline nlohmann::json metaspace_json() {
  nlohmann::json vocab = {{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}};
  for (int b = 0; b < 256; ++b) {
    char name[8];
    std::snprintf(name, sizeof(name), "<0x%02X>", static_cast<unsigned>(b));
    vocab[name] = 3 + b;
  }
  int next = 259;
  for (const char* token : {"▁", "a", "b", "c", "▁a", "bc", "▁abc"})
    vocab[token] = next++;
  const auto parse = [](const char* text) { return nlohmann::json::parse(text); };
  return {{"version", "1.0"},
          {"added_tokens", parse(R"([{"id": 0, "content": "<unk>", "special": true},
                                     {"id": 1, "content": "<s>", "special": true},
                                     {"id": 2, "content": "</s>", "special": true}])")},
          {"normalizer",
           parse(R"({"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
             {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]})")},
          {"pre_tokenizer", nullptr},
          {"post_processor", parse(R"({"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                        {"Sequence": {"id": "A", "type_id": 0}}],
             "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}})")},
          {"decoder", parse(R"({"type": "Sequence", "decoders": [
             {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
             {"type": "ByteFallback"}, {"type": "Fuse"},
             {"type": "Strip", "content": " ", "start": 1, "stop": 0}]})")},
          {"model",
           {{"type", "BPE"},
            {"unk_token", "<unk>"},
            {"fuse_unk", true},
            {"byte_fallback", true},
            {"vocab", vocab},
            {"merges", parse(R"([["▁", "a"], ["b", "c"], ["▁a", "bc"]])")}}}};
}

inline std::shared_ptr<const tokenizer> make(const nlohmann::json& json) {
  auto made = tokenizer::parse(json.dump(), "fixture.json");
  return made ? *made : nullptr;
}

/// "abc" -> {'a', 'b', 'c'}: what byte_level_json gives where nothing merges.
inline ids bytes(std::string_view text) {
  ids out;
  for (const char c : text)
    out.push_back(static_cast<unsigned char>(c));
  return out;
}

} // namespace dci::test

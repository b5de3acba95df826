#include "tensors/text/gguf_words.hpp"

#include <algorithm>
#include <initializer_list>

#include <nlohmann/json.hpp>

#include "tensors/text/byte_level.hpp"

namespace dci::text {

namespace {

using nlohmann::json;

enum class style { gpt2, cautious, llama3, qwen2, smollm };

struct named_style {
  std::string_view name;
  style cuts;
};

constexpr named_style styles[] = {
    {"gpt-2", style::gpt2},
    {"default", style::cautious},
    {"llama-bpe", style::llama3},
    {"llama3", style::llama3},
    {"llama-v3", style::llama3},
    {"qwen2", style::qwen2},
    {"deepseek-r1-qwen", style::qwen2},
    {"smollm", style::smollm},
};

// Llama 3's and Qwen 2's words, which differ in how many digits stay together.
constexpr std::string_view before_digits =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})";
constexpr std::string_view after_digits = R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

json split(std::string_view expression) {
  return {{"type", "Split"},
          {"pattern", {{"Regex", expression}}},
          {"behavior", "Isolated"},
          {"invert", false}};
}

json byte_level(bool prefix, bool words) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", prefix}, {"use_regex", words}};
}

json sequence(std::initializer_list<json> steps) {
  return {{"type", "Sequence"}, {"pretokenizers", json::array_t(steps)}};
}

const named_style* find(std::string_view name) {
  const auto* found = std::ranges::find(styles, name, &named_style::name);
  return found == std::end(styles) ? nullptr : found;
}

} // namespace

word_rules word_rules_of(std::string_view pre) {
  word_rules out;
  const auto* found = find(pre);
  if (found == nullptr)
    return out;
  out.known = true;
  out.adds_bos = out.ignores_merges = found->cuts == style::llama3;
  out.composes = found->cuts == style::qwen2;
  return out;
}

json pre_tokenizer_of(std::string_view pre, bool prefix) {
  const auto* found = find(pre);
  const auto cuts = found == nullptr ? style::gpt2 : found->cuts;
  const auto with_digits = [&](std::string_view more) {
    return split(std::string(before_digits).append(more).append(after_digits));
  };
  switch (cuts) {
    case style::gpt2:
      break;
    case style::cautious:
      return sequence({split(R"([\p{P}\$\+<=>\^~\|]+)"), split(gpt2_words), split(R"(\p{N}+)"),
                       split("[0-9][0-9][0-9]"), byte_level(prefix, false)});
    case style::llama3:
      return sequence({with_digits("{1,3}"), byte_level(prefix, false)});
    case style::qwen2:
      return sequence({with_digits(""), byte_level(prefix, false)});
    case style::smollm:
      return sequence(
          {{{"type", "Digits"}, {"individual_digits", true}}, byte_level(prefix, true)});
  }
  return byte_level(prefix, true);
}

std::string_view known_word_rules() {
  static const std::string all = [] {
    std::string out;
    for (const auto& one : styles)
      out.append(out.empty() ? "" : ", ").append(one.name);
    return out;
  }();
  return all;
}

} // namespace dci::text

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

// What matters of a step, with what is left out filled in; in their order.
void describe(const json& step, std::string& out) {
  const auto type = step.value("type", "");
  if (type == "Sequence" && step.contains("pretokenizers")) {
    for (const auto& inner : step["pretokenizers"])
      describe(inner, out);
  } else if (type == "ByteLevel") {
    // Its first act is the prefix, its last the alphabet.
    out += step.value("add_prefix_space", true) ? "prefix;" : "";
    out += step.value("use_regex", true) ? std::string("split ").append(gpt2_words) + ";" : "";
    out += "bytes;";
  } else if (type == "Digits" && step.value("individual_digits", false)) {
    out += "split \\p{N};";
  } else if (type == "Split" && step.value("behavior", "") == "Isolated" &&
             !step.value("invert", false) && step.contains("pattern")) {
    out += "split " + step["pattern"].value("Regex", "?") + ";";
  } else {
    out += "?";
  }
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

std::string_view name_of_words(const json& pre_tokenizer, const json& normalizer,
                               bool ignores_merges) {
  if (!pre_tokenizer.is_object() || !(normalizer.is_null() || normalizer.is_object()))
    return {};
  std::string wanted;
  describe(pre_tokenizer, wanted);
  for (const auto& one : styles) {
    std::string offered;
    describe(pre_tokenizer_of(one.name, false), offered);
    const auto rules = word_rules_of(one.name);
    const bool composes = normalizer.is_object() && normalizer.value("type", "") == "NFC";
    if (offered == wanted && rules.composes == composes && (composes || normalizer.is_null()) &&
        rules.ignores_merges == ignores_merges)
      return one.name;
  }
  return {};
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

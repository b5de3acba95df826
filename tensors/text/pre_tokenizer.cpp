#include "tensors/text/pre_tokenizer.hpp"

#include "tensors/text/byte_level.hpp"
#include "tensors/text/regex_dialect.hpp"
#include "tensors/text/split.hpp"

namespace dci::text {

namespace {

constexpr int deepest_sequence = 8;

// ASCII punctuation, which has symbols like '$' too, and Unicode's.
constexpr std::string_view punctuation = R"([\p{P}$+<=>^`|~])";

expected<split_behavior> read_behavior(const json_at& json) {
  DCI_ASSIGN(const std::string name, json.text("behavior"));
  const auto behavior = split_behavior_from_string(name);
  if (!behavior)
    return json.bad("has the unknown behavior " + in_quotes(name));
  return *behavior;
}

auto splitter(pattern at, split_behavior behavior, bool invert) {
  return [at = std::move(at), behavior, invert](text_pieces& pieces) {
    return split_pieces(pieces, at, behavior, invert);
  };
}

} // namespace

expected<prepend_scheme> read_prepend_scheme(const json_at& json) {
  DCI_ASSIGN(const auto name, json.maybe_text("prepend_scheme"));
  DCI_ASSIGN(const bool prefix, json.flag("add_prefix_space", true));
  if (!name)
    return prefix ? prepend_scheme::always : prepend_scheme::never;
  if (*name == "never")
    return prepend_scheme::never;
  if (!prefix)
    return json.bad("\"add_prefix_space\" and \"prepend_scheme\" contradict each other");
  if (*name == "always")
    return prepend_scheme::always;
  if (*name == "first")
    return prepend_scheme::first;
  return json.bad("has the unknown prepend_scheme " + in_quotes(*name));
}

expected<pre_tokenizer> pre_tokenizer::read(const json_at& json) {
  pre_tokenizer out;
  DCI_TRY(out.add(json, 0));
  return out;
}

result pre_tokenizer::apply(text_pieces& pieces) const {
  for (const auto& step : steps_)
    DCI_TRY(step(pieces));
  return {};
}

result pre_tokenizer::add(const json_at& json, int depth) {
  DCI_ASSIGN(const std::string type, json.type());
  if (type == "Sequence") {
    if (depth == deepest_sequence)
      return json.unsupported("sequences nested this deep");
    DCI_ASSIGN(const auto inner, json.list("pretokenizers"));
    for (const json_at& p : inner)
      DCI_TRY(add(p, depth + 1));
    return {};
  }
  if (type == "ByteLevel")
    return add_byte_level(json);
  if (type == "Split")
    return add_split(json);
  if (type == "Metaspace")
    return add_metaspace(json);
  if (type == "Digits") {
    DCI_ASSIGN(const bool each, json.flag("individual_digits", false));
    DCI_ASSIGN(pattern digit, pattern::expression(R"(\p{N})"));
    steps_.emplace_back(splitter(
        std::move(digit), each ? split_behavior::isolated : split_behavior::contiguous, false));
    return {};
  }
  if (type == "Punctuation") {
    auto behavior = split_behavior::isolated;
    if (json.has("behavior")) {
      DCI_ASSIGN(behavior, read_behavior(json));
    }
    DCI_ASSIGN(pattern mark, pattern::expression(punctuation));
    steps_.emplace_back(splitter(std::move(mark), behavior, false));
    return {};
  }
  if (type == "Whitespace") {
    const std::string in_word(rust_word_class);
    DCI_ASSIGN(pattern word, pattern::expression("[" + in_word + "]+|[^" + in_word + "\\s]+"));
    steps_.emplace_back(splitter(std::move(word), split_behavior::removed, true));
    return {};
  }
  if (type == "WhitespaceSplit") {
    DCI_ASSIGN(pattern space, pattern::expression(R"(\s)"));
    steps_.emplace_back(splitter(std::move(space), split_behavior::removed, false));
    return {};
  }
  return json.unsupported("a pre-tokenizer of type " + in_quotes(type));
}

result pre_tokenizer::add_byte_level(const json_at& json) {
  DCI_ASSIGN(const bool prefix, json.flag("add_prefix_space", true));
  DCI_ASSIGN(const bool words, json.flag("use_regex", true));
  if (prefix) {
    steps_.emplace_back([](text_pieces& pieces) -> result {
      rewrite_pieces(pieces, [&](const text_piece& p, std::string& out) {
        if (!pieces.of(p).starts_with(' '))
          out.push_back(' ');
        out.append(pieces.of(p));
      });
      return {};
    });
  }
  if (words) {
    DCI_ASSIGN(pattern word, pattern::expression(gpt2_words));
    steps_.emplace_back(splitter(std::move(word), split_behavior::isolated, false));
  }
  steps_.emplace_back([](text_pieces& pieces) -> result {
    rewrite_pieces(pieces, [&](const text_piece& p, std::string& out) {
      append_byte_level(out, pieces.of(p));
    });
    return {};
  });
  return {};
}

result pre_tokenizer::add_split(const json_at& json) {
  DCI_ASSIGN(const json_at at, json.at("pattern"));
  DCI_ASSIGN(pattern what, pattern::read(at));
  DCI_ASSIGN(const split_behavior behavior, read_behavior(json));
  DCI_ASSIGN(const bool invert, json.flag("invert", false));
  steps_.emplace_back(splitter(std::move(what), behavior, invert));
  return {};
}

result pre_tokenizer::add_metaspace(const json_at& json) {
  DCI_ASSIGN(const std::string mark, json.text("replacement"));
  DCI_ASSIGN(const prepend_scheme scheme, read_prepend_scheme(json));
  DCI_ASSIGN(const bool cut, json.flag("split", true));
  if (mark.empty())
    return json.bad("has an empty \"replacement\"");
  steps_.emplace_back([mark, scheme](text_pieces& pieces) -> result {
    rewrite_pieces(pieces, [&](const text_piece& p, std::string& out) {
      const auto text = pieces.of(p);
      const bool wanted =
          scheme == prepend_scheme::always || (scheme == prepend_scheme::first && p.at_start);
      if (wanted && !text.starts_with(mark) && !text.starts_with(' '))
        out.append(mark);
      for (const char c : text) {
        if (c == ' ')
          out.append(mark);
        else
          out.push_back(c);
      }
    });
    return {};
  });
  if (cut)
    steps_.emplace_back(splitter(pattern::literal(mark), split_behavior::merged_with_next, false));
  return {};
}

} // namespace dci::text

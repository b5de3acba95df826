#include "tensors/text/normalizer.hpp"

#include <optional>

#include "tensors/text/pattern.hpp"
#include "tensors/text/unicode_forms.hpp"
#include "tensors/text/utf8.hpp"

namespace dci::text {

namespace {

constexpr int deepest_sequence = 8;

std::optional<unicode_form> form_named(std::string_view name) {
  if (name == "NFC")
    return unicode_form::nfc;
  if (name == "NFD")
    return unicode_form::nfd;
  if (name == "NFKC")
    return unicode_form::nfkc;
  if (name == "NFKD")
    return unicode_form::nfkd;
  return std::nullopt;
}

void strip(std::string& text, bool left, bool right) {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool seen = false;
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t at = pos;
    if (is_white_space(next_char(text, pos)))
      continue;
    if (!seen)
      begin = at;
    seen = true;
    end = pos;
  }
  if (!seen) {
    if (left || right)
      text.clear();
    return;
  }
  if (right)
    text.resize(end);
  if (left)
    text.erase(0, begin);
}

} // namespace

expected<normalizer> normalizer::read(const json_at& json) {
  normalizer out;
  DCI_TRY(out.add(json, 0));
  return out;
}

result normalizer::apply(std::string& text) const {
  for (const auto& step : steps_)
    DCI_TRY(step(text));
  return {};
}

result normalizer::add(const json_at& json, int depth) {
  DCI_ASSIGN(const std::string type, json.type());
  if (type == "Sequence") {
    if (depth == deepest_sequence)
      return json.unsupported("sequences nested this deep");
    DCI_ASSIGN(const auto inner, json.list("normalizers"));
    for (const json_at& n : inner)
      DCI_TRY(add(n, depth + 1));
  } else if (const auto form = form_named(type)) {
    steps_.emplace_back([form](std::string& text) -> result {
      text = to_form(text, *form);
      return {};
    });
  } else if (type == "Lowercase") {
    steps_.emplace_back([](std::string& text) -> result {
      text = to_lower(text);
      return {};
    });
  } else if (type == "Strip") {
    DCI_ASSIGN(const bool left, json.flag("strip_left", true));
    DCI_ASSIGN(const bool right, json.flag("strip_right", true));
    steps_.emplace_back([left, right](std::string& text) -> result {
      strip(text, left, right);
      return {};
    });
  } else if (type == "Prepend") {
    DCI_ASSIGN(const std::string what, json.text("prepend"));
    steps_.emplace_back([what](std::string& text) -> result {
      if (!text.empty())
        text.insert(0, what);
      return {};
    });
  } else if (type == "Replace") {
    DCI_ASSIGN(const json_at at, json.at("pattern"));
    DCI_ASSIGN(const pattern what, pattern::read(at));
    DCI_ASSIGN(const std::string content, json.text("content"));
    steps_.emplace_back([what, content](std::string& text) -> result {
      DCI_ASSIGN(text, what.replace_all(text, content));
      return {};
    });
  } else {
    return json.unsupported("a normalizer of type " + in_quotes(type));
  }
  return {};
}

} // namespace dci::text

#include "tensors/text/decoder.hpp"

#include "tensors/text/pre_tokenizer.hpp"

namespace dci::text {

namespace {

constexpr int deepest_sequence = 8;
constexpr std::int64_t longest_strip = 1 << 20;

bool makes_one(const decode_step& step) {
  return std::holds_alternative<fuse_step>(step) || std::holds_alternative<byte_level_step>(step);
}

} // namespace

decoder::decoder() : steps_{join_step{}} {
}

expected<decoder> decoder::read(const json_at& json) {
  decoder out;
  out.steps_.clear();
  DCI_TRY(out.add(json, 0));
  // Text is given out while tokens still come, so no step may need the whole of it.
  bool one = false;
  for (const decode_step& step : out.steps_) {
    if (one && !std::holds_alternative<strip_step>(step) &&
        !std::holds_alternative<fuse_step>(step))
      return json.unsupported("a step other than Strip behind Fuse or ByteLevel");
    one = one || makes_one(step);
  }
  return out;
}

result decoder::add(const json_at& json, int depth) {
  DCI_ASSIGN(const std::string type, json.type());
  if (type == "Sequence") {
    if (depth == deepest_sequence)
      return json.unsupported("sequences nested this deep");
    DCI_ASSIGN(const auto inner, json.list("decoders"));
    for (const json_at& d : inner)
      DCI_TRY(add(d, depth + 1));
  } else if (type == "Replace") {
    DCI_ASSIGN(const json_at at, json.at("pattern"));
    DCI_ASSIGN(pattern what, pattern::read(at));
    DCI_ASSIGN(std::string content, json.text("content"));
    steps_.emplace_back(replace_step{std::move(what), std::move(content)});
  } else if (type == "ByteFallback") {
    steps_.emplace_back(byte_fallback_step{});
  } else if (type == "Fuse") {
    steps_.emplace_back(fuse_step{});
  } else if (type == "Strip") {
    DCI_ASSIGN(std::string content, json.text("content"));
    DCI_ASSIGN(const auto start, json.integer("start", 0, longest_strip));
    DCI_ASSIGN(const auto stop, json.integer("stop", 0, longest_strip));
    std::size_t pos = 0;
    if (!content.empty())
      next_char(content, pos);
    if (content.empty() || pos != content.size())
      return json.bad("\"content\" is not one character");
    steps_.emplace_back(strip_step{std::move(content), static_cast<std::size_t>(start),
                                   static_cast<std::size_t>(stop)});
  } else if (type == "Metaspace") {
    DCI_ASSIGN(std::string mark, json.text("replacement"));
    DCI_ASSIGN(const prepend_scheme scheme, read_prepend_scheme(json));
    if (mark.empty())
      return json.bad("has an empty \"replacement\"");
    steps_.emplace_back(metaspace_step{std::move(mark), scheme == prepend_scheme::never});
  } else if (type == "ByteLevel") {
    steps_.emplace_back(byte_level_step{});
  } else {
    return json.unsupported("a decoder of type " + in_quotes(type));
  }
  return {};
}

} // namespace dci::text

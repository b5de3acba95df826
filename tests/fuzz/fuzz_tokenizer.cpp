// Input: a tokenizer.json, a zero byte, a text. Without the zero byte all of it is a text for a
// small tokenizer of our own.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tensors/text/text_stream.hpp"
#include "tensors/text/utf8.hpp"

namespace {

constexpr std::string_view small_tokenizer = R"({"added_tokens": [
  {"id": 4, "content": "<s>", "special": true}, {"id": 5, "content": " x", "lstrip": true}],
  "normalizer": {"type": "NFKC"},
  "pre_tokenizer": {"type": "Split", "pattern": {"Regex": " ?\\p{L}+|\\s+(?!\\S)|\\s+"},
                    "behavior": "Isolated", "invert": false},
  "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]},
  "model": {"type": "BPE", "unk_token": "u", "vocab": {"u": 0, "a": 1, "b": 2, "ab": 3},
            "merges": ["a b"]}})";

void require(bool holds) {
  if (!holds)
    std::abort();
}

bool is_utf8(std::string_view text) {
  return dci::text::scan_utf8(text).valid == text.size();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = input.find('\0');
  const bool own = zero == std::string_view::npos;
  const auto made = dci::tokenizer::parse(own ? small_tokenizer : input.substr(0, zero), "fuzz");
  if (!made) {
    require(is_utf8(made.error().message));
    return 0;
  }
  const auto text = own ? input : input.substr(zero + 1);
  const auto& tokens = **made;
  const auto ids = tokens.encode(text, true);
  const auto plain = tokens.encode(text, false, dci::added_in_text::plain);
  require(is_utf8(text) || (!ids && !plain));
  if (!ids)
    return 0;
  for (const auto id : *ids)
    require(tokens.token_of(id).has_value());
  require(is_utf8(tokens.decode(*ids)));
  dci::text_stream stream(*made, {"ab", "b"});
  for (const auto id : *ids)
    require(is_utf8(stream.push(id)));
  require(is_utf8(stream.finish()));
  return 0;
}

#include "tensors/text/text_stream.hpp"

#include "tensors/text/tokenizer_parts.hpp"

namespace dci {

text_stream::text_stream(std::shared_ptr<const tokenizer> tokens,
                         std::vector<std::string> stop_strings, std::span<const token_id> prompt)
    : tokens_(std::move(tokens)), run_(tokens_->parts().back, true),
      stops_(std::move(stop_strings)) {
  std::string before;
  for (const token_id id : prompt) {
    decode(id, before);
    before.clear();
  }
}

void text_stream::decode(token_id id, std::string& out) {
  const auto token = tokens_->parts().decoder_input(id);
  if (token && !tokens_->is_special(id))
    run_.feed(*token, out);
}

std::string text_stream::push(token_id id) {
  std::string out;
  if (stopped())
    return out;
  std::string text;
  decode(id, text);
  stops_.feed(text, out);
  return out;
}

std::string text_stream::finish() {
  std::string out;
  if (stopped())
    return out;
  std::string text;
  run_.finish(text);
  stops_.feed(text, out);
  stops_.finish(out);
  return out;
}

} // namespace dci

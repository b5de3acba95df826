#include "tensors/text/decode_run.hpp"

#include <optional>

#include "tensors/text/byte_level.hpp"

namespace dci::text {

namespace {

// The byte of a token "<0x0A>", as Rust's u8::from_str_radix reads its two digits ("+A" counts).
std::optional<char> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>')
    return std::nullopt;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9')
      return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  const int high = token[3] == '+' ? 0 : digit(token[3]);
  const int low = digit(token[4]);
  if (high < 0 || low < 0)
    return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

} // namespace

decode_run::decode_run(const decoder& how, bool eager)
    : decoder_(&how), states_(how.steps().size()) {
  const auto& steps = how.steps();
  bool fused = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    states_[i].fused = fused;
    // Only where the next step does not mind how the text is divided into tokens.
    states_[i].eager =
        eager && (i + 1 == steps.size() || std::holds_alternative<fuse_step>(steps[i + 1]));
    fused = fused || std::holds_alternative<fuse_step>(steps[i]) ||
            std::holds_alternative<byte_level_step>(steps[i]);
  }
}

void decode_run::feed(std::string_view token, std::string& out) {
  pass(0, token, out);
}

void decode_run::finish(std::string& out) {
  for (std::size_t i = 0; i < states_.size(); ++i)
    end(i, out);
}

void decode_run::pass(std::size_t i, std::string_view token, std::string& out) {
  if (i == states_.size()) {
    out.append(token);
    return;
  }
  const decode_step& step = decoder_->steps()[i];
  state& s = states_[i];
  if (const auto* const replace = std::get_if<replace_step>(&step)) {
    const auto replaced = replace->what.replace_all(token, replace->content);
    pass(i + 1, replaced ? std::string_view(*replaced) : token, out);
  } else if (std::holds_alternative<byte_fallback_step>(step)) {
    if (const auto byte = byte_of(token)) {
      byte_token(i, *byte, out);
    } else {
      end_byte_run(i, out);
      pass(i + 1, token, out);
    }
  } else if (const auto* const cut = std::get_if<strip_step>(&step)) {
    if (s.fused)
      strip_fused(i, *cut, token, out);
    else
      strip(i, *cut, token, out);
  } else if (const auto* const space = std::get_if<metaspace_step>(&step)) {
    const bool drop = !s.seen && !space->keep_first;
    s.seen = true;
    std::string text;
    std::size_t done = 0;
    for (std::size_t at = token.find(space->mark); at != std::string_view::npos;
         at = token.find(space->mark, done)) {
      text.append(token.substr(done, at - done)).append(drop ? "" : " ");
      done = at + space->mark.size();
    }
    text.append(token.substr(done));
    pass(i + 1, text, out);
  } else if (std::holds_alternative<byte_level_step>(step)) {
    const auto bytes = bytes_of_byte_level(token);
    std::string text;
    s.lossy.feed(bytes ? std::string_view(*bytes) : token, text);
    pass(i + 1, text, out);
  } else if (std::holds_alternative<join_step>(step)) {
    if (s.seen)
      pass(i + 1, " ", out);
    s.seen = true;
    pass(i + 1, token, out);
  } else {
    pass(i + 1, token, out);
  }
}

void decode_run::end(std::size_t i, std::string& out) {
  const decode_step& step = decoder_->steps()[i];
  if (std::holds_alternative<byte_fallback_step>(step)) {
    end_byte_run(i, out);
  } else if (std::holds_alternative<byte_level_step>(step)) {
    std::string text;
    states_[i].lossy.finish(text);
    pass(i + 1, text, out);
  }
  // What a fused strip still holds is the end of the text, which it cuts off.
}

void decode_run::byte_token(std::size_t i, char byte, std::string& out) {
  state& s = states_[i];
  if (!s.eager) {
    s.bytes.push_back(byte);
    return;
  }
  if (s.bad_run) {
    pass(i + 1, replacement_char, out);
    return;
  }
  s.bytes.push_back(byte);
  const utf8_scan scan = scan_utf8(s.bytes);
  if (scan.valid == s.bytes.size()) {
    const std::string whole = std::move(s.bytes);
    s.bytes.clear();
    pass(i + 1, whole, out);
  } else if (!scan.truncated) {
    s.bad_run = true;
    const std::size_t count = s.bytes.size();
    s.bytes.clear();
    for (std::size_t k = 0; k < count; ++k)
      pass(i + 1, replacement_char, out);
  }
}

void decode_run::end_byte_run(std::size_t i, std::string& out) {
  state& s = states_[i];
  const std::string run = std::move(s.bytes);
  s.bytes.clear();
  s.bad_run = false;
  if (run.empty())
    return;
  if (scan_utf8(run).valid == run.size()) {
    pass(i + 1, run, out);
    return;
  }
  for (std::size_t k = 0; k < run.size(); ++k)
    pass(i + 1, replacement_char, out);
}

void decode_run::strip(std::size_t i, const strip_step& how, std::string_view token,
                       std::string& out) {
  const std::size_t size = how.content.size();
  for (std::size_t k = 0; k < how.start && token.starts_with(how.content); ++k)
    token.remove_prefix(size);
  for (std::size_t k = 0; k < how.stop && token.ends_with(how.content); ++k)
    token.remove_suffix(size);
  pass(i + 1, token, out);
}

// The same for a token that comes in parts: the start is cut once, and what may be the end is held
// until more comes.
void decode_run::strip_fused(std::size_t i, const strip_step& how, std::string_view part,
                             std::string& out) {
  state& s = states_[i];
  while (!s.started && s.cut < how.start && part.starts_with(how.content)) {
    part.remove_prefix(how.content.size());
    ++s.cut;
  }
  if (part.empty())
    return;
  s.started = true;
  std::size_t ending = 0;
  auto body = part;
  while (ending < how.stop && body.ends_with(how.content)) {
    body.remove_suffix(how.content.size());
    ++ending;
  }
  std::string text;
  if (body.empty()) {
    // Nothing but ending characters: those beyond the limit are text for certain.
    const std::size_t all = s.held + ending;
    s.held = all < how.stop ? all : how.stop;
    for (std::size_t k = s.held; k < all; ++k)
      text += how.content;
  } else {
    for (std::size_t k = 0; k < s.held; ++k)
      text += how.content;
    text += body;
    s.held = ending;
  }
  pass(i + 1, text, out);
}

} // namespace dci::text

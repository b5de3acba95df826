// Decoding token by token: feeding the strings of tokens through the steps of a decoder.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tensors/text/decoder.hpp"

namespace dci::text {

/// The state of one decoding. Whatever feed and finish append is whole UTF-8 characters, and all of
/// it together is the decoded text. Each token costs its own length.
class decode_run {
 public:
  /// `eager`: the characters that byte tokens ("<0x0A>") make come out as soon as they are whole.
  /// Otherwise they wait for the end of the run of byte tokens, because Hugging Face's decoders
  /// turn the whole run into U+FFFD when any of it is not UTF-8. Of such a run an eager decoding
  /// keeps what is out already and turns only the rest into U+FFFD. The decoder must outlive this.
  decode_run(const decoder& how, bool eager);

  /// Takes the next token's string, appends what is certain by now.
  void feed(std::string_view token, std::string& out);
  /// No more tokens: appends what was held back.
  void finish(std::string& out);

 private:
  struct state {
    std::string bytes;    // byte fallback: the run so far, as far as it is not out
    bool bad_run = false; // byte fallback: the run is not UTF-8
    bool eager = false;   // byte fallback: give out characters at once
    bool fused = false;   // what comes in are parts of one token
    bool seen = false;    // metaspace, join: a token came before
    std::size_t cut = 0;  // fused strip: characters cut off the start
    bool started = false; // fused strip: the start is behind
    std::size_t held = 0; // fused strip: characters held that may be the end
    lossy_utf8 lossy;     // byte level
  };

  void pass(std::size_t step, std::string_view token, std::string& out);
  void end(std::size_t step, std::string& out);
  void end_byte_run(std::size_t step, std::string& out);
  void byte_token(std::size_t step, char byte, std::string& out);
  void strip(std::size_t step, const strip_step& how, std::string_view token, std::string& out);
  void strip_fused(std::size_t step, const strip_step& how, std::string_view part,
                   std::string& out);

  const decoder* decoder_;
  std::vector<state> states_;
};

} // namespace dci::text

// Decoding a generation token by token, and ending it at stop strings.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "tensors/text/decode_run.hpp"
#include "tensors/text/stop_strings.hpp"
#include "tensors/text/tokenizer.hpp"

namespace dci {

/// Each push gives the text that has become certain: whole characters only, nothing that could
/// still belong to a stop string, no special tokens. A token costs its own length, not that of the
/// text before it.
///
/// All that push and finish give is what tokenizer::decode(prompt + ids, skip_special) puts behind
/// the prompt, up to the first stop string. One case differs on purpose: a run of byte tokens
/// ("<0xF0>") that turns out not to be UTF-8 keeps the characters already given, where decode makes
/// each byte of the run a U+FFFD.
class text_stream {
 public:
  /// `prompt`: the ids before the first one pushed. With them a leading space stays, which decoders
  /// take from the start of a text but not from its middle; without them the text starts here.
  /// Empty stop strings are ignored.
  explicit text_stream(std::shared_ptr<const tokenizer> tokens,
                       std::vector<std::string> stop_strings = {},
                       std::span<const token_id> prompt = {});

  /// The text that this token completes; often empty. Nothing once stopped.
  std::string push(token_id id);
  /// No more tokens: the rest of the text, with U+FFFD for an unfinished character.
  std::string finish();
  /// A stop string was found; the text before it has been given out.
  bool stopped() const {
    return stops_.stopped();
  }

 private:
  void decode(token_id id, std::string& out);

  std::shared_ptr<const tokenizer> tokens_;
  text::decode_run run_;
  text::stop_strings stops_;
};

} // namespace dci

// One answer as it grows: tokens in, text out. Pure: the time is an argument.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/ring/messages.hpp"
#include "tensors/text/text_stream.hpp"
#include "tensors/text/tokenizer.hpp"

namespace dci {

class generation {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// tokens: null for a model without a tokenizer; its answers have no text.
  generation(session_id session, std::span<const token_id> prompt,
             std::shared_ptr<const tokenizer> tokens, std::vector<std::string> stop,
             time_point start);

  struct outcome {
    std::optional<text_event> text;
    std::optional<session_end_event> end;
  };
  /// A token came. One that came before changes nothing.
  outcome take(new_token event, time_point now);

  /// The end that was not the last token's doing. code none: cancelled.
  session_end_event end(const error& why);

  /// It has room from now on.
  void let_in(time_point now) {
    let_in_ = last_progress_ = now;
  }
  time_point let_in_at() const {
    return let_in_;
  }
  /// When the last sign of life was.
  time_point last_progress() const {
    return last_progress_;
  }

 private:
  session_end_event finish(finish_reason reason);

  session_id session_;
  std::uint32_t prompt_tokens_;
  std::optional<text_stream> text_;
  time_point start_;
  time_point let_in_;
  time_point first_token_;
  time_point last_progress_;
  std::uint32_t tokens_ = 0;
};

} // namespace dci

#include "actors/ring/generation.hpp"

namespace dci {
namespace {

double milliseconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

} // namespace

generation::generation(session_id session, std::span<const token_id> prompt,
                       std::shared_ptr<const tokenizer> tokens, std::vector<std::string> stop,
                       time_point start)
    : session_(session), prompt_tokens_(static_cast<std::uint32_t>(prompt.size())), start_(start),
      let_in_(start), first_token_(start), last_progress_(start) {
  if (tokens)
    text_.emplace(std::move(tokens), std::move(stop), prompt);
}

generation::outcome generation::take(new_token event, time_point now) {
  outcome out;
  if (event.index != tokens_)
    return out;
  last_progress_ = now;
  if (tokens_ == 0)
    first_token_ = now;
  auto& text = out.text.emplace();
  text.session = session_;
  text.index = tokens_++;
  text.token = event.token;
  text.logits = std::move(event.logits);
  if (text_ && event.finish != finish_reason::end_of_sequence)
    text.text = text_->push(event.token);
  if (text_ && text_->stopped())
    out.end = finish(finish_reason::stop_string);
  else if (event.finish != finish_reason::none)
    out.end = finish(event.finish);
  return out;
}

session_end_event generation::end(const error& why) {
  auto out = finish(why.code == errc::none ? finish_reason::cancelled : finish_reason::failed);
  out.code = why.code;
  if (why.code != errc::none)
    out.message = "session " + to_string(session_) + ": " + why.message;
  return out;
}

session_end_event generation::finish(finish_reason reason) {
  session_end_event out;
  out.session = session_;
  out.finish = reason;
  if (text_ && !text_->stopped())
    out.text = text_->finish();
  out.prompt_tokens = prompt_tokens_;
  out.tokens = tokens_;
  if (tokens_ > 0)
    out.first_token_ms = milliseconds(first_token_ - start_);
  if (last_progress_ > first_token_)
    out.tokens_per_s = (tokens_ - 1) * 1000.0 / milliseconds(last_progress_ - first_token_);
  return out;
}

} // namespace dci

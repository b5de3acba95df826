#include "actors/step_link/step_link.hpp"

#include <algorithm>
#include <utility>

namespace dci {
namespace {

std::uint64_t bytes_of(const step_message& message) {
  std::uint64_t out = 0;
  if (const auto* const pass = std::get_if<hidden_pass>(&message))
    for (const auto& step : pass->steps)
      out += step.rows.values().size_bytes();
  if (const auto* const said = std::get_if<tokens_event>(&message))
    for (const auto& one : said->tokens)
      out += one.logits.values().size_bytes();
  return out;
}

} // namespace

step_frame step_link::push(step_message message) {
  kept_.push_back(message);
  return {epoch_, link_, ++sent_, std::move(message)};
}

std::optional<step_message> step_link::take(step_frame frame) {
  if (frame.number != received_ + 1) {
    repeated_ += frame.number <= received_ ? 1 : 0;
    return {};
  }
  ++received_;
  bytes_ += bytes_of(frame.message);
  return std::move(frame.message);
}

link_report_event step_link::report() {
  reported_ = received_;
  bytes_ = 0;
  return {epoch_, link_, received_, false, false};
}

link_report_event step_link::question() {
  auto out = report();
  out.asks = true;
  if (!asked_)
    asked_ = sent_;
  return out;
}

link_report_event step_link::answer(const link_report_event& to) {
  auto out = to.answers ? report() : question();
  out.answers = true;
  return out;
}

bool step_link::take(const link_report_event& report) {
  if (report.received > sent_)
    return false;
  const auto first = sent_ - kept_.size(); // of those that are gone, the last one's number
  if (report.received > first)
    kept_.erase(kept_.begin(),
                kept_.begin() + static_cast<std::ptrdiff_t>(report.received - first));
  // Another report may have crossed what was sent since.
  if (asked_ && report.answers)
    gap_ = report.received < *std::exchange(asked_, std::nullopt);
  return true;
}

std::vector<step_frame> step_link::replay() {
  std::vector<step_frame> out;
  out.reserve(kept_.size());
  auto number = sent_ - kept_.size();
  for (const auto& message : kept_)
    out.push_back({epoch_, link_, ++number, message});
  again_ += out.size();
  asked_.reset();
  gap_ = false;
  return out;
}

} // namespace dci

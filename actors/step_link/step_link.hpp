// One end of a link on which nothing is lost and nothing comes twice, whatever carries it. Pure.
//
// Each way by itself, messages are numbered from 1 and kept until the other end reports that it
// has them; it takes them in order only. Whenever what carries them changes, those that are kept
// go out again, and the other end drops what it has already.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "actors/step_link/messages.hpp"

namespace dci {

class step_link {
 public:
  /// A report costs as much as a message, at the end that computes next. Large messages have more
  /// often one, since they are kept until then.
  static constexpr std::uint64_t between_reports = 64;
  static constexpr std::uint64_t bytes_between_reports = std::uint64_t{1} << 20;

  step_link() = default;
  step_link(epoch_id epoch, std::uint32_t link) : epoch_(epoch), link_(link) {
  }

  /// Numbers a message and keeps it.
  step_frame push(step_message message);
  /// The message, if it is the next one. One that has come before, or before which one is missing,
  /// is dropped: the other end will send again what is missing.
  std::optional<step_message> take(step_frame frame);

  /// Whether the other end should be told how much has come.
  bool owes_report() const {
    return received_ - reported_ >= between_reports || bytes_ >= bytes_between_reports;
  }
  /// What has come.
  link_report_event report();
  /// The same, to be answered: what was sent before and is not in the answer is lost.
  link_report_event question();
  /// To a question, whose asker is asked the same, or to such an answer.
  link_report_event answer(const link_report_event& to);
  /// What the other end says. False where it claims what was never sent.
  bool take(const link_report_event& report);

  /// All that the other end may not have, to be sent once more.
  std::vector<step_frame> replay();
  /// Whether something was on its way when the other end was asked, and had not come when it
  /// answered.
  bool has_gap() const {
    return gap_;
  }

  epoch_id epoch() const {
    return epoch_;
  }
  std::uint32_t number() const {
    return link_;
  }
  std::uint64_t sent() const {
    return sent_;
  }
  std::size_t kept() const {
    return kept_.size();
  }
  std::uint64_t again() const {
    return again_;
  }
  std::uint64_t repeated() const {
    return repeated_;
  }

 private:
  epoch_id epoch_;
  std::uint32_t link_ = 0;
  std::deque<step_message> kept_; ///< numbers sent_ - size + 1 to sent_
  std::uint64_t sent_ = 0;
  std::optional<std::uint64_t> asked_; ///< sent by the time of the last question
  bool gap_ = false;
  std::uint64_t received_ = 0;
  std::uint64_t reported_ = 0;
  std::uint64_t bytes_ = 0; ///< of numbers, received since
  std::uint64_t again_ = 0;
  std::uint64_t repeated_ = 0;
};

} // namespace dci

// One question and one answer over TLS: for authorities, and those who have no certificate yet.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

#include "net/tls/tls_link.hpp"

namespace dci {

/// Of a question or of an answer.
inline constexpr std::size_t most_question_bytes = 64 * 1024;

/// Asks, and waits for the answer. Errors: those of tls_dial; bad_message where the question or the
/// answer is too long.
expected<byte_vector> tls_ask(const std::shared_ptr<tls_context>& context, const address& to,
                              const byte_vector& question, tls_patience patience);

/// Hears what callers ask, of each one question within a few seconds, and tells them the answer.
class tls_answerer {
 public:
  static constexpr std::size_t most_callers = 64;
  static constexpr std::chrono::seconds longest_talk{10};

  /// From any thread, once; an answer that is too long, or too late, is not sent.
  using answer = std::function<void(byte_vector)>;
  /// Called on the answerer's thread.
  using handler = std::function<void(byte_vector question, answer)>;

  /// listen: with port 0, a free one. Errors: unreachable.
  static expected<std::unique_ptr<tls_answerer>> open(std::shared_ptr<tls_context> context,
                                                      const address& listen, handler hears);
  /// No call of hears is under way or comes afterwards.
  ~tls_answerer();
  tls_answerer(const tls_answerer&) = delete;
  tls_answerer& operator=(const tls_answerer&) = delete;

  const address& where() const {
    return listener_->where();
  }

 private:
  struct caller;
  struct arrivals;

  tls_answerer(std::shared_ptr<arrivals> arrived, std::unique_ptr<tls_listener> listener,
               handler hears);
  void serve();
  bool take_arrivals();
  bool is_over(caller& one);

  handler hears_;
  std::shared_ptr<arrivals> arrived_; ///< answers may come when this is gone
  std::uint64_t last_caller_ = 0;
  std::vector<caller> callers_;
  std::unique_ptr<tls_listener> listener_;
  std::thread thread_; // last: it uses the others
};

} // namespace dci

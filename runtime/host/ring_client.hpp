// Asking a ring from a program's own thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "actors/protocols.hpp"
#include "runtime/host/host.hpp"

namespace dci {

/// A whole answer.
struct generated {
  std::vector<token_id> tokens;
  std::string text;
  std::vector<float> logits; ///< after the prompt, if asked for
  session_end_event end;
};

class ring_client {
 public:
  ring_client(host& here, ring_actor ring);

  /// Waits until the ring stands. Errors: what the ring says; peer_lost when
  /// its host dies meanwhile.
  expected<ring_description> assemble(std::chrono::milliseconds wait = std::chrono::minutes{15});

  /// Waits for the whole answer; on_text is called for each piece. give_up is
  /// asked now and then: true cancels the session, and what there is by then is
  /// the answer. Errors: what the ring says, peer_lost when the ring itself is
  /// lost, timed_out.
  expected<generated> generate(generate_request request,
                               const std::function<void(const text_event&)>& on_text = {},
                               const std::function<bool()>& give_up = {});

 private:
  host& here_;
  ring_actor ring_;
};

} // namespace dci

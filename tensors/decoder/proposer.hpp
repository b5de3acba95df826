// Guessing how an answer goes on, so that one pass round a ring can yield
// several tokens. A wrong guess costs time and changes no token.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"

namespace dci {

/// One session's.
class proposer {
 public:
  virtual ~proposer() = default;
  /// At most `most` ids that may follow the history, which is that of the last call
  /// and what has come since. None where it has no idea.
  virtual std::vector<token_id> propose(std::span<const token_id> history, std::uint32_t most) = 0;
};

/// Makes the proposers of sessions with up to so many positions. Errors: of the
/// memory they need.
struct proposer_factory {
  std::function<expected<std::unique_ptr<proposer>>(std::uint32_t positions)> make;
  std::uint32_t most = 8; ///< guesses at once

  explicit operator bool() const {
    return static_cast<bool>(make);
  }
  expected<std::unique_ptr<proposer>> operator()(std::uint32_t positions) const {
    return make(positions);
  }
};

/// What followed the latest earlier occurrence of the last tokens, three if it can
/// be, else two, else one (prompt lookup decoding, Saxena 2023).
std::vector<token_id> look_up(std::span<const token_id> history, std::uint32_t most);

proposer_factory prompt_lookup(std::uint32_t most);

} // namespace dci

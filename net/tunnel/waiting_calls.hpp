// Callers at the doors of a tunnel's entry who wait to be fetched.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "net/descriptor.hpp"
#include "net/tunnel/words.hpp"

namespace dci {

class waiting_calls {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds longest_wait{5};

  struct claimed {
    std::uint64_t door = 0;
    descriptor caller;
  };

  /// A caller comes. Returns what fetches him. Errors: internal.
  expected<call_proof> add(std::uint64_t door, descriptor caller, clock::time_point now);
  /// Who is fetched by this, once; nobody where the secret is another one, or it is too late.
  std::optional<claimed> claim(const call_proof& shown, clock::time_point now);
  /// Drops one of these doors; false where it does not wait there.
  bool drop(std::uint64_t call, const std::vector<std::uint64_t>& doors);
  void drop_all(std::uint64_t door);
  /// Drops those who waited too long; returns how many.
  std::size_t drop_late(clock::time_point now);
  /// How many wait at a door.
  std::size_t waiting(std::uint64_t door) const;
  /// When the next one has waited too long.
  clock::time_point next_end() const;

 private:
  struct waiting_call {
    call_proof proof;
    std::uint64_t door;
    descriptor caller;
    clock::time_point end;
  };
  std::uint64_t last_ = 0;
  std::list<waiting_call> calls_; ///< in the order of their ends
};

} // namespace dci

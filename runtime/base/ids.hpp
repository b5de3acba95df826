// The numbers that address work. Kept apart from plain integers so that a step
// cannot be passed where a session is meant.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace dci {

/// An integer with a meaning. Explicit both ways; ordered; hashable.
template <class Tag, class Int>
struct strong_id {
  Int value = 0;

  constexpr strong_id() = default;
  constexpr explicit strong_id(Int v) : value(v) {
  }
  friend constexpr auto operator<=>(strong_id, strong_id) = default;
  /// The one that follows.
  constexpr strong_id next() const {
    return strong_id(static_cast<Int>(value + 1));
  }
};

/// One generation. Unique per ring actor's life; drawn at random, so that the
/// sessions of two rings that share a stage do not collide.
using session_id = strong_id<struct session_tag, std::uint64_t>;
/// The version of a ring's membership and cuts.
using epoch_id = strong_id<struct epoch_tag, std::uint32_t>;
/// One forward of a batch of positions through the ring; counts from 0 within
/// a session.
using step_id = strong_id<struct step_tag, std::uint32_t>;

/// An entry of a tokenizer's vocabulary.
using token_id = std::int32_t;

template <class Tag, class Int>
std::string to_string(strong_id<Tag, Int> id) {
  return std::to_string(id.value);
}

} // namespace dci

template <class Tag, class Int>
struct std::hash<dci::strong_id<Tag, Int>> {
  std::size_t operator()(dci::strong_id<Tag, Int> id) const noexcept {
    return std::hash<Int>{}(id.value);
  }
};

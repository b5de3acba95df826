// Arithmetic on the overlay's ring of 2^256 ids.
#pragma once

#include <bit>
#include <compare>
#include <cstdint>

#include "runtime/base/node_id.hpp"

namespace dci {

/// How far one id lies after another, clockwise: 256 bits, the most significant word first.
struct ring_distance {
  std::array<std::uint64_t, 4> words{};

  friend auto operator<=>(const ring_distance&, const ring_distance&) = default;
};

/// to - from, modulo 2^256.
ring_distance distance(const node_id& from, const node_id& to);
/// from + by, modulo 2^256.
node_id moved(const node_id& from, const ring_distance& by);
/// a XOR b: how far Kademlia has two ids lie apart.
ring_distance xor_distance(const node_id& a, const node_id& b);
/// The id at such an XOR distance.
node_id flipped(const node_id& from, const ring_distance& bits);
/// 2^exponent, exponent below 256.
ring_distance power_of_two(unsigned exponent);

/// The octave k with 2^k <= d < 2^(k+1); -1 for zero. Finger k of a node lies in octave k.
int octave(const ring_distance& d);
/// log2 of it, 0 for zero.
double log2(const ring_distance& d);

/// x in (after, until]. The whole ring where the two are the same.
inline bool in_half_open(const node_id& after, const node_id& x, const node_id& until) {
  if (after == until)
    return true;
  const auto d = distance(after, x);
  return d != ring_distance{} && d <= distance(after, until);
}
/// x in (after, before). All but `after` where the two are the same.
inline bool in_open(const node_id& after, const node_id& x, const node_id& before) {
  return x != before && x != after && in_half_open(after, x, before);
}

} // namespace dci

#include "actors/overlay/ring_distance.hpp"

#include <cmath>

namespace dci {

namespace {

using words = std::array<std::uint64_t, 4>;

words words_of(const node_id& id) {
  words out;
  for (std::size_t i = 0; i < 4; ++i) {
    out[i] = 0;
    for (std::size_t byte = 0; byte < 8; ++byte)
      out[i] = out[i] << 8 | id.bytes[8 * i + byte];
  }
  return out;
}

} // namespace

ring_distance distance(const node_id& from, const node_id& to) {
  const auto a = words_of(to), b = words_of(from);
  ring_distance out;
  std::uint64_t borrow = 0;
  for (int i = 3; i >= 0; --i) {
    const auto at = static_cast<std::size_t>(i);
    const auto less = a[at] - b[at];
    out.words[at] = less - borrow;
    borrow = (a[at] < b[at] || less < borrow) ? 1 : 0;
  }
  return out;
}

node_id moved(const node_id& from, const ring_distance& by) {
  const auto a = words_of(from);
  node_id out;
  std::uint64_t carry = 0;
  for (int i = 3; i >= 0; --i) {
    const auto at = static_cast<std::size_t>(i);
    const auto sum = a[at] + by.words[at];
    auto word = sum + carry;
    carry = (sum < a[at] || word < sum) ? 1 : 0;
    for (std::size_t byte = 8; byte-- > 0; word >>= 8)
      out.bytes[8 * at + byte] = static_cast<std::uint8_t>(word);
  }
  return out;
}

ring_distance xor_distance(const node_id& a, const node_id& b) {
  auto out = ring_distance{words_of(a)};
  const auto other = words_of(b);
  for (std::size_t i = 0; i < 4; ++i)
    out.words[i] ^= other[i];
  return out;
}

node_id flipped(const node_id& from, const ring_distance& bits) {
  auto out = from;
  for (std::size_t i = 0; i < node_id::size; ++i)
    out.bytes[i] ^= static_cast<std::uint8_t>(bits.words[i / 8] >> (56 - 8 * (i % 8)));
  return out;
}

ring_distance power_of_two(unsigned exponent) {
  ring_distance out;
  out.words[3 - exponent / 64] = std::uint64_t{1} << exponent % 64;
  return out;
}

int octave(const ring_distance& d) {
  for (std::size_t i = 0; i < 4; ++i)
    if (d.words[i] != 0)
      return static_cast<int>(64 * (3 - i)) + std::bit_width(d.words[i]) - 1;
  return -1;
}

double log2(const ring_distance& d) {
  double value = 0;
  for (const auto word : d.words)
    value = value * 0x1p64 + static_cast<double>(word);
  return value < 1 ? 0 : std::log2(value);
}

} // namespace dci

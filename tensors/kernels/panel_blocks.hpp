// Where quantized weights lie in a panel.
//
// Blocks of 32 inputs follow one another, each with the weights of the panel's 32
// outputs. Blocks that share scales come as a group: a header, then a record for
// each block.
//
//   format  header             record
//   q8_0    F16 scales         bytes
//   q4_0    F16 scales         halves
//   q4_k    F16 scales,        scales of the block, minimums of the block (a byte
//           F16 minimums       each), halves
//   q6_k    F16 scales         scales of inputs 0 to 15, of 16 to 31 (signed bytes),
//                              halves, quarters
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensors/kernels/packed_matrix.hpp"

namespace dci::kernels {

struct group_layout {
  std::uint32_t blocks = 0; ///< in a group
  std::size_t header_bytes = 0;
  std::size_t scale_bytes = 0;  ///< at a record's start
  std::size_t number_bytes = 0; ///< after them

  constexpr std::size_t record_bytes() const {
    return scale_bytes + number_bytes;
  }
  constexpr std::size_t group_bytes() const {
    return header_bytes + blocks * record_bytes();
  }
  /// From a panel's start to the header of a block's group.
  constexpr std::size_t header(std::uint32_t block) const {
    return block / blocks * group_bytes();
  }
  /// From a panel's start to a block's record.
  constexpr std::size_t record(std::uint32_t block) const {
    return header(block) + header_bytes + block % blocks * record_bytes();
  }
};

/// Of a quantized format.
constexpr group_layout layout_of(weight_format format) {
  constexpr std::size_t halfs = panel_outputs * 2, bytes = panel_outputs;
  constexpr std::size_t numbers = std::size_t{panel_outputs} * block_inputs;
  switch (format) {
    case weight_format::q4_0:
      return {1, halfs, 0, numbers / 2};
    case weight_format::q4_k:
      return {8, 2 * halfs, 2 * bytes, numbers / 2};
    case weight_format::q6_k:
      return {8, halfs, 2 * bytes, numbers / 2 + numbers / 4};
    default:
      return {1, halfs, 0, numbers};
  }
}

/// Groups of four inputs in a block.
inline constexpr std::uint32_t block_groups = block_inputs / 4;

/// Bytes: where the four of a group of output `o` lie in a record's numbers.
constexpr std::size_t group_place(std::uint32_t o, std::uint32_t group) {
  return (std::size_t{group} * panel_outputs + o) * 4;
}
/// Halves: groups 0 to 3 are the low halves of the bytes where q8_0 has them, groups 4 to 7
/// the high ones.
constexpr std::uint32_t halves_group(std::uint32_t group) {
  return group % 4;
}
constexpr std::uint32_t halves_shift(std::uint32_t group) {
  return group / 4 * 4;
}
/// Quarters: the upper two of six bits, of four groups in one: 0, 4, 1, 5 and 2, 6, 3, 7, upwards.
constexpr std::uint32_t quarters_group(std::uint32_t group) {
  return group % 4 / 2;
}
constexpr std::uint32_t quarters_shift(std::uint32_t group) {
  return group % 2 * 4 + group / 4 * 2;
}

} // namespace dci::kernels

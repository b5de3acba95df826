// The order of the rows in the matrices that make queries and keys.
//
// Rotary positions turn pairs of numbers. In halves number i of a head's first
// half goes with number i of its second, as Hugging Face has it and as our
// layers compute it; interleaved the pairs are neighbours, as GGUF files of the
// llama family have it.
#pragma once

#include <cstdint>
#include <vector>

namespace dci {

/// Where an interleaved head has the row that is number `row` in halves.
constexpr std::uint32_t interleaved_row(std::uint32_t row, std::uint32_t head_dim) {
  const auto half = head_dim / 2;
  return row < half ? 2 * row : 2 * (row - half) + 1;
}

/// For each row of a matrix of whole heads in halves: where the interleaved
/// matrix has it.
inline std::vector<std::uint32_t> interleaved_rows(std::uint32_t heads, std::uint32_t head_dim) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t head = 0; head < heads; ++head)
    for (std::uint32_t row = 0; row < head_dim; ++row)
      out.push_back(head * head_dim + interleaved_row(row, head_dim));
  return out;
}

} // namespace dci

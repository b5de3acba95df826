#include "tensors/kernels/pack_blocks.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "tensors/kernels/k_blocks.hpp"
#include "tensors/kernels/panel_blocks.hpp"

namespace dci::kernels {

namespace {

// What of one output goes into a group's header, or into a block's record.
struct output_writer {
  std::byte* to; ///< the header, or the record's numbers
  std::uint32_t output;

  // False for NaN and infinities.
  bool half(std::uint32_t number, std::uint16_t bits) const {
    std::memcpy(to + (number * panel_outputs + output) * std::size_t{2}, &bits, sizeof bits);
    return (bits & 0x7c00u) != 0x7c00u;
  }
  void byte(std::uint32_t number, std::uint8_t value) const {
    to[number * panel_outputs + output] = static_cast<std::byte>(value);
  }
  void word(std::uint32_t group, std::uint32_t value) const {
    std::memcpy(to + group_place(output, group), &value, sizeof value);
  }
};

using block_numbers = std::array<std::uint32_t, block_groups>;

void write_halves(const block_numbers& numbers, const output_writer& out) {
  for (std::uint32_t group = 0; group < block_groups / 2; ++group)
    out.word(group, (numbers[group] & 0x0f0f0f0fu) |
                        (numbers[group + block_groups / 2] & 0x0f0f0f0fu) << 4);
}

void write_quarters(const block_numbers& numbers, const output_writer& out) {
  std::uint32_t words[2] = {};
  for (std::uint32_t group = 0; group < block_groups; ++group)
    words[quarters_group(group)] |= (numbers[group] >> 4 & 0x03030303u) << quarters_shift(group);
  out.word(block_groups / 2, words[0]);
  out.word(block_groups / 2 + 1, words[1]);
}

// A file's q4_0 has inputs 0 to 15 in the low halves of its 16 bytes and 16 to 31 in the high
// ones, as the panel does: both formats move groups of four bytes.
bool write_group(weight_format format, const std::byte* from, std::byte* to, std::uint32_t output) {
  const auto layout = layout_of(format);
  const bool good = output_writer{to, output}.half(0, read_stored<std::uint16_t>(from));
  const output_writer numbers{to + layout.header_bytes, output};
  for (std::uint32_t group = 0; group < layout.number_bytes / (panel_outputs * 4); ++group)
    numbers.word(group, read_stored<std::uint32_t>(from + 2 + group * 4));
  return good;
}

bool write_q4_k(const std::byte* from, std::byte* to, std::uint32_t output) {
  constexpr auto layout = layout_of(weight_format::q4_k);
  const q4_k_block block{from};
  const output_writer header{to, output};
  const bool scale = header.half(0, block.scale_bits());
  const bool minimum = header.half(1, block.minimum_bits());
  for (std::uint32_t part = 0; part < layout.blocks; ++part) {
    auto* const record = to + layout.record(part);
    const output_writer scales{record, output};
    scales.byte(0, block.part_scale(part));
    scales.byte(1, block.part_minimum(part));
    block_numbers numbers;
    for (std::uint32_t group = 0; group < block_groups; ++group)
      numbers[group] = block.numbers(part, group);
    write_halves(numbers, {record + layout.scale_bytes, output});
  }
  return scale && minimum;
}

bool write_q6_k(const std::byte* from, std::byte* to, std::uint32_t output) {
  constexpr auto layout = layout_of(weight_format::q6_k);
  const q6_k_block block{from};
  const bool good = output_writer{to, output}.half(0, block.scale_bits());
  for (std::uint32_t part = 0; part < layout.blocks; ++part) {
    auto* const record = to + layout.record(part);
    const output_writer scales{record, output};
    for (std::uint32_t half = 0; half < 2; ++half)
      scales.byte(half, static_cast<std::uint8_t>(block.half_scale(part, half)));
    block_numbers numbers;
    for (std::uint32_t group = 0; group < block_groups; ++group)
      numbers[group] = block.numbers(part, group);
    const output_writer out{record + layout.scale_bytes, output};
    write_halves(numbers, out);
    write_quarters(numbers, out);
  }
  return good;
}

} // namespace

std::optional<std::uint32_t> pack_blocks(const weight_source& source, const panel_part& part) {
  const auto group_inputs = layout_of(source.format).blocks * block_inputs;
  const auto stored_bytes = stored_row_bytes(source.format, group_inputs);
  const auto row_bytes = stored_row_bytes(source.format, part.inputs);
  std::optional<std::uint32_t> bad;
  for (std::uint32_t group = 0; group < part.inputs / group_inputs; ++group) {
    auto* const to = part.to + group * layout_of(source.format).group_bytes();
    for (std::uint32_t o = 0; o < part.count; ++o) {
      const auto output = part.first + o;
      const auto* from = source.data + source.row_of(output) * row_bytes + group * stored_bytes;
      const bool good = source.format == weight_format::q4_k ? write_q4_k(from, to, o)
                        : source.format == weight_format::q6_k
                            ? write_q6_k(from, to, o)
                            : write_group(source.format, from, to, o);
      if (!good && (!bad || output < *bad))
        bad = output;
    }
  }
  return bad;
}

} // namespace dci::kernels

// GGML's blocks of 256 inputs, Q4_K and Q6_K, as files have them: eight parts of
// 32 inputs. (Layout: ggml-common.h, block_q4_K and block_q6_K.)
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "tensors/kernels/half.hpp"

namespace dci::kernels {

static_assert(std::endian::native == std::endian::little, "words are read as files have them");

template <class T>
T read_stored(const std::byte* at) {
  T out;
  std::memcpy(&out, at, sizeof out);
  return out;
}

/// Weight = scale * part_scale * number - minimum * part_minimum, a number having 4 bits.
struct q4_k_block {
  static constexpr std::size_t bytes = 144;

  const std::byte* at;

  std::uint16_t scale_bits() const { ///< F16
    return read_stored<std::uint16_t>(at);
  }
  std::uint16_t minimum_bits() const { ///< F16
    return read_stored<std::uint16_t>(at + 2);
  }
  /// 6 bits, of which the upper two of parts 4 to 7 lie above those of parts 0 to 3.
  std::uint8_t part_scale(std::uint32_t part) const {
    return part < 4 ? byte(4 + part) & 63 : (byte(8 + part) & 15) | byte(part) >> 6 << 4;
  }
  std::uint8_t part_minimum(std::uint32_t part) const {
    return part < 4 ? byte(8 + part) & 63 : byte(8 + part) >> 4 | byte(4 + part) >> 6 << 4;
  }
  /// Numbers 4 * group to 4 * group + 3 of a part, one in each byte.
  std::uint32_t numbers(std::uint32_t part, std::uint32_t group) const {
    const auto pairs = read_stored<std::uint32_t>(at + 16 + part / 2 * 32 + group * 4);
    return pairs >> part % 2 * 4 & 0x0f0f0f0fu;
  }

 private:
  std::uint8_t byte(std::size_t place) const {
    return std::to_integer<std::uint8_t>(at[place]);
  }
};

/// Weight = scale * half_scale * (number - 32), a number having 6 bits.
struct q6_k_block {
  static constexpr std::size_t bytes = 210;
  static constexpr std::int32_t offset = 32;

  const std::byte* at;

  std::uint16_t scale_bits() const { ///< F16
    return read_stored<std::uint16_t>(at + 208);
  }
  /// Of 16 inputs: half 0 or 1 of a part.
  std::int8_t half_scale(std::uint32_t part, std::uint32_t half) const {
    return std::to_integer<std::int8_t>(at[192 + part * 2 + half]);
  }
  /// Numbers 4 * group to 4 * group + 3 of a part, one in each byte.
  std::uint32_t numbers(std::uint32_t part, std::uint32_t group) const {
    const auto four = part % 4;
    const auto* low = at + part / 4 * 64 + four % 2 * 32 + group * 4;
    const auto* high = at + 128 + part / 4 * 32 + group * 4;
    return (read_stored<std::uint32_t>(low) >> four / 2 * 4 & 0x0f0f0f0fu) |
           (read_stored<std::uint32_t>(high) >> four * 2 & 0x03030303u) << 4;
  }
};

} // namespace dci::kernels

// The number formats of weights: those a safetensors file may name, and the
// quantized blocks of GGML.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dci {

// name, numbers of a block, bytes of a block. As safetensors' own list has them;
// a block is the fewest numbers that fill whole bytes.
#define DCI_PLAIN_DTYPE_LIST(X)                                                                    \
  X(BOOL, 1, 1)                                                                                    \
  X(F4, 2, 1)                                                                                      \
  X(F6_E2M3, 4, 3)                                                                                 \
  X(F6_E3M2, 4, 3)                                                                                 \
  X(U8, 1, 1)                                                                                      \
  X(I8, 1, 1)                                                                                      \
  X(F8_E5M2, 1, 1)                                                                                 \
  X(F8_E4M3, 1, 1)                                                                                 \
  X(F8_E8M0, 1, 1)                                                                                 \
  X(I16, 1, 2)                                                                                     \
  X(U16, 1, 2)                                                                                     \
  X(F16, 1, 2)                                                                                     \
  X(BF16, 1, 2)                                                                                    \
  X(I32, 1, 4)                                                                                     \
  X(U32, 1, 4)                                                                                     \
  X(F32, 1, 4)                                                                                     \
  X(C64, 1, 8)                                                                                     \
  X(F64, 1, 8)                                                                                     \
  X(I64, 1, 8)                                                                                     \
  X(U64, 1, 8)

// The same for GGML's: numbers of one row that share their scales.
#define DCI_QUANTIZED_DTYPE_LIST(X)                                                                \
  X(Q4_0, 32, 18)                                                                                  \
  X(Q8_0, 32, 34)                                                                                  \
  X(Q4_K, 256, 144)                                                                                \
  X(Q6_K, 256, 210)

#define DCI_DTYPE_LIST(X) DCI_PLAIN_DTYPE_LIST(X) DCI_QUANTIZED_DTYPE_LIST(X)

enum class dtype : std::uint8_t {
#define DCI_DTYPE_ENUM(name, numbers, bytes) name,
  DCI_DTYPE_LIST(DCI_DTYPE_ENUM)
#undef DCI_DTYPE_ENUM
};

constexpr std::string_view to_string(dtype type) {
  switch (type) {
#define DCI_DTYPE_NAME(name, numbers, bytes)                                                       \
  case dtype::name:                                                                                \
    return #name;
    DCI_DTYPE_LIST(DCI_DTYPE_NAME)
#undef DCI_DTYPE_NAME
  }
  return "unknown";
}

/// The type a safetensors file calls so; GGML's are not among them.
constexpr std::optional<dtype> safetensors_dtype(std::string_view text) {
#define DCI_DTYPE_PARSE(name, numbers, bytes)                                                      \
  if (text == #name)                                                                               \
    return dtype::name;
  DCI_PLAIN_DTYPE_LIST(DCI_DTYPE_PARSE)
#undef DCI_DTYPE_PARSE
  return std::nullopt;
}

/// Numbers are stored in blocks of so many, one after the other.
constexpr std::uint32_t block_numbers(dtype type) {
  switch (type) {
#define DCI_DTYPE_NUMBERS(name, numbers, bytes)                                                    \
  case dtype::name:                                                                                \
    return numbers;
    DCI_DTYPE_LIST(DCI_DTYPE_NUMBERS)
#undef DCI_DTYPE_NUMBERS
  }
  return 1;
}

/// Bytes of one block.
constexpr std::uint32_t block_bytes(dtype type) {
  switch (type) {
#define DCI_DTYPE_BYTES(name, numbers, bytes)                                                      \
  case dtype::name:                                                                                \
    return bytes;
    DCI_DTYPE_LIST(DCI_DTYPE_BYTES)
#undef DCI_DTYPE_BYTES
  }
  return 1;
}

/// Whether the numbers of a block share scales, so that a row must be whole blocks.
constexpr bool is_quantized(dtype type) {
  switch (type) {
#define DCI_DTYPE_QUANTIZED(name, numbers, bytes) case dtype::name:
    DCI_QUANTIZED_DTYPE_LIST(DCI_DTYPE_QUANTIZED)
#undef DCI_DTYPE_QUANTIZED
    return true;
    default:
      return false;
  }
}

/// Bytes that so many numbers take; nothing when they are no whole blocks, or
/// when the bytes are beyond 64 bits.
constexpr std::optional<std::uint64_t> bytes_of(dtype type, std::uint64_t count) {
  std::uint64_t bytes = 0;
  if (count % block_numbers(type) != 0 ||
      __builtin_mul_overflow(count / block_numbers(type), block_bytes(type), &bytes))
    return std::nullopt;
  return bytes;
}

/// Whether layers can be made of it.
constexpr bool is_weight_type(dtype type) {
  return type == dtype::F32 || type == dtype::F16 || type == dtype::BF16 || is_quantized(type);
}

} // namespace dci

// The number formats a safetensors file may name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dci {

// name, bits of one number. As safetensors' own list has them.
#define DCI_DTYPE_LIST(X)                                                                          \
  X(BOOL, 8)                                                                                       \
  X(F4, 4)                                                                                         \
  X(F6_E2M3, 6)                                                                                    \
  X(F6_E3M2, 6)                                                                                    \
  X(U8, 8)                                                                                         \
  X(I8, 8)                                                                                         \
  X(F8_E5M2, 8)                                                                                    \
  X(F8_E4M3, 8)                                                                                    \
  X(F8_E8M0, 8)                                                                                    \
  X(I16, 16)                                                                                       \
  X(U16, 16)                                                                                       \
  X(F16, 16)                                                                                       \
  X(BF16, 16)                                                                                      \
  X(I32, 32)                                                                                       \
  X(U32, 32)                                                                                       \
  X(F32, 32)                                                                                       \
  X(C64, 64)                                                                                       \
  X(F64, 64)                                                                                       \
  X(I64, 64)                                                                                       \
  X(U64, 64)

enum class dtype : std::uint8_t {
#define DCI_DTYPE_ENUM(name, bits) name,
  DCI_DTYPE_LIST(DCI_DTYPE_ENUM)
#undef DCI_DTYPE_ENUM
};

constexpr std::string_view to_string(dtype type) {
  switch (type) {
#define DCI_DTYPE_NAME(name, bits)                                                                 \
  case dtype::name:                                                                                \
    return #name;
    DCI_DTYPE_LIST(DCI_DTYPE_NAME)
#undef DCI_DTYPE_NAME
  }
  return "unknown";
}

constexpr unsigned bits_of(dtype type) {
  switch (type) {
#define DCI_DTYPE_BITS(name, bits)                                                                 \
  case dtype::name:                                                                                \
    return bits;
    DCI_DTYPE_LIST(DCI_DTYPE_BITS)
#undef DCI_DTYPE_BITS
  }
  return 0;
}

constexpr std::optional<dtype> dtype_from_string(std::string_view text) {
#define DCI_DTYPE_PARSE(name, bits)                                                                \
  if (text == #name)                                                                               \
    return dtype::name;
  DCI_DTYPE_LIST(DCI_DTYPE_PARSE)
#undef DCI_DTYPE_PARSE
  return std::nullopt;
}

/// Whether layers can be computed from it.
constexpr bool is_weight_type(dtype type) {
  return type == dtype::F32 || type == dtype::F16 || type == dtype::BF16;
}

} // namespace dci

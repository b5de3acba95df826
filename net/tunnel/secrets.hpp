// Secrets that are drawn and compared as such.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "runtime/base/error.hpp"

namespace dci {

/// Errors: internal where the machine has no randomness to give.
result draw_secret(std::span<std::uint8_t> out);

template <class Secret>
expected<Secret> drawn_secret() {
  Secret out{};
  DCI_TRY(draw_secret(out));
  return out;
}

/// Takes as long whatever they are. Both have the same length.
bool is_same_secret(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

} // namespace dci

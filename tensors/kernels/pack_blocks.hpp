// Quantized rows into one panel.
#pragma once

#include <cstdint>
#include <optional>

#include "tensors/kernels/pack.hpp"

namespace dci::kernels {

/// Outputs [first, first + count) of a source with quantized blocks, into a panel's bytes.
struct panel_part {
  std::byte* to = nullptr;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t inputs = 0;
};

/// Returns the first output with a scale or minimum that is NaN or infinite.
std::optional<std::uint32_t> pack_blocks(const weight_source& source, const panel_part& part);

} // namespace dci::kernels

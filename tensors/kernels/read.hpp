// Reading memory and doing nothing with it: what products are measured against.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dci::kernels {

/// The exclusive or of the memory's 32-bit words, so that none can be skipped. data on
/// a 64-byte boundary, bytes a multiple of 256.
std::uint32_t read_all(const std::byte* data, std::size_t bytes);

} // namespace dci::kernels

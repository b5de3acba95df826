// What every kernel makes of fixed inputs, in 64 bits each: the same on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dci::kernels::test {

/// A kernel's name, and the FNV-1a hash of the bits of all its results.
using digest = std::pair<std::string, std::uint64_t>;

/// Of all kernels, on the target in use.
std::vector<digest> kernel_digests();

/// As digests.txt has them: "name hash", a line each, the hash in hexadecimal.
std::string to_text(const std::vector<digest>& digests);

} // namespace dci::kernels::test

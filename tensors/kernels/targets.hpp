// Which instructions the kernels use on this machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dci::kernels {

/// What this machine can run, best first, by Highway's names, such as "AVX3",
/// "AVX2", "SCALAR". "AVX3+VNNI" is AVX3 with AVX-512's byte products,
/// "AVX3+VNNI+AMX" with products of tiles besides.
std::vector<std::string> supported_targets();

/// From now on kernels use this one. For tests and measurements: the bits of
/// results do not depend on it. False when it is not supported.
bool use_target(std::string_view name);

} // namespace dci::kernels

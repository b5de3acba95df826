// How many threads LibTorch's operators use.
#pragma once

namespace dci {

/// For the operators of the whole process; at least 1. Loading sets nothing, so
/// without this call LibTorch takes one per core.
void set_torch_threads(int count);

} // namespace dci

#include "tensors/torch/threads.hpp"

#include <algorithm>

#include <ATen/Parallel.h>

namespace dci {

void set_torch_threads(int count) {
  at::set_num_threads(std::max(count, 1));
}

} // namespace dci

#include "runtime/base/seed.hpp"

#include <random>

namespace dci {

std::uint64_t machine_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

} // namespace dci

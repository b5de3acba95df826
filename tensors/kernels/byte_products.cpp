#include "tensors/kernels/byte_products.hpp"

#include <atomic>

namespace dci::kernels {

namespace {

std::atomic<bool>& in_use() {
  static std::atomic<bool> use = cpu_has_byte_products();
  return use;
}

} // namespace

bool cpu_has_byte_products() noexcept {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512vnni") != 0;
#else
  return false;
#endif
}

void use_byte_products(bool use) noexcept {
  in_use().store(use && cpu_has_byte_products(), std::memory_order_relaxed);
}

bool byte_products_in_use() noexcept {
  return in_use().load(std::memory_order_relaxed);
}

} // namespace dci::kernels

#include "tensors/kernels/byte_products.hpp"

#include <algorithm>
#include <atomic>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace dci::kernels {

namespace {

#if defined(__x86_64__)

bool cpu_has_tiles() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned amx_tile = 1u << 24, amx_int8 = 1u << 25;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & amx_tile) != 0 && (d & amx_int8) != 0;
}

// A process may use tiles once Linux was asked to save them with its threads.
bool system_gives_tiles() {
  constexpr long request_permission = 0x1023, tile_data = 18; // <asm/prctl.h>
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

byte_products find_best() {
  if (__builtin_cpu_supports("avx512vnni") == 0)
    return byte_products::none;
  return cpu_has_tiles() && system_gives_tiles() ? byte_products::tiles : byte_products::vnni;
}

#else

byte_products find_best() {
  return byte_products::none;
}

#endif

std::atomic<byte_products>& in_use() {
  static std::atomic<byte_products> use = best_byte_products();
  return use;
}

} // namespace

byte_products best_byte_products() noexcept {
  static const auto best = find_best();
  return best;
}

void use_byte_products(byte_products which) noexcept {
  in_use().store(std::min(which, best_byte_products()), std::memory_order_relaxed);
}

byte_products byte_products_in_use() noexcept {
  return in_use().load(std::memory_order_relaxed);
}

} // namespace dci::kernels

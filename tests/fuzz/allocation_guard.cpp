#include "tests/fuzz/allocation_guard.hpp"

#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t max_allocation = 64 * 1024 * 1024;
bool guarding = false;

} // namespace

void dci::fuzz::guard_allocations(bool on) {
  guarding = on;
}

#ifndef __SANITIZE_ADDRESS__
void* operator new(std::size_t size) {
  if (size > max_allocation && guarding) {
    guarding = false;
    std::fprintf(stderr, "fuzz: the target allocated %zu bytes at once\n", size);
    std::abort();
  }
  if (void* p = std::malloc(size == 0 ? 1 : size))
    return p;
  throw std::bad_alloc{};
}

void operator delete(void* p) noexcept {
  std::free(p);
}

void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
#endif

#include "apps/dci-bench/bandwidth.hpp"

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "tensors/kernels/aligned_buffer.hpp"
#include "tensors/kernels/read.hpp"

namespace dci {

namespace {

constexpr std::size_t total_bytes = std::size_t{1} << 30;

} // namespace

double read_gb_per_s(std::uint32_t threads) {
  static kernels::aligned_buffer memory = [] {
    kernels::aligned_buffer out(total_bytes);
    std::memset(out.data(), 1, out.size());
    return out;
  }();
  static std::atomic<std::uint32_t> seen = 0;
  const auto part = total_bytes / threads / 256 * 256;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> team;
  for (std::uint32_t i = 0; i < threads; ++i)
    team.emplace_back([i, part] { seen += kernels::read_all(memory.data() + i * part, part); });
  for (auto& thread : team)
    thread.join();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return static_cast<double>(part * threads) / taken.count() / 1e9;
}

} // namespace dci

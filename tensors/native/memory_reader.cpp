#include "tensors/native/memory_reader.hpp"

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "tensors/kernels/read.hpp"

namespace dci {
namespace {

constexpr std::size_t page = 4096;

} // namespace

memory_reader::memory_reader(std::size_t bytes) : bytes_(bytes / page * page), memory_(bytes_) {
  // Pages that nobody has written to are all the same one.
  std::memset(memory_.data(), 1, bytes_);
}

double memory_reader::gb_per_s(std::uint32_t threads) const {
  static std::atomic<std::uint32_t> seen = 0;
  const auto part = bytes_ / threads / 256 * 256;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> team;
  for (std::uint32_t i = 0; i < threads; ++i)
    team.emplace_back(
        [this, i, part] { seen += kernels::read_all(memory_.data() + i * part, part); });
  for (auto& thread : team)
    thread.join();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return static_cast<double>(part * threads) / taken.count() / 1e9;
}

} // namespace dci

// Threads that run one function together, with barriers that cost less than a
// microsecond.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace dci {

/// A contiguous part of `total` things.
struct work_share {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// Part `index` of `parts` nearly equal ones.
constexpr work_share share_of(std::uint32_t total, std::uint32_t index, std::uint32_t parts) {
  return {static_cast<std::uint32_t>(std::uint64_t{total} * index / parts),
          static_cast<std::uint32_t>(std::uint64_t{total} * (index + 1) / parts)};
}

/// The caller and size() - 1 threads of its own, which sleep between runs. Where they
/// are as many as this process has cores, each runs on one of its own: the kernel
/// would put two on one core after a sleep, and part them only milliseconds later.
class thread_team {
 public:
  explicit thread_team(std::uint32_t size);
  ~thread_team();
  thread_team(const thread_team&) = delete;
  thread_team& operator=(const thread_team&) = delete;

  std::uint32_t size() const {
    return size_;
  }

  /// A run comes soon: wakes the threads that sleep, which wait awake for a while. From any thread.
  void stand_by() noexcept;

  /// Calls work(0) to work(size() - 1) at once and waits for all; work(0) on this
  /// thread. work must not throw. One run at a time.
  void run(const std::function<void(std::uint32_t)>& work);

  /// Inside work: waits until every member is here. What they wrote before is
  /// seen by all after.
  void barrier() noexcept;

 private:
  void serve(std::uint32_t index);

  std::uint32_t size_;
  std::vector<int> cores_; ///< of each member; empty where they may run anywhere
  const std::function<void(std::uint32_t)>* work_ = nullptr;
  // Each on a cache line of its own: waiting threads read one of them all the time.
  alignas(64) std::atomic<std::uint32_t> runs_ = 0;
  alignas(64) std::atomic<std::uint32_t> calls_ = 0; ///< one for each run and each stand_by
  alignas(64) std::atomic<std::uint32_t> arrived_ = 0;
  alignas(64) std::atomic<std::uint32_t> passed_ = 0;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

} // namespace dci

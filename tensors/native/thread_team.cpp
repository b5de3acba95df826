#include "tensors/native/thread_team.hpp"

#include <chrono>

namespace dci {

namespace {

using clock = std::chrono::steady_clock;

// Members of a team differ by less between two barriers, unless one lost its core.
constexpr std::chrono::microseconds longest_spin_in_barrier{200};
// A thread that finds no new run in this time sleeps: other processes of a ring need its core.
constexpr std::chrono::microseconds longest_spin_for_work{50};

inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Whether it came true in time. A pause takes 10 to 60 nanoseconds, the clock about 25.
template <class Done>
bool spin(std::chrono::microseconds longest, Done&& done) {
  const auto end = clock::now() + longest;
  do
    for (int i = 0; i < 32; ++i) {
      if (done())
        return true;
      pause();
    }
  while (clock::now() < end);
  return false;
}

} // namespace

thread_team::thread_team(std::uint32_t size) : size_(size == 0 ? 1 : size) {
  for (std::uint32_t i = 1; i < size_; ++i)
    threads_.emplace_back([this, i] { serve(i); });
}

thread_team::~thread_team() {
  stop_.store(true, std::memory_order_relaxed);
  runs_.fetch_add(1, std::memory_order_release);
  runs_.notify_all();
  for (auto& thread : threads_)
    thread.join();
}

void thread_team::run(const std::function<void(std::uint32_t)>& work) {
  if (size_ == 1) {
    work(0);
    return;
  }
  work_ = &work;
  runs_.fetch_add(1, std::memory_order_release);
  runs_.notify_all();
  work(0);
  barrier(); // the others are done with `work`
}

void thread_team::barrier() noexcept {
  if (size_ == 1)
    return;
  const auto round = passed_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
    arrived_.store(0, std::memory_order_relaxed);
    passed_.store(round + 1, std::memory_order_release);
    return;
  }
  const auto passed = [&] { return passed_.load(std::memory_order_acquire) != round; };
  if (spin(longest_spin_in_barrier, passed))
    return;
  while (!passed())
    std::this_thread::yield();
}

void thread_team::serve(std::uint32_t index) {
  std::uint32_t seen = 0;
  while (true) {
    spin(longest_spin_for_work, [&] { return runs_.load(std::memory_order_acquire) != seen; });
    runs_.wait(seen, std::memory_order_acquire);
    seen = runs_.load(std::memory_order_acquire);
    if (stop_.load(std::memory_order_relaxed))
      return;
    (*work_)(index);
    barrier();
  }
}

} // namespace dci

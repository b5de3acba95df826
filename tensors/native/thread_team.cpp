#include "tensors/native/thread_team.hpp"

namespace dci {

namespace {

// About ten microseconds: longer than the work between two barriers differs on an idle machine.
constexpr int spins_before_yield = 4000;
// A thread that finds no new run in this time sleeps.
constexpr int spins_before_sleep = 8000;

inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
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
  for (int spins = 0; passed_.load(std::memory_order_acquire) == round;) {
    if (++spins < spins_before_yield)
      pause();
    else
      std::this_thread::yield();
  }
}

void thread_team::serve(std::uint32_t index) {
  std::uint32_t seen = 0;
  while (true) {
    for (int spins = 0; spins < spins_before_sleep; ++spins) {
      if (runs_.load(std::memory_order_acquire) != seen)
        break;
      pause();
    }
    runs_.wait(seen, std::memory_order_acquire);
    seen = runs_.load(std::memory_order_acquire);
    if (stop_.load(std::memory_order_relaxed))
      return;
    (*work_)(index);
    barrier();
  }
}

} // namespace dci

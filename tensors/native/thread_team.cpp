#include "tensors/native/thread_team.hpp"

#include <chrono>
#include <optional>

#include <sched.h>
#include <unistd.h>

namespace dci {

namespace {

using clock = std::chrono::steady_clock;

// Members of a team differ by less between two barriers, unless one lost its core.
constexpr std::chrono::microseconds longest_spin_in_barrier{200};
// A thread that finds no new run in this time sleeps. Until then it offers its core to others all
// the time: the next stage of a ring on this machine finds it awake, and takes it. It waits long
// where the run before came within that time, too: waking it costs a third of what a hop does.
constexpr std::chrono::microseconds short_wait_for_work{600}, long_wait_for_work{8000};

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

// The cores that the process's first thread may use.
std::vector<int> own_cores() {
  cpu_set_t set{};
  std::vector<int> out;
  if (sched_getaffinity(getpid(), sizeof(set), &set) == 0)
    for (int core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(core, &set))
        out.push_back(core);
  return out;
}

void run_on(int core) {
  cpu_set_t only{};
  CPU_SET(core, &only);
  sched_setaffinity(0, sizeof(only), &only);
}

// The calling thread on a core for as long as this lives.
class held_on {
 public:
  explicit held_on(int core) {
    sched_getaffinity(0, sizeof(before_), &before_);
    run_on(core);
  }
  ~held_on() {
    sched_setaffinity(0, sizeof(before_), &before_);
  }
  held_on(const held_on&) = delete;
  held_on& operator=(const held_on&) = delete;

 private:
  cpu_set_t before_{};
};

} // namespace

thread_team::thread_team(std::uint32_t size) : size_(size == 0 ? 1 : size) {
  if (auto cores = own_cores(); cores.size() == size_)
    cores_ = std::move(cores);
  for (std::uint32_t i = 1; i < size_; ++i)
    threads_.emplace_back([this, i] { serve(i); });
}

thread_team::~thread_team() {
  stop_.store(true, std::memory_order_relaxed);
  runs_.fetch_add(1, std::memory_order_release);
  stand_by();
  for (auto& thread : threads_)
    thread.join();
}

void thread_team::stand_by() noexcept {
  if (size_ == 1)
    return;
  calls_.fetch_add(1, std::memory_order_release);
  calls_.notify_all();
}

void thread_team::run(const std::function<void(std::uint32_t)>& work) {
  if (size_ == 1) {
    work(0);
    return;
  }
  std::optional<held_on> held;
  if (!cores_.empty())
    held.emplace(cores_.front());
  work_ = &work;
  runs_.fetch_add(1, std::memory_order_release);
  stand_by();
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
  if (!cores_.empty())
    run_on(cores_[index]);
  std::uint32_t seen = 0;
  auto patience = short_wait_for_work;
  auto idle_since = clock::now();
  while (true) {
    // Who calls has said before whether there is a run, so none is overslept.
    const auto heard = calls_.load(std::memory_order_acquire);
    const auto is_due = [&] { return runs_.load(std::memory_order_acquire) != seen; };
    const auto end = clock::now() + patience;
    while (!is_due() && clock::now() < end)
      std::this_thread::yield();
    if (!is_due()) {
      calls_.wait(heard, std::memory_order_acquire);
      continue;
    }
    const bool was_soon = clock::now() - idle_since < long_wait_for_work;
    patience = was_soon ? long_wait_for_work : short_wait_for_work;
    seen = runs_.load(std::memory_order_acquire);
    if (stop_.load(std::memory_order_relaxed))
      return;
    (*work_)(index);
    barrier();
    idle_since = clock::now();
  }
}

} // namespace dci

#include "runtime/base/thread_place.hpp"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>
#include <pthread.h>
#include <unistd.h>

using namespace dci;

namespace {

cpu_set_t cores_of(pid_t thread) {
  cpu_set_t out{};
  sched_getaffinity(thread, sizeof(out), &out);
  return out;
}

} // namespace

TEST_CASE("a waiting thread and those that wake it share a core; a working one may leave it") {
  std::atomic<pid_t> id = 0;
  std::atomic<bool> stop = false;
  std::thread io([&] {
    pthread_setname_np(pthread_self(), "test-io");
    id = gettid();
    id.notify_all();
    stop.wait(false);
  });
  id.wait(0);
  std::thread([&] {
    const auto before = cores_of(0);
    thread_place place("test-io");
    place.work();
    place.wait();
    const auto own = cores_of(0), other = cores_of(id);
    CHECK(CPU_COUNT(&own) == 1);
    CHECK(CPU_EQUAL(&own, &other));
    CHECK(sched_getscheduler(id) == SCHED_BATCH);
    CHECK(sched_getscheduler(0) == SCHED_OTHER);
    place.give_way();
    place.work();
    const auto after = cores_of(0);
    CHECK(CPU_EQUAL(&before, &after));
  }).join();
  stop = true;
  stop.notify_all();
  io.join();
}

TEST_CASE("where no thread has the name, only the waiting one is held") {
  std::thread([] {
    thread_place place("nobody-here");
    place.wait();
    const auto own = cores_of(0);
    CHECK(CPU_COUNT(&own) == 1);
  }).join();
}

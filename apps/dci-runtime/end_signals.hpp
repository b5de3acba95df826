// What ends a program that serves.
#pragma once

#include <csignal>

#include <pthread.h>

namespace dci {

/// Blocked in every thread, so that waiting for them is the only way they act. To be called before
/// there is another thread.
inline sigset_t block_end_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

} // namespace dci

// Where threads run that hand work to one another.
#pragma once

#include <string_view>
#include <vector>

#include <sched.h>
#include <sys/types.h>

namespace dci {

/// A thread that waits for messages, and the threads it gets them from. While it
/// waits, all of them stay on the core where it was last, so that a message wakes no
/// other core: that takes longer than the message itself. While it works, it may run
/// anywhere. The others never interrupt it where it works or sends: they run when it
/// waits, or gives way, and find all that it has said at once.
class thread_place {
 public:
  /// io_threads: their name. From now on they are batch threads of the kernel's scheduler.
  explicit thread_place(std::string_view io_threads);

  /// Called by the waiting thread before and after its work.
  void work();
  void wait();
  /// Called where it has sent something and does not wait: the others send it now.
  void give_way();

 private:
  cpu_set_t anywhere_{};
  std::vector<pid_t> io_;
  int core_ = -1; ///< where the others are held
};

} // namespace dci

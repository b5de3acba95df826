// Lines that come while a person types: they wait until the editor can show
// them above the line.
#pragma once

#include <memory>
#include <mutex>
#include <string>

namespace dci {

/// Any thread may post; the thread that edits shows.
class notices {
 public:
  /// To standard error at once, or, while the editor is open, at its next wake.
  void post(const std::string& text);
  /// Prints what was posted to standard output.
  void show();
  void set_editing(bool editing);

 private:
  std::mutex mutex_;
  std::string waiting_;
  bool editing_ = false;
};

/// From now on log lines go through these. Call it before other threads log.
void log_through(std::shared_ptr<notices> out);

} // namespace dci

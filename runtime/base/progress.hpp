// Progress of long work: a line that redraws itself on a terminal, plain lines
// elsewhere.
#pragma once

#include <chrono>
#include <string>

namespace dci {

/// Writes to standard error. Not thread-safe; one per piece of work.
class progress {
 public:
  explicit progress(std::string label);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// fraction in [0, 1]; detail stands behind the label. A plain line is
  /// written at most every two seconds, and nothing at all for work that ends
  /// sooner.
  void update(double fraction, const std::string& detail = {});

 private:
  std::string label_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

} // namespace dci

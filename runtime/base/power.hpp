// How much power the machine's processors take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace dci {

/// What the kernel counts for whole processors (powercap, "intel-rapl:N", AMD's as well). Most
/// systems let root alone read it; machines without such counters say nothing.
class energy_meter {
 public:
  explicit energy_meter(std::filesystem::path counters = "/sys/class/powercap");

  /// Since it was made, in joules; 0 where nothing can be read.
  double joules() const;

 private:
  struct counter {
    std::filesystem::path file;
    std::uint64_t first = 0; ///< microjoules
    std::uint64_t range = 0; ///< at which it begins again from 0
  };
  std::vector<counter> counters_;
};

} // namespace dci

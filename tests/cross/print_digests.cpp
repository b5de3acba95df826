// Prints what tests/kernels/digests.txt records, and to the error output which instructions made
// it: one line for each set of them that this machine has.
#include <cstdio>

#include "tensors/kernels/targets.hpp"
#include "tests/kernels/digests.hpp"

int main() {
  using namespace dci::kernels;
  std::string first;
  for (const auto& target : supported_targets()) {
    use_target(target);
    const auto text = test::to_text(test::kernel_digests());
    std::fprintf(stderr, "%s\n", target.c_str());
    if (first.empty())
      std::fputs((first = text).c_str(), stdout);
    else if (text != first)
      return 1;
  }
  return 0;
}

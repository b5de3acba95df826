#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tensors/kernels/targets.hpp"
#include "tests/kernels/digests.hpp"

using namespace dci::kernels;
using namespace dci::kernels::test;

TEST_CASE("every target makes the recorded bits, as other machines do") {
  // Where a kernel is meant to give other bits than before, digests.txt becomes what is shown here.
  std::ostringstream recorded;
  recorded << std::ifstream(DCI_SOURCE_DIR "/tests/kernels/digests.txt").rdbuf();
  for (const auto& target : supported_targets()) {
    CAPTURE(target);
    REQUIRE(use_target(target));
    CHECK(to_text(kernel_digests()) == recorded.str());
  }
  use_target(supported_targets().front());
}

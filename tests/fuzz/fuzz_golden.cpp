#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tensors/decoder/golden.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto golden =
      dci::parse_golden("fuzz", std::string_view(reinterpret_cast<const char*>(data), size));
  const std::vector<float> logits(100);
  if (golden)
    for (const auto& one : golden->cases)
      (void)dci::compare(one, one.generated_ids, logits);
  return 0;
}

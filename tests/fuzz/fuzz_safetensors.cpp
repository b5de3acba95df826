#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "tensors/files/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto views = dci::parse_safetensors("fuzz", bytes);
  if (!views)
    return 0;
  // Every byte that a view claims must be one of the input's.
  std::size_t claimed = 0;
  for (const auto& [name, view] : *views) {
    if (!view.bytes.empty() && (view.bytes.data() < bytes.data() ||
                                view.bytes.data() + view.bytes.size() > bytes.data() + size))
      std::abort();
    claimed += view.bytes.size();
  }
  if (claimed > size)
    std::abort();
  return 0;
}

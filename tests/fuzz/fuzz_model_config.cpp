#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tensors/files/model_config.hpp"
#include "tensors/files/model_profile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto config = dci::parse_model_config("fuzz", text)) {
    if (config->heads % config->kv_heads != 0 || config->head_dim == 0)
      std::abort();
    const auto profile = dci::profile_of(*config);
    if (profile.weight_bytes({0, config->layers}) == 0)
      std::abort();
  }
  (void)dci::parse_generation_config("fuzz", text, 1000);
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "tensors/files/gguf.hpp"
#include "tensors/files/gguf_config.hpp"
#include "tensors/text/gguf_tokenizer.hpp"
#include "tensors/text/tokenizer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto contents = dci::parse_gguf("fuzz", bytes);
  if (!contents)
    return 0;
  // Every byte that a tensor claims must be one of the input's, and no other tensor's.
  std::size_t claimed = contents->header.size();
  for (const auto& [name, view] : contents->tensors) {
    if (!view.bytes.empty() && (view.bytes.data() < bytes.data() + contents->header.size() ||
                                view.bytes.data() + view.bytes.size() > bytes.data() + size))
      std::abort();
    claimed += view.bytes.size();
  }
  if (claimed > size)
    std::abort();
  const auto config = dci::config_of_gguf("fuzz", contents->metadata, contents->tensors);
  if (config &&
      (config->heads % config->kv_heads != 0 || config->head_dim == 0 || config->vocab == 0 ||
       (!config->rope_divisors.empty() && config->rope_divisors.size() != config->head_dim / 2)))
    std::abort();
  if (auto parts = dci::text::parts_of_gguf("fuzz", contents->metadata)) {
    const auto tokens = dci::tokenizer::of(std::move(*parts));
    const auto ids = tokens->encode("a ab  <n> \n12", true);
    if (!ids)
      return 0;
    for (const auto id : *ids)
      if (!tokens->token_of(id))
        std::abort();
    (void)tokens->decode(*ids);
  }
  return 0;
}

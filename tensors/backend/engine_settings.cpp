#include "tensors/backend/engine_settings.hpp"

#include "runtime/base/units.hpp"
#include "tensors/backend/backend.hpp"

namespace dci {

namespace {

constexpr std::uint32_t most_threads = 1024;
constexpr std::uint32_t most_proposals = 16;

} // namespace

decode_outcome check(const engine_settings& settings) {
  if (auto kind = backend_from(settings.backend); !kind)
    return decode_error{"/backend", kind.error().message};
  if (settings.threads > most_threads)
    return decode_error{"/threads", "threads goes up to " + std::to_string(most_threads)};
  if (settings.kv_memory != "auto") {
    const auto bytes = parse_bytes(settings.kv_memory);
    if (!bytes || *bytes == 0)
      return decode_error{"/kv_memory", "\"" + settings.kv_memory +
                                            "\" is no size; write one such as \"2GiB\", or "
                                            "\"auto\""};
  }
  if (settings.kv_format != "f32" && settings.kv_format != "f16")
    return decode_error{"/kv_format",
                        "there is no \"" + settings.kv_format + "\"; write f32 or f16"};
  if (settings.kv_format == "f16" && settings.backend != "native")
    return decode_error{"/kv_format", "f16 is for backend = \"native\"; write f32"};
  if (settings.activations != "f32" && settings.activations != "f16")
    return decode_error{"/activations",
                        "there is no \"" + settings.activations + "\"; write f32 or f16"};
  const bool draft = settings.speculation == "draft";
  if (!draft && settings.speculation != "off" && settings.speculation != "prompt_lookup")
    return decode_error{"/speculation", "there is no \"" + settings.speculation +
                                            "\"; write off, prompt_lookup or draft"};
  if (draft && settings.draft.empty())
    return decode_error{"/speculation", "name the smaller model that guesses, as draft"};
  if (!draft && !settings.draft.empty())
    return decode_error{"/draft", "it is used with speculation = \"draft\" only"};
  if (settings.proposals == 0 || settings.proposals > most_proposals)
    return decode_error{"/proposals", "proposals goes from 1 to " + std::to_string(most_proposals)};
  return {};
}

std::uint64_t kv_bytes(const engine_settings& settings) {
  return settings.kv_memory == "auto" ? 0 : parse_bytes(settings.kv_memory).value_or(0);
}

} // namespace dci

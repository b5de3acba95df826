// How fast one process computes a whole model: no actors, no messages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "apps/dci-bench/measurement.hpp"
#include "runtime/base/error.hpp"

namespace dci {

struct engine_flags {
  std::filesystem::path model;
  std::string backend = "native";
  std::string instructions = "auto";
  std::uint32_t threads = 0; ///< 0: one a core
  std::uint32_t tokens = 0;
  std::uint32_t rounds = 5;
};

/// Every round starts with an empty cache and generates so many tokens, one at a
/// time, with logits and a greedy choice. Errors: those of loading; bad_request
/// for more tokens than the context.
expected<measurement> measure_decode(const engine_flags& flags);

/// Every round runs a prompt of so many tokens, with the logits after the last.
expected<measurement> measure_prefill(const engine_flags& flags);

} // namespace dci

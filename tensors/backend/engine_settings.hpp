// How a stage computes, as topology files and command lines say it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "runtime/base/json_codec.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

struct engine_settings {
  std::string backend = "native";
  std::uint32_t threads = 0;
  std::string instructions = "auto";
  std::string kv_memory = "auto";
  std::string kv_format = "f32";
  std::string activations = "f32";
  std::string speculation = "off";
  std::filesystem::path draft;
  std::uint32_t proposals = 8;

  static constexpr std::string_view type_name = "engine_settings";
  static constexpr auto fields() {
    using self = engine_settings;
    return std::tuple{
        field("backend", &self::backend,
              "native: our own kernels, bit-exact; torch: LibTorch's operators in F32"),
        field("threads", &self::threads, "compute threads of the process; 0: one a core"),
        field(
            "instructions", &self::instructions,
            "what the kernels of the process use, such as \"AVX2\"; \"auto\": the best the machine "
            "has. The answers are the same"),
        field("kv_memory", &self::kv_memory,
              "keys and values of all sessions of one stage, such as \"2GiB\"; \"auto\": a quarter "
              "of the memory, at most eight full contexts"),
        field("kv_format", &self::kv_format,
              "f32, or f16: half the memory, with keys and values rounded"),
        field("activations", &self::activations,
              "f32, or f16: rows are rounded after every block, and take half the bytes between "
              "stages"),
        field("speculation", &self::speculation,
              "guess tokens ahead, and check several in one pass: off, prompt_lookup or draft"),
        field("draft", &self::draft, "speculation = \"draft\": the smaller model that guesses"),
        field("proposals", &self::proposals, "most tokens guessed at once, 1 to 16"),
    };
  }
  friend bool operator==(const engine_settings&, const engine_settings&) = default;
};

/// What is wrong with a value that is of the right kind: its path, such as
/// "/threads", and what to write instead.
decode_outcome check(const engine_settings& settings);

/// Bytes of kv_memory; 0 for "auto". Call after check.
std::uint64_t kv_bytes(const engine_settings& settings);

} // namespace dci

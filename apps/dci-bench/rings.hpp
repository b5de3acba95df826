// How fast rings of real processes answer.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "apps/dci-bench/measurement.hpp"
#include "runtime/base/error.hpp"
#include "tensors/backend/engine_settings.hpp"

namespace dci {

struct ring_bench_flags {
  std::filesystem::path model;
  engine_settings engine;
  std::uint32_t tokens = 128;
  std::uint32_t rounds = 5;
  std::uint32_t starts = 4;
  std::uint32_t processes = 3;
  std::uint32_t sessions = 8;
  std::uint32_t delay_ms = 50;
  std::string prompt = "In the beginning of the world, and the world, and the world, and the "
                       "world, and the world, and";
};

/// One session through a ring of several processes, in turn with one through a ring
/// of one stage in this process. Both are started several times, in turn one of them first: which
/// memory a process gets can decide by a third how fast it is read. The ratio is the median of
/// those of the starts.
expected<measurement> measure_ring(const ring_bench_flags& flags);

/// Several sessions at once, in turn with one, in this process.
expected<measurement> measure_sessions(const ring_bench_flags& flags);

/// A ring whose every hop takes longer by delay_ms, with speculation, in turn with the
/// same ring without. Errors: check_failed when the tokens differ.
expected<measurement> measure_speculation(const ring_bench_flags& flags);

} // namespace dci

// One line of what dci-bench prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/reflect.hpp"
#include "runtime/base/statistics.hpp"

namespace dci {

/// What does not apply to a measurement is absent.
struct measurement {
  std::string what;
  std::string model;
  std::string backend;
  std::string instructions;
  std::uint32_t threads = 0;
  std::uint32_t tokens = 0;
  std::uint32_t rounds = 0;
  std::optional<std::uint32_t> starts, processes, sessions;
  std::optional<double> tokens_per_s, seconds, p50_us, p99_us;
  double relative_spread = 0;
  std::optional<double> weight_gb;
  std::string reference;
  std::optional<double> reference_tokens_per_s, reference_seconds, reference_p50_us;
  std::optional<double> ratio;
  std::optional<double> read_gb_per_s, bandwidth_reached;

  static constexpr std::string_view type_name = "measurement";
  static constexpr auto fields() {
    using self = measurement;
    return std::tuple{
        field("what", &self::what, "the verb"),
        field("model", &self::model, "the model's folder or file"),
        field("backend", &self::backend, "native or torch"),
        field("instructions", &self::instructions, "what the kernels use"),
        field("threads", &self::threads, "compute threads of each process"),
        field("tokens", &self::tokens, "tokens of one round, of each session"),
        field("rounds", &self::rounds, "rounds measured, after one that was not"),
        field("starts", &self::starts,
              "how often both sides were started, each for so many rounds"),
        field("processes", &self::processes, "processes of the ring"),
        field("sessions", &self::sessions, "sessions at once"),
        field("tokens_per_s", &self::tokens_per_s, "the median round, of all sessions together"),
        field("seconds", &self::seconds, "the median round"),
        field("p50_us", &self::p50_us, "one hop, microseconds: the median"),
        field("p99_us", &self::p99_us, "one hop: 99 of 100 are faster"),
        field("relative_spread", &self::relative_spread, "(best - worst) / median"),
        field("weight_gb", &self::weight_gb, "10^9 bytes of weights in memory"),
        field("reference", &self::reference, "what was measured beside it, round by round"),
        field("reference_tokens_per_s", &self::reference_tokens_per_s, "its median"),
        field("reference_seconds", &self::reference_seconds, "its median"),
        field("reference_p50_us", &self::reference_p50_us, "its median"),
        field("ratio", &self::ratio, "this one's figure / the reference's"),
        field("read_gb_per_s", &self::read_gb_per_s,
              "10^9 bytes/s of a loop that only reads, on as many threads, between the rounds"),
        field("bandwidth_reached", &self::bandwidth_reached,
              "decode: weights read per second / read_gb_per_s"),
    };
  }
};

/// A JSON object in one line, or a line for people.
void print(const measurement& m, bool json);

} // namespace dci

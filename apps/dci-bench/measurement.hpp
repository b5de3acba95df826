// One line of what dci-bench prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/reflect.hpp"

namespace dci {

/// The middle of several rounds, and how far apart the best and the worst were.
struct spread {
  double median = 0;
  double relative = 0; ///< (best - worst) / median
};
spread spread_of(std::vector<double> rounds);

struct measurement {
  std::string what;
  std::string model;
  std::string backend;
  std::string instructions;
  std::uint32_t threads = 0;
  std::uint32_t tokens = 0;
  std::uint32_t rounds = 0;
  double tokens_per_s = 0;
  double relative_spread = 0;
  double weight_gb = 0;
  double read_gb_per_s = 0;
  std::optional<double> bandwidth_reached;

  static constexpr std::string_view type_name = "measurement";
  static constexpr auto fields() {
    using self = measurement;
    return std::tuple{
        field("what", &self::what, "decode or prefill"),
        field("model", &self::model, "the model's folder"),
        field("backend", &self::backend, "native or torch"),
        field("instructions", &self::instructions, "what the kernels use"),
        field("threads", &self::threads, "compute threads"),
        field("tokens", &self::tokens, "tokens of one round"),
        field("rounds", &self::rounds, "rounds measured, after one that was not"),
        field("tokens_per_s", &self::tokens_per_s, "the median round"),
        field("relative_spread", &self::relative_spread, "(best - worst) / median"),
        field("weight_gb", &self::weight_gb, "10^9 bytes of weights in memory"),
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

// What was not taken, and why.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/reflect.hpp"

namespace dci {

/// How often something was dropped, and why.
struct refusal_count {
  std::string reason;
  std::uint64_t times = 0;

  static constexpr std::string_view type_name = "refusal_count";
  static constexpr auto fields() {
    using self = refusal_count;
    return std::tuple{field("reason", &self::reason, "what was wrong with it"),
                      field("times", &self::times, "how many were dropped for it")};
  }
};

inline std::vector<refusal_count> to_list(const std::map<std::string, std::uint64_t>& refused) {
  std::vector<refusal_count> out;
  for (const auto& [reason, times] : refused)
    out.push_back({reason, times});
  return out;
}

} // namespace dci

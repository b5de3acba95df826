// Getting certificates from authorities.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "runtime/host/credentials.hpp"

namespace dci {

/// What a node has got.
struct enrolment {
  node_id node;
  std::vector<std::string> authorities; ///< who vouch for it
  wall_time until;                      ///< the earliest end of their certificates
};

/// Asks one authority after the other, each for at most `longest`, until as many vouch for the
/// plan's key as are needed, and writes their certificates to the plan's file. Errors: refused when
/// too few do, with what each has said; bad_config; bad_file.
expected<enrolment> enrol(const enrolment_plan& plan, const std::string& token,
                          std::chrono::milliseconds longest = std::chrono::seconds{10});

} // namespace dci

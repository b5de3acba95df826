// Getting certificates from authorities.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "net/tls/tls_link.hpp"
#include "runtime/host/credentials.hpp"

namespace dci {

/// What a node has got.
struct enrolment {
  node_id node;
  std::vector<std::string> authorities; ///< who vouch for it
  wall_time until;                      ///< the earliest end of their certificates
};

/// Asks one authority after the other, each as long as patience says, until as many vouch for the
/// plan's key as are needed, and writes their certificates to the plan's file. token: empty where
/// the node has some that hold. Errors: refused when too few do, with what each has said;
/// bad_config; bad_file; cancelled.
expected<enrolment> enrol(const enrolment_plan& plan, const std::string& token,
                          tls_patience patience = std::chrono::seconds{10});

} // namespace dci

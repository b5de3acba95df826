// What the tests of topology files share.
#pragma once

#include <string>
#include <vector>

#include "runtime/host/topology/topology.hpp"

namespace dci::test {

/// Knows the types shard_executor (model, layers) and echo (any settings); every
/// model has six layers, but one whose folder is called "broken".
topology_checks sample_checks();

/// Parses as ring.toml in the folder /srv.
expected<topology> parse_sample(const std::string& text);

/// The text is refused as bad_topology at "LINE:COL", in one line that has all
/// these words and a remedy.
void check_fault(const std::string& text, const std::string& place,
                 const std::vector<std::string>& words);

/// The same topology as if nobody knew where it was written.
topology without_places(topology t);

} // namespace dci::test

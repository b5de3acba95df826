// How we run CAF.
#pragma once

#include <caf/actor_system_config.hpp>

namespace dci {

/// Our message types, the middleman, and the settings that measure best for
/// rings (docs/ARCHITECTURE.md, "CAF").
class system_config : public caf::actor_system_config {
 public:
  system_config();
};

} // namespace dci

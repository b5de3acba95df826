// ZeroMQ's frames as messages of an actor.
#pragma once

#include <memory>
#include <string>

#include <caf/scheduled_actor.hpp>

#include "actors/protocols.hpp"

namespace dci {

/// Frames for the actor of this name become its frame_arrived, until it ends.
void hear_frames(caf::scheduled_actor* self, const std::string& name,
                 const std::shared_ptr<frame_port>& port);

} // namespace dci

// What a tunnel's end answers.
#pragma once

#include "actors/tunnel/messages.hpp"

namespace dci {

/// address: the entry's.
tunnel_description describe(std::string address, const tunnel_figures& figures);

} // namespace dci

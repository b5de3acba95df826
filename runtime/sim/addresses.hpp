// Who is who in a simulation: addresses count up, and the number is the node's.
#pragma once

#include <cstdint>

#include "net/endpoint.hpp"
#include "runtime/base/node_id.hpp"
#include "runtime/base/random.hpp"

namespace dci {

inline endpoint address_of(std::uint32_t index) {
  endpoint out;
  out.ip[10] = out.ip[11] = 0xff;
  for (std::size_t i = 16; i-- > 12; index >>= 8)
    out.ip[i] = static_cast<std::uint8_t>(index);
  out.port = 4700;
  return out;
}

inline std::uint32_t index_of(const endpoint& where) {
  std::uint32_t index = 0;
  for (std::size_t i = 12; i < 16; ++i)
    index = index << 8 | where.ip[i];
  return index;
}

inline node_id any_id(random_source& random) {
  node_id id;
  for (std::size_t i = 0; i < node_id::size; i += 8) {
    auto word = random.next();
    for (std::size_t byte = 0; byte < 8; ++byte, word >>= 8)
      id.bytes[i + byte] = static_cast<std::uint8_t>(word);
  }
  return id;
}

} // namespace dci

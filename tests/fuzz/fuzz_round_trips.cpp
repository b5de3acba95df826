// Matrices of round trips.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/sim/network.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = dci::parse_round_trips({reinterpret_cast<const char*>(data), size}, 1);
  if (!read)
    return 0;
  const auto network = dci::network_of(*read);
  for (std::uint32_t i = 0; i < network->size(); ++i)
    if (network->one_way(i, 0) != network->one_way(0, i))
      std::abort();
  return 0;
}

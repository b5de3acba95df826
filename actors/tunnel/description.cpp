#include "actors/tunnel/description.hpp"

#include <utility>

namespace dci {

tunnel_description describe(std::string address, const tunnel_figures& figures) {
  tunnel_description out;
  out.address = std::move(address);
  out.state = figures.state;
  out.why = figures.why;
  out.doors = figures.doors;
  for (const auto& one : figures.doors) {
    out.connections += one.connections;
    out.bytes_in += one.bytes_in;
    out.bytes_out += one.bytes_out;
  }
  out.refused = to_list(figures.refused);
  return out;
}

} // namespace dci

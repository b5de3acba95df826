#include "runtime/base/node_id.hpp"

#include "runtime/base/hex.hpp"

namespace dci {

std::string to_string(const node_id& id) {
  return to_hex(id.bytes);
}

std::string short_name(const node_id& id) {
  return to_string(id).substr(0, 8);
}

expected<node_id> parse_node_id(std::string_view text) {
  node_id out;
  if (!from_hex(text, out.bytes))
    return fail(errc::bad_config, "\"" + std::string(text.substr(0, 80)) +
                                      "\" is no node id: those are 64 digits 0 to 9 and a to f");
  return out;
}

} // namespace dci

#include "actors/tunnel/actor_entry.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "actors/tunnel/description.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

expected<std::unique_ptr<tunnel_entry>> open(const spawn_context& context,
                                             const tunnel_entry_config& config) {
  if (!context.credentials)
    return fail(errc::unsupported, "a tunnel's entry without credentials would open doors for "
                                   "anybody: give host " +
                                       context.host + " credentials");
  tunnel_entry::settings out;
  DCI_ASSIGN(out.listen, parse_address(config.listen));
  if (config.calls_port == 0 && out.listen.port == 65'535)
    return fail(errc::bad_config, "there is no port after 65535: say calls_port");
  out.calls_port =
      config.calls_port != 0 ? config.calls_port : static_cast<std::uint16_t>(out.listen.port + 1);
  out.doors = {config.first_port, config.last_port, config.most_doors};
  out.most_connections = config.most_connections;
  out.most_bytes = config.most_bytes;
  return tunnel_entry::start(context.credentials, out);
}

} // namespace

tunnel_entry_actor::behavior_type
keep_tunnel_entry(tunnel_entry_pointer self, spawn_context context, tunnel_entry_config config) {
  auto opened = open(context, config);
  if (opened) {
    self->state.entry = std::move(*opened);
  } else {
    spdlog::error("{}: {}", context.name, opened.error().message);
    self->quit(to_caf(opened.error()));
  }
  return {[self](const tunnel_describe_request&) {
    const auto& entry = *self->state.entry;
    return describe(to_string(entry.where()), entry.figures());
  }};
}

} // namespace dci

#include "actors/tunnel/actor_exit.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "actors/tunnel/description.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

expected<tunnel_exit::door> door_of(const tunnel_door& wanted) {
  tunnel_exit::door out;
  if (wanted.transport == "udp")
    out.transport = door_transport::udp;
  else if (wanted.transport != "tcp")
    return fail(errc::bad_config, "a door's transport must be \"tcp\" or \"udp\"");
  DCI_ASSIGN(out.at, parse_address(wanted.at));
  if (!wanted.to.empty()) {
    DCI_ASSIGN(const auto to, parse_address(wanted.to));
    out.to = to;
  }
  return out;
}

result begin(tunnel_exit_state& state, const spawn_context& context,
             const tunnel_exit_config& config) {
  if (!context.credentials)
    return fail(errc::unsupported, "a tunnel's entry lets in nobody without credentials: give "
                                   "host " +
                                       context.host + " some");
  tunnel_exit::settings out;
  DCI_ASSIGN(out.entry, parse_address(config.entry));
  for (const auto& wanted : config.doors) {
    DCI_ASSIGN(const auto one, door_of(wanted));
    if (one.transport == door_transport::udp)
      state.udp_door = wanted.at;
    out.doors.push_back(one);
  }
  out.most_connections = config.most_connections;
  out.most_bytes = config.most_bytes;
  state.entry = config.entry;
  DCI_ASSIGN(state.exit, tunnel_exit::start(context.credentials, out));
  return {};
}

expected<tunnel_handle> hand_out(const tunnel_exit_state& state, const std::string& name) {
  if (!state.exit->way())
    return fail(errc::not_found, "the tunnel \"" + name + "\" has no door of udp for a link");
  if (state.exit->way()->is_used())
    return fail(errc::already_exists, "another link goes through the tunnel \"" + name + "\"");
  return tunnel_handle{state.exit->way(), state.udp_door};
}

} // namespace

tunnel_exit_actor::behavior_type keep_tunnel_exit(tunnel_exit_pointer self, spawn_context context,
                                                  tunnel_exit_config config) {
  if (const auto begun = begin(self->state, context, config); !begun) {
    spdlog::error("{}: {}", context.name, begun.error().message);
    self->quit(to_caf(begun.error()));
  }
  return {
      [self](const tunnel_describe_request&) {
        return describe(self->state.entry, self->state.exit->figures());
      },
      [self, name = context.name](const open_tunnel_request&) -> caf::result<tunnel_handle> {
        auto out = hand_out(self->state, name);
        if (!out)
          return to_caf(out.error());
        return std::move(*out);
      },
  };
}

} // namespace dci

#include "actors/relay/actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "runtime/base/log.hpp"

namespace dci {
namespace {

expected<std::vector<sender_conditions>> senders_of(const std::vector<relay_sender>& all) {
  std::vector<sender_conditions> out;
  for (const auto& one : all) {
    DCI_ASSIGN(const auto from, parse_address(one.from));
    DCI_ASSIGN(const auto where, resolve(from));
    out.push_back({where, one.conditions});
  }
  return out;
}

result begin(relay_state& state, const relay_config& config) {
  DCI_ASSIGN(const auto listen, parse_address(config.listen));
  DCI_ASSIGN(const auto to, parse_address(config.to));
  // It asks nobody who he is.
  if (!is_loopback(listen))
    return fail(errc::unsupported, "a relay at " + config.listen +
                                       " would be open to strangers: listen on a loopback address");
  if (config.transport == "tcp") {
    if (!config.senders.empty())
      return fail(errc::bad_config, "senders can be told apart on udp only");
    DCI_ASSIGN(state.tcp, stream_relay::start(listen, to, config.conditions));
  } else if (config.transport == "udp") {
    DCI_ASSIGN(auto senders, senders_of(config.senders));
    DCI_ASSIGN(state.udp, datagram_relay::start(listen, to, config.conditions, std::move(senders)));
  } else {
    return fail(errc::bad_config, "transport must be \"tcp\" or \"udp\"");
  }
  state.is = {config.transport, config.listen, config.to, config.conditions, config.senders};
  return {};
}

result shape(relay_state& state, const shape_request& wanted) {
  if (state.tcp) {
    if (!wanted.senders.empty())
      return fail(errc::bad_config, "senders can be told apart on udp only");
    DCI_TRY(state.tcp->set(wanted.conditions));
  } else {
    DCI_ASSIGN(auto senders, senders_of(wanted.senders));
    DCI_TRY(state.udp->set(wanted.conditions, std::move(senders)));
  }
  state.is.conditions = wanted.conditions;
  state.is.senders = wanted.senders;
  return {};
}

} // namespace

relay_actor::behavior_type relay(relay_pointer self, spawn_context context, relay_config config) {
  if (const auto begun = begin(self->state, config); !begun) {
    spdlog::error("{}: {}", context.name, begun.error().message);
    self->quit(to_caf(begun.error()));
  }
  return {
      [self](const relay_describe_request&) { return self->state.is; },
      [self](const shape_request& wanted) -> caf::result<relay_description> {
        if (const auto done = shape(self->state, wanted); !done)
          return to_caf(done.error());
        return self->state.is;
      },
  };
}

} // namespace dci

#include "actors/link/actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "net/datagram/node_link.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

expected<node_identity> identity_of(const spawn_context& context, const link_config& config) {
  if (context.credentials) {
    if (!config.key.empty())
      return fail(errc::bad_config, "host " + context.host +
                                        " has credentials, whose key is the node's: leave key out");
    return node_identity{context.credentials->key(), context.credentials};
  }
  DCI_ASSIGN(auto key, config.key.empty() ? node_key::generate() : node_key::load(config.key));
  return node_identity{std::make_shared<const node_key>(std::move(key)), nullptr};
}

expected<std::shared_ptr<node_link>> open(const spawn_context& context, const link_config& config) {
  DCI_ASSIGN(const auto listen, parse_address(config.listen));
  DCI_ASSIGN(auto identity, identity_of(context, config));
  DCI_ASSIGN(const auto advertise,
             parse_address(config.advertise.empty() ? config.listen : config.advertise));
  return node_link::open(listen, advertise, std::move(identity));
}

link_description describe(const node_link& link) {
  const auto figures = link.figures();
  return {to_string(link.self().id), to_string(link.self().where), figures.sent, figures.bytes_sent,
          figures.received,          to_list(figures.refused)};
}

} // namespace

link_actor::behavior_type link(link_pointer self, spawn_context context, link_config config) {
  auto opened = open(context, config);
  if (opened) {
    self->state.link = std::move(*opened);
  } else {
    spdlog::error("{}: {}", context.name, opened.error().message);
    self->quit(to_caf(opened.error()));
  }
  return {
      [self](const link_describe_request&) { return describe(*self->state.link); },
      [self](const open_link_request&) { return link_handle{self->state.link}; },
  };
}

} // namespace dci

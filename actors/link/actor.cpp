#include "actors/link/actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "actors/link/actor_beside.hpp"
#include "net/datagram/node_link.hpp"
#include "net/tunnel/tunnel_way.hpp"

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

expected<std::shared_ptr<node_link>> open(const spawn_context& context, const link_config& config,
                                          const tunnel_handle& tunnel) {
  const bool has_own = !config.listen.empty();
  if (!has_own && context.listen.empty())
    return fail(errc::bad_config, "host " + context.host +
                                      " listens nowhere: say where the link does, as in "
                                      "listen = \"127.0.0.1:4801\"");
  DCI_ASSIGN(const auto listen, parse_address(has_own ? config.listen : context.listen));
  DCI_ASSIGN(auto identity, identity_of(context, config));
  const auto& own = tunnel.way ? tunnel.at : has_own ? config.listen : context.address;
  DCI_ASSIGN(const auto advertise,
             parse_address(config.advertise.empty() ? own : config.advertise));
  return node_link::open(listen, advertise, std::move(identity), tunnel.way);
}

void begin(link_pointer self, const spawn_context& context, const link_config& config,
           const tunnel_handle& tunnel) {
  auto opened = open(context, config, tunnel);
  if (opened)
    self->state.link = std::move(*opened);
  else
    give_up(self, context.name, to_caf(opened.error()));
}

// Nobody is answered before the link is open.
void begin_with_tunnel(link_pointer self, const spawn_context& context, const link_config& config) {
  const auto gives_up = [self, name = context.name](caf::error& e) { give_up(self, name, e); };
  self->request(caf::actor_cast<node_actor>(context.node), longest_wait_beside,
                find_request{config.tunnel})
      .await(
          [=](const actor_info& found) {
            self->request(caf::actor_cast<tunnel_exit_actor>(found.actor), longest_wait_beside,
                          open_tunnel_request{})
                .await(
                    [=](const tunnel_handle& tunnel) {
                      if (tunnel.way)
                        begin(self, context, config, tunnel);
                      else
                        give_up(self, context.name,
                                to_caf({errc::bad_config, "\"" + config.tunnel +
                                                              "\" is a tunnel of another "
                                                              "process"}));
                    },
                    gives_up);
          },
          gives_up);
}

link_description describe(const node_link& link) {
  const auto figures = link.figures();
  return {to_string(link.self().id), to_string(link.self().where), figures.sent, figures.bytes_sent,
          figures.received,          to_list(figures.refused)};
}

} // namespace

link_actor::behavior_type link(link_pointer self, spawn_context context, link_config config) {
  if (config.tunnel.empty())
    begin(self, context, config, {});
  else
    begin_with_tunnel(self, context, config);
  return {
      [self](const link_describe_request&) { return describe(*self->state.link); },
      [self](const open_link_request&) { return link_handle{self->state.link}; },
  };
}

} // namespace dci

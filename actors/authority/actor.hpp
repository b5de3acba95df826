// An authority as an actor: vouches for the nodes that its rule admits.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "net/identity/authority.hpp"
#include "net/tls/tls_question.hpp"
#include "runtime/base/log_limit.hpp"

namespace dci {

struct authority_state {
  spawn_context context;
  authority_config config;
  std::unique_ptr<admission_rule> rule;
  std::optional<authority> issuer;
  std::unique_ptr<tls_answerer> door;
  std::uint64_t issued = 0;
  std::map<std::string, std::uint64_t> refused;
  log_limit refusals_logged;
};

using authority_inside = authority_actor::extend<caf::reacts_to<certificate_question>>;
using authority_pointer = authority_inside::stateful_pointer<authority_state>;

/// Quits with the reason where its folder, its rule or its address is wrong.
authority_inside::behavior_type vouch(authority_pointer self, spawn_context context,
                                      authority_config config);

} // namespace dci

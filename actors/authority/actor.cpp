#include "actors/authority/actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "actors/authority/wire.hpp"
#include "net/identity/pem.hpp"
#include "net/identity/renewal.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

constexpr std::uint32_t most_hours = 24 * 365;

expected<std::unique_ptr<admission_rule>> rule_of(const authority_config& config) {
  if (config.nodes.empty() == config.token_file.empty())
    return fail(errc::bad_config, "say who gets a certificate: either nodes or token_file");
  if (!config.token_file.empty()) {
    DCI_ASSIGN(auto token, read_enrolment_token(config.token_file));
    DCI_ASSIGN(auto rule, shared_token::of(token));
    return std::make_unique<shared_token>(std::move(rule));
  }
  std::unordered_set<node_id> nodes;
  for (const auto& text : config.nodes) {
    DCI_ASSIGN(const auto id, parse_node_id(text));
    nodes.insert(id);
  }
  return std::make_unique<listed_nodes>(std::move(nodes));
}

std::chrono::seconds lifetime(const authority_config& config) {
  return config.seconds > 0 ? std::chrono::seconds{config.seconds}
                            : std::chrono::hours{config.hours};
}

expected<certify_reply> certify(authority_state& state, const certify_request& asked) {
  DCI_ASSIGN(auto request, certificate_request::parse(asked.request));
  const auto id = request.id();
  DCI_ASSIGN(auto made,
             state.issuer->issue({std::move(request), asked.token}, *state.rule,
                                 tls_context::system_wall_time(), lifetime(state.config)));
  spdlog::info("{}: node {} has a certificate for {}", state.context.name, to_string(id),
               span_text(lifetime(state.config)));
  return certify_reply{std::move(made)};
}

expected<certify_reply> answer(authority_state& state, const certify_request& asked) {
  auto out = certify(state, asked);
  if (out) {
    ++state.issued;
  } else {
    if (state.refusals_logged.allows())
      spdlog::warn("{}: no certificate: {}", state.context.name, out.error().message);
    ++state.refused[std::string{to_string(out.error().code)}];
  }
  return out;
}

// What one without a certificate is told: what goes wrong inside is none of his business.
certify_refusal told(const error& why) {
  const bool is_his =
      why.code == errc::refused || why.code == errc::bad_message || why.code == errc::unsupported;
  return {std::string{to_string(why.code)}, is_his ? why.message : std::string{meaning(why.code)}};
}

void hear(authority_state& state, certificate_question& question) {
  if (!question.answer)
    return; // it has come from another process
  const auto asked = unpack_certify_request(question.bytes);
  if (!asked)
    ++state.refused[std::string{to_string(asked.error().code)}];
  const auto said = asked ? answer(state, *asked) : fail(asked.error());
  question.answer(pack_certify_answer(said ? certify_answer{*said} : told(said.error())));
}

expected<withdraw_reply> withdraw(authority_state& state, const withdraw_request& wanted) {
  DCI_ASSIGN(const auto node, parse_node_id(wanted.node));
  DCI_ASSIGN(const auto reason, parse_revocation_reason(wanted.reason));
  DCI_ASSIGN(const auto list, state.issuer->revoke(node, tls_context::system_wall_time(), reason));
  if (state.context.credentials)
    if (const auto added = state.context.credentials->add_revocations(list); !added)
      spdlog::warn("{}: its host does not take the list: {}", state.context.name,
                   added.error().message);
  DCI_ASSIGN(auto pem, to_pem(pem_kind::revocation_list, list));
  return withdraw_reply{std::move(pem)};
}

result begin(authority_pointer self) {
  auto& state = self->state;
  const auto& config = state.config;
  if (config.hours == 0 || config.hours > most_hours ||
      lifetime(config) > std::chrono::hours{most_hours})
    return fail(errc::bad_config, "hours must be from 1 to " + std::to_string(most_hours));
  DCI_ASSIGN(const auto listen, parse_address(config.listen));
  DCI_ASSIGN(state.rule, rule_of(config));
  DCI_ASSIGN(state.issuer, authority::load(config.folder));
  DCI_ASSIGN(auto context, tls_context::open_to_anybody(state.issuer->key(), state.issuer->root()));
  const auto hears = [to = caf::actor_cast<caf::weak_actor_ptr>(self)](
                         byte_vector bytes, tls_answerer::answer answer) {
    if (const auto strong = to.lock())
      caf::anon_send(caf::actor_cast<authority_inside>(strong),
                     certificate_question{std::move(bytes), std::move(answer)});
  };
  DCI_ASSIGN(state.door, tls_answerer::open(std::move(context), listen, hears));
  return {};
}

template <class Reply>
caf::result<Reply> to_result(expected<Reply> made) {
  if (!made)
    return to_caf(made.error());
  return std::move(*made);
}

authority_description describe(const authority_state& state) {
  return {state.issuer->root().name, to_string(state.door->where()), state.issued,
          to_list(state.refused)};
}

} // namespace

authority_inside::behavior_type vouch(authority_pointer self, spawn_context context,
                                      authority_config config) {
  self->state.context = std::move(context);
  self->state.config = std::move(config);
  if (const auto begun = begin(self); !begun) {
    spdlog::error("{}: {}", self->state.context.name, begun.error().message);
    self->quit(to_caf(begun.error()));
  }
  return {
      [self](const certify_request& asked) { return to_result(answer(self->state, asked)); },
      [self](const withdraw_request& wanted) { return to_result(withdraw(self->state, wanted)); },
      [self](const authority_describe_request&) { return describe(self->state); },
      [self](certificate_question& question) { hear(self->state, question); },
  };
}

} // namespace dci

#include "runtime/host/enrolment.hpp"

#include <algorithm>

#include "actors/authority/wire.hpp"
#include "net/identity/certificate_request.hpp"
#include "net/identity/pem.hpp"
#include "net/identity/private_file.hpp"
#include "net/shown.hpp"
#include "net/tls/tls_question.hpp"

namespace dci {
namespace {

constexpr std::size_t most_shown = 400;

expected<byte_vector> understand(const byte_vector& answer) {
  DCI_ASSIGN(auto said, unpack_certify_answer(answer));
  if (const auto* no = std::get_if<certify_refusal>(&said))
    return fail(errc_from_string(no->code), printable(no->message, most_shown));
  return std::move(std::get<certify_reply>(said).certificate);
}

/// What authorities have given so far.
struct collection {
  const enrolment_plan& plan;
  std::vector<byte_vector> held = {};
  std::vector<std::string> names = {};

  /// Errors: why it is worth nothing.
  result add(const byte_vector& der) {
    DCI_ASSIGN(const auto made, parse_certificate(der));
    if (made.key != plan.key->public_half())
      return fail(errc::bad_message, "the certificate is for another key");
    DCI_ASSIGN(const auto any, trust_store::of(plan.roots));
    DCI_TRY(any.verify({{der}}, tls_context::system_wall_time()));
    if (std::ranges::find(names, made.issuer_name) != names.end())
      return fail(errc::bad_config, "it is an authority that was asked before");
    held.push_back(der);
    names.push_back(made.issuer_name);
    return {};
  }
};

} // namespace

expected<enrolment> enrol(const enrolment_plan& plan, const std::string& token,
                          tls_patience patience) {
  DCI_ASSIGN(const auto trusted, trust_store::of(plan.roots, plan.needed));
  DCI_ASSIGN(const auto context, tls_context::without_certificates(trusted));
  DCI_ASSIGN(const auto request, certificate_request::make(*plan.key));
  const auto question = pack_certify_request({request, token});
  collection got{plan};
  std::string said;
  for (const auto& whom : plan.authorities) {
    if (got.held.size() == plan.needed)
      break;
    auto done = tls_ask(context, whom, question, patience).and_then(understand);
    if (!done && done.error().code == errc::cancelled)
      return fail(done.error());
    const auto added = done ? got.add(*done) : fail(done.error());
    if (!added)
      said += "; " + to_string(whom) + ": " + added.error().message;
  }
  if (got.held.size() < plan.needed)
    return fail(errc::refused, std::to_string(got.held.size()) + " of " +
                                   std::to_string(plan.needed) +
                                   " needed authorities vouch for this node" + said);
  DCI_ASSIGN(const auto node, trusted.verify(got.held, tls_context::system_wall_time()));
  std::string text;
  for (const auto& der : got.held) {
    DCI_ASSIGN(const auto pem, to_pem(pem_kind::certificate, der));
    text += pem;
  }
  DCI_TRY(replace_file(plan.output, text, file_readers::everyone));
  return enrolment{node.id, got.names, node.valid_until};
}

} // namespace dci

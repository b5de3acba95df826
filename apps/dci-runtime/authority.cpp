#include <cstdio>

#include "apps/dci-runtime/verbs.hpp"
#include "net/identity/authority.hpp"
#include "net/identity/pem.hpp"
#include "runtime/base/files.hpp"
#include "runtime/base/json_codec.hpp"

namespace dci {
namespace {

wall_time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void say(const common_flags& common, const json& fields) {
  if (common.json) {
    std::puts(fields.dump().c_str());
    return;
  }
  for (const auto& [name, value] : fields.items())
    std::printf("%s: %s\n", name.c_str(), value.get_ref<const std::string&>().c_str());
}

expected<byte_vector> read_request(const std::filesystem::path& file) {
  DCI_ASSIGN(const auto text, read_file(file, 2 * max_request_bytes));
  return from_pem(file.string(), pem_kind::certificate_request, text);
}

} // namespace

result create_authority(const common_flags& common, const authority_flags& flags) {
  DCI_ASSIGN(const auto made, authority::create(flags.folder, flags.name, now(),
                                                std::chrono::hours{24} * flags.days));
  say(common, {{"authority", made.root().name},
               {"root certificate", (flags.folder / "authority.crt").string()}});
  return {};
}

result issue_certificate(const common_flags& common, const authority_flags& flags) {
  DCI_ASSIGN(auto issuer, authority::load(flags.folder));
  DCI_ASSIGN(const auto der, read_request(flags.request));
  DCI_ASSIGN(auto request, certificate_request::parse(der));
  const auto id = request.id();
  const listed_nodes rule({id}); // the operator has named the file: that is the rule
  DCI_ASSIGN(const auto issued,
             issuer.issue({std::move(request), ""}, rule, now(), std::chrono::hours{flags.hours}));
  DCI_ASSIGN(const auto pem, to_pem(pem_kind::certificate, issued));
  DCI_TRY(write_file(flags.output, pem));
  say(common, {{"node", to_string(id)}, {"certificate", flags.output.string()}});
  return {};
}

result revoke_node(const common_flags& common, const authority_flags& flags) {
  DCI_ASSIGN(const auto node, parse_node_id(flags.node));
  DCI_ASSIGN(const auto reason, parse_revocation_reason(flags.reason));
  DCI_ASSIGN(auto issuer, authority::load(flags.folder));
  DCI_ASSIGN(const auto list, issuer.revoke(node, now(), reason));
  DCI_ASSIGN(const auto pem, to_pem(pem_kind::revocation_list, list));
  DCI_TRY(write_file(flags.output, pem));
  say(common, {{"revoked node", flags.node}, {"revocation list", flags.output.string()}});
  return {};
}

} // namespace dci

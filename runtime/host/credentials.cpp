#include "runtime/host/credentials.hpp"

#include <algorithm>
#include <iterator>

#include "net/identity/pem.hpp"
#include "runtime/base/files.hpp"
#include "runtime/base/reflect.hpp"
#include "runtime/host/kept_revocations.hpp"
#include "runtime/host/topology/toml_source.hpp"

namespace dci {
namespace {

constexpr std::size_t most_bytes = 64 * 1024;

struct credentials_entry {
  std::string key;
  std::vector<std::string> certificates;
  std::vector<std::string> roots;
  std::uint32_t needed = 1;
  std::vector<std::string> revocations;
  std::vector<std::string> authorities;
  std::optional<std::vector<std::string>> domain;

  static constexpr std::string_view type_name = "credentials";
  static constexpr auto fields() {
    using self = credentials_entry;
    return std::tuple{
        required("key", &self::key, "the node's key file, as dci-runtime keygen makes it"),
        required("certificates", &self::certificates, "of that key, from authorities"),
        required("roots", &self::roots, "certificates of the authorities that this node trusts"),
        field("needed", &self::needed, "how many of them must vouch for a node"),
        field("revocations", &self::revocations, "revocation lists that are known already"),
        field("authorities", &self::authorities, "where enroll asks for certificates: HOST:PORT"),
        field("domain", &self::domain, "the nodes of this trust domain, by id")};
  }
};

expected<credentials_entry> read_entry(const std::filesystem::path& file) {
  DCI_ASSIGN(const auto text, read_file(file, most_bytes));
  DCI_ASSIGN(const auto source, topology_file::toml_source::parse(text, file.string()));
  credentials_entry out;
  if (const auto wrong = from_json_value(source.value(), out))
    return source.fail_at(wrong->path, wrong->message);
  return out;
}

expected<std::optional<std::set<node_id>>> read_domain(const std::filesystem::path& file,
                                                       const credentials_entry& entry) {
  if (!entry.domain)
    return std::nullopt;
  std::set<node_id> out;
  for (const auto& text : *entry.domain) {
    const auto id = parse_node_id(text);
    if (!id)
      return fail(errc::bad_config, file.string() + ": domain: " + id.error().message);
    out.insert(*id);
  }
  return out;
}

expected<std::vector<certificate>> load_all(const std::filesystem::path& folder,
                                            const std::vector<std::string>& names) {
  std::vector<certificate> out;
  for (const auto& name : names) {
    DCI_ASSIGN(auto some, load_certificates(folder / name));
    std::ranges::move(some, std::back_inserter(out));
  }
  return out;
}

result add_list(tls_context& to, const std::filesystem::path& file) {
  DCI_ASSIGN(const auto text, read_file(file, 2 * max_revocation_list_bytes));
  DCI_ASSIGN(const auto der, from_pem(file.string(), pem_kind::revocation_list, text));
  if (const auto added = to.add_revocations(der); !added)
    return fail(added.error().code, file.string() + ": " + added.error().message);
  return {};
}

} // namespace

expected<std::shared_ptr<tls_context>> load_credentials(const std::filesystem::path& file) {
  if (file.empty())
    return nullptr;
  DCI_ASSIGN(const auto entry, read_entry(file));
  const auto folder = file.parent_path();
  DCI_ASSIGN(auto key, node_key::load(folder / entry.key));
  DCI_ASSIGN(auto certificates, load_all(folder, entry.certificates));
  DCI_ASSIGN(auto roots, load_all(folder, entry.roots));
  auto trusted = trust_store::of(std::move(roots), entry.needed);
  if (!trusted)
    return fail(trusted.error().code, file.string() + ": " + trusted.error().message);
  DCI_ASSIGN(auto domain, read_domain(file, entry));
  auto out = tls_context::open({std::make_shared<const node_key>(std::move(key)),
                                std::move(certificates), std::move(*trusted), std::move(domain)});
  if (!out)
    return fail(out.error().code, file.string() + ": " + out.error().message);
  for (const auto& name : entry.revocations)
    DCI_TRY(add_list(**out, folder / name));
  DCI_TRY(add_kept_revocations(**out, file));
  return out;
}

expected<certificate_files> load_certificate_files(const std::filesystem::path& file) {
  DCI_ASSIGN(const auto entry, read_entry(file));
  certificate_files out;
  for (const auto& name : entry.certificates)
    out.paths.push_back(file.parent_path() / name);
  out.names_authorities = !entry.authorities.empty();
  return out;
}

expected<std::vector<certificate>> load_own_certificates(const certificate_files& files) {
  std::vector<certificate> out;
  for (const auto& path : files.paths) {
    DCI_ASSIGN(auto some, load_certificates(path));
    std::ranges::move(some, std::back_inserter(out));
  }
  return out;
}

expected<enrolment_plan> load_enrolment_plan(const std::filesystem::path& file) {
  DCI_ASSIGN(const auto entry, read_entry(file));
  const auto folder = file.parent_path();
  if (entry.authorities.empty())
    return fail(errc::bad_config, file.string() + ": names no authority to ask; add authorities = "
                                                  "[\"HOST:PORT\"]");
  if (entry.certificates.size() != 1)
    return fail(errc::bad_config,
                file.string() + ": certificates must name one file, which enroll writes");
  enrolment_plan out;
  DCI_ASSIGN(auto key, node_key::load(folder / entry.key));
  out.key = std::make_shared<const node_key>(std::move(key));
  out.output = folder / entry.certificates.front();
  out.needed = entry.needed;
  DCI_ASSIGN(out.roots, load_all(folder, entry.roots));
  for (const auto& text : entry.authorities) {
    auto where = parse_address(text);
    if (!where)
      return fail(where.error().code, file.string() + ": authorities: " + where.error().message);
    out.authorities.push_back(std::move(*where));
  }
  return out;
}

} // namespace dci

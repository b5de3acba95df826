#include "net/identity/certificate.hpp"

#include <string_view>

#include "net/identity/openssl_ptr.hpp"
#include "net/identity/pem.hpp"
#include "net/identity/x509_parts.hpp"
#include "runtime/base/files.hpp"

namespace dci {

namespace {

constexpr std::string_view what_would_do = "; it must be an X.509v3 certificate in DER";

/// Whether the only subjectAltName is this URI.
bool only_name_is(X509* x, const std::string& uri) {
  const general_names_ptr names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x, NID_subject_alt_name, nullptr, nullptr))};
  if (!names || sk_GENERAL_NAME_num(names.get()) != 1)
    return false;
  const auto* name = sk_GENERAL_NAME_value(names.get(), 0);
  if (name->type != GEN_URI)
    return false;
  const auto* text = name->d.uniformResourceIdentifier;
  return std::string_view{reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                          static_cast<std::size_t>(ASN1_STRING_length(text))} == uri;
}

void read_usage(certificate& out, X509* x) {
  const auto flags = X509_get_extension_flags(x);
  const bool authority = (flags & EXFLAG_CA) != 0;
  // Without the extension OpenSSL answers that every usage is allowed.
  const auto usage = (flags & EXFLAG_KUSAGE) != 0 ? X509_get_key_usage(x) : 0;
  const auto extended = (flags & EXFLAG_XKUSAGE) != 0 ? X509_get_extended_key_usage(x) : 0;
  constexpr std::uint32_t issuing = KU_KEY_CERT_SIGN | KU_CRL_SIGN;
  constexpr std::uint32_t both_ends = XKU_SSL_SERVER | XKU_SSL_CLIENT;
  out.may_issue = authority && (usage & issuing) == issuing;
  out.may_connect = !authority && (usage & issuing) == 0 && (usage & KU_DIGITAL_SIGNATURE) != 0 &&
                    (extended & both_ends) == both_ends;
}

} // namespace

std::string node_uri(const node_id& id) {
  return "dci-node:" + to_string(id);
}

expected<certificate> parse_certificate(byte_view der) {
  const clean_errors clean;
  const auto bad = [](const std::string& why) {
    return fail(errc::bad_message, "a certificate " + why + std::string{what_would_do});
  };
  if (der.size() > max_certificate_bytes)
    return bad("has " + std::to_string(der.size()) + " bytes, more than the limit of " +
               std::to_string(max_certificate_bytes));
  auto x = whole_der<x509_ptr>(der, d2i_X509);
  if (!x)
    return bad(openssl_failure("is damaged"));
  // Also makes OpenSSL read the extensions.
  const auto flags = X509_get_extension_flags(x.get());
  if ((flags & EXFLAG_INVALID) != 0 || X509_get_version(x.get()) != X509_VERSION_3)
    return bad("has extensions that contradict one another, or an old version");
  if ((flags & EXFLAG_CRITICAL) != 0)
    return bad("has a critical extension that is not known here");

  certificate out;
  const auto serial = serial_text(X509_get0_serialNumber(x.get()));
  const auto begin = time_of(X509_get0_notBefore(x.get()));
  const auto end = time_of(X509_get0_notAfter(x.get()));
  const auto name = common_name(X509_get_subject_name(x.get()));
  if (!serial || !begin || !end || !name)
    return bad("has no serial number, validity or common name");
  DCI_ASSIGN(out.key, ed25519_half(X509_get0_pubkey(x.get())));
  out.der.assign(der.begin(), der.end());
  out.id = id_of(out.key);
  out.name = *name;
  out.issuer_name = common_name(X509_get_issuer_name(x.get())).value_or("");
  out.serial = *serial;
  out.not_before = *begin;
  out.not_after = *end;
  read_usage(out, x.get());
  out.names_own_id = out.name == to_string(out.id) && only_name_is(x.get(), node_uri(out.id));
  out.handle = std::shared_ptr<X509>{std::move(x)};
  return out;
}

expected<std::vector<certificate>> load_certificates(const std::filesystem::path& path) {
  // PEM takes four characters for three bytes, and line ends.
  DCI_ASSIGN(const auto text, read_file(path, 2 * max_certificates * max_certificate_bytes));
  std::vector<byte_vector> all{{text.begin(), text.end()}};
  if (looks_like_pem(text)) {
    DCI_ASSIGN(all, all_from_pem(path.string(), pem_kind::certificate, text));
  }
  if (all.size() > max_certificates)
    return fail(errc::bad_file, path.string() + ": more than " + std::to_string(max_certificates) +
                                    " certificates");
  std::vector<certificate> out;
  for (const auto& der : all) {
    auto one = parse_certificate(der);
    if (!one)
      return fail(in_context(path.string(), one.error()));
    out.push_back(std::move(*one));
  }
  return out;
}

expected<certificate> load_certificate(const std::filesystem::path& path) {
  DCI_ASSIGN(auto all, load_certificates(path));
  if (all.size() != 1)
    return fail(errc::bad_file, path.string() + ": " + std::to_string(all.size()) +
                                    " certificates, where one is wanted");
  return std::move(all.front());
}

signature_check check_signature(const certificate& signed_thing, const certificate& authority) {
  const clean_errors clean;
  auto* x = signed_thing.handle.get();
  if (X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(authority.handle.get())) != 0)
    return signature_check::other_issuer;
  return X509_verify(x, X509_get0_pubkey(authority.handle.get())) == 1 ? signature_check::good
                                                                       : signature_check::bad;
}

} // namespace dci

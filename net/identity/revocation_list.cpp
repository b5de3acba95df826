#include "net/identity/revocation_list.hpp"

#include <algorithm>

#include "net/identity/openssl_ptr.hpp"
#include "net/identity/x509_parts.hpp"
#include "net/shown.hpp"

namespace dci {

namespace {

template <class T, class GetCount, class GetExtension>
bool has_critical(const T* object, GetCount count, GetExtension get) {
  for (int i = 0; i < count(object); ++i)
    if (X509_EXTENSION_get_critical(get(object, i)) != 0)
      return true;
  return false;
}

/// False when an entry is not what we read.
bool read_serials(revocation_list& out, X509_CRL* crl) {
  auto* const entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const auto* entry = sk_X509_REVOKED_value(entries, i);
    auto serial = serial_text(X509_REVOKED_get0_serialNumber(entry));
    if (!serial || has_critical(entry, X509_REVOKED_get_ext_count, X509_REVOKED_get_ext))
      return false;
    out.serials.push_back(std::move(*serial));
  }
  std::sort(out.serials.begin(), out.serials.end());
  return true;
}

bool add_entry(X509_CRL* crl, const revoked_certificate& revoked) {
  x509_revoked_ptr entry{X509_REVOKED_new()};
  const auto serial = serial_number(revoked.serial);
  const auto since = asn1_time(revoked.since);
  if (!entry || !serial || !since ||
      X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), since.get()) != 1)
    return false;
  // RFC 5280 wants "unspecified" left out.
  if (revoked.reason != revocation_reason::unspecified) {
    const asn1_enumerated_ptr reason{ASN1_ENUMERATED_new()};
    if (!reason || ASN1_ENUMERATED_set(reason.get(), static_cast<int>(revoked.reason)) != 1 ||
        X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, reason.get(), 0, 0) != 1)
      return false;
  }
  if (X509_CRL_add0_revoked(crl, entry.get()) != 1)
    return false;
  entry.release(); // the list's now
  return true;
}

bool add_extensions(X509_CRL* crl, X509* root, std::uint64_t number) {
  const asn1_integer_ptr value{ASN1_INTEGER_new()};
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, root, nullptr, nullptr, crl, 0);
  const x509_extension_ptr issuer{
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always")};
  return value && issuer && ASN1_INTEGER_set_uint64(value.get(), number) == 1 &&
         X509_CRL_add1_ext_i2d(crl, NID_crl_number, value.get(), 0, 0) == 1 &&
         X509_CRL_add_ext(crl, issuer.get(), -1) == 1;
}

} // namespace

std::string_view to_string(revocation_reason reason) noexcept {
  switch (reason) {
#define DCI_REVOCATION_REASON_NAME(name, number)                                                   \
  case revocation_reason::name:                                                                    \
    return #name;
    DCI_REVOCATION_REASON_LIST(DCI_REVOCATION_REASON_NAME)
#undef DCI_REVOCATION_REASON_NAME
  }
  return "unknown";
}

expected<revocation_reason> parse_revocation_reason(std::string_view name) {
  std::string known;
#define DCI_REVOCATION_REASON_PARSE(value, number)                                                 \
  if (name == #value)                                                                              \
    return revocation_reason::value;                                                               \
  known += known.empty() ? #value : ", " #value;
  DCI_REVOCATION_REASON_LIST(DCI_REVOCATION_REASON_PARSE)
#undef DCI_REVOCATION_REASON_PARSE
  return fail(errc::bad_config, shown(name) + " is no reason to revoke; use one of " + known);
}

bool revocation_list::has(const std::string& serial) const {
  return std::binary_search(serials.begin(), serials.end(), serial);
}

expected<revocation_list> parse_revocation_list(byte_view der) {
  const clean_errors clean;
  const auto bad = [](const std::string& why) {
    return fail(errc::bad_message,
                "a revocation list " + why + "; it must be a complete X.509v2 list in DER");
  };
  if (der.size() > max_revocation_list_bytes)
    return bad("has " + std::to_string(der.size()) + " bytes, more than the limit of " +
               std::to_string(max_revocation_list_bytes));
  auto crl = whole_der<x509_crl_ptr>(der, d2i_X509_CRL);
  if (!crl)
    return bad(openssl_failure("is damaged"));
  revocation_list out;
  const asn1_integer_ptr number{static_cast<ASN1_INTEGER*>(
      X509_CRL_get_ext_d2i(crl.get(), NID_crl_number, nullptr, nullptr))};
  if (X509_CRL_get_version(crl.get()) != X509_CRL_VERSION_2 || !number ||
      ASN1_INTEGER_get_uint64(&out.number, number.get()) != 1)
    return bad("has no number, or an old version");
  const auto begin = time_of(X509_CRL_get0_lastUpdate(crl.get()));
  const auto end = time_of(X509_CRL_get0_nextUpdate(crl.get()));
  if (!begin || !end)
    return bad("lacks a date");
  if (has_critical(crl.get(), X509_CRL_get_ext_count, X509_CRL_get_ext))
    return bad("has a critical extension");
  if (!read_serials(out, crl.get()))
    return bad("has an entry that is not a certificate of its own authority");
  out.issuer_name = common_name(X509_CRL_get_issuer(crl.get())).value_or("");
  out.this_update = *begin;
  out.next_update = *end;
  out.handle = std::shared_ptr<X509_CRL>{std::move(crl)};
  return out;
}

signature_check check_signature(const revocation_list& signed_thing, const certificate& authority) {
  const clean_errors clean;
  auto* const crl = signed_thing.handle.get();
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(authority.handle.get())) != 0)
    return signature_check::other_issuer;
  return X509_CRL_verify(crl, X509_get0_pubkey(authority.handle.get())) == 1 ? signature_check::good
                                                                             : signature_check::bad;
}

expected<byte_vector> make_revocation_list(const node_key& authority_key, const certificate& root,
                                           std::uint64_t number, wall_time this_update,
                                           wall_time next_update,
                                           std::span<const revoked_certificate> revoked) {
  const clean_errors clean;
  const x509_crl_ptr crl{X509_CRL_new()};
  auto* const root_x = root.handle.get();
  const auto begin = asn1_time(this_update), end = asn1_time(next_update);
  if (!crl || !begin || !end || X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(root_x)) != 1 ||
      X509_CRL_set1_lastUpdate(crl.get(), begin.get()) != 1 ||
      X509_CRL_set1_nextUpdate(crl.get(), end.get()) != 1 ||
      !std::all_of(revoked.begin(), revoked.end(),
                   [&](const auto& entry) { return add_entry(crl.get(), entry); }) ||
      !add_extensions(crl.get(), root_x, number) ||
      X509_CRL_sign(crl.get(), authority_key.handle(), nullptr) <= 0)
    return fail_openssl("a revocation list cannot be made");
  DCI_ASSIGN(auto der, der_of(crl.get(), i2d_X509_CRL));
  if (der.size() > max_revocation_list_bytes)
    return fail(
        errc::unsupported,
        "a revocation list of " + std::to_string(revoked.size()) +
            " certificates is larger than 1 MiB; issue shorter lifetimes, so that fewer are "
            "still valid when they are revoked");
  return der;
}

} // namespace dci

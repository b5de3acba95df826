#include "net/identity/certificate_maker.hpp"

#include <algorithm>
#include <span>

#include "net/identity/openssl_ptr.hpp"
#include "net/identity/x509_parts.hpp"
#include "net/shown.hpp"

namespace dci {

namespace {

constexpr int serial_bits = 128;
constexpr std::size_t longest_name = 64; // RFC 5280, ub-common-name

struct extension {
  int nid;
  std::string value; ///< as OpenSSL's configuration files write it
};

/// The parts of a certificate that differ.
struct plan {
  public_key subject;
  std::string subject_name;
  wall_time not_before;
  wall_time not_after;
  std::vector<extension> extensions;
};

bool add_serial(X509* x) {
  const bignum_ptr number{BN_new()};
  // The highest bit is set, so that every serial number is 16 bytes long and none is zero.
  return number && BN_rand(number.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x)) != nullptr;
}

bool add_extensions(X509* x, X509* issuer, std::span<const extension> extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x, nullptr, nullptr, 0);
  return std::all_of(extensions.begin(), extensions.end(), [&](const extension& e) {
    const x509_extension_ptr made{X509V3_EXT_conf_nid(nullptr, &context, e.nid, e.value.c_str())};
    return made && X509_add_ext(x, made.get(), -1) == 1;
  });
}

/// issuer null: signed by itself.
expected<certificate> make(const plan& p, const node_key& signer, const certificate* issuer) {
  const clean_errors clean;
  const x509_ptr x{X509_new()};
  const auto subject_name = name_of(p.subject_name);
  const auto subject = ed25519_pkey(p.subject);
  const auto begin = asn1_time(p.not_before), end = asn1_time(p.not_after);
  if (!x || !subject_name || !subject || !begin || !end)
    return fail_openssl("the parts of a certificate cannot be made");
  auto* const issuer_x = issuer != nullptr ? issuer->handle.get() : x.get();
  const auto* const issuer_name =
      issuer != nullptr ? X509_get_subject_name(issuer_x) : subject_name.get();
  if (X509_set_version(x.get(), X509_VERSION_3) != 1 || !add_serial(x.get()) ||
      X509_set_subject_name(x.get(), subject_name.get()) != 1 ||
      X509_set_issuer_name(x.get(), issuer_name) != 1 ||
      X509_set1_notBefore(x.get(), begin.get()) != 1 ||
      X509_set1_notAfter(x.get(), end.get()) != 1 || X509_set_pubkey(x.get(), subject.get()) != 1 ||
      !add_extensions(x.get(), issuer_x, p.extensions) ||
      X509_sign(x.get(), signer.handle(), nullptr) <= 0)
    return fail_openssl("a certificate cannot be made");
  DCI_ASSIGN(const auto der, der_of(x.get(), i2d_X509));
  return parse_certificate(der);
}

result check_length(std::chrono::seconds validity) {
  if (validity <= std::chrono::seconds{0} || validity > longest_validity)
    return fail(errc::bad_config, "a certificate cannot be valid for " +
                                      std::to_string(validity.count()) +
                                      " s; give more than 0 s and at most 100 years");
  return {};
}

} // namespace

expected<certificate> make_root(const node_key& key, const std::string& name, wall_time now,
                                std::chrono::seconds validity) {
  if (name.empty() || name.size() > longest_name ||
      std::any_of(name.begin(), name.end(), [](char c) { return c < 0x20 || c > 0x7e; }))
    return fail(errc::bad_config, shown(name) + " cannot be an authority's name; give 1 to 64 "
                                                "printable ASCII characters");
  DCI_TRY(check_length(validity));
  const plan p{key.public_half(),
               name,
               now - clock_tolerance,
               now + validity,
               {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                {NID_key_usage, "critical,keyCertSign,cRLSign"},
                {NID_subject_key_identifier, "hash"}}};
  return make(p, key, nullptr);
}

expected<certificate> make_node_certificate(const node_key& authority_key, const certificate& root,
                                            const public_key& subject, wall_time now,
                                            std::chrono::seconds lifetime) {
  DCI_TRY(check_length(lifetime));
  const auto id = id_of(subject);
  const plan p{subject,
               to_string(id),
               now - clock_tolerance,
               std::min<wall_time>(now + lifetime, root.not_after),
               {{NID_basic_constraints, "critical,CA:FALSE"},
                {NID_key_usage, "critical,digitalSignature"},
                {NID_ext_key_usage, "serverAuth,clientAuth"},
                {NID_subject_alt_name, "URI:" + node_uri(id)},
                {NID_subject_key_identifier, "hash"},
                {NID_authority_key_identifier, "keyid:always"}}};
  return make(p, authority_key, &root);
}

} // namespace dci

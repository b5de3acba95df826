#include "net/identity/certificate_request.hpp"

#include "net/identity/openssl_ptr.hpp"
#include "net/identity/x509_parts.hpp"
#include "net/shown.hpp"

namespace dci {

expected<byte_vector> certificate_request::make(const node_key& key) {
  const clean_errors clean;
  const x509_request_ptr request{X509_REQ_new()};
  const auto name = name_of(to_string(key.id()));
  if (!request || !name || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_subject_name(request.get(), name.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.handle()) != 1 ||
      X509_REQ_sign(request.get(), key.handle(), nullptr) <= 0)
    return fail_openssl("a certificate request cannot be made");
  return der_of(request.get(), i2d_X509_REQ);
}

expected<certificate_request> certificate_request::parse(byte_view der) {
  const clean_errors clean;
  const auto bad = [](const std::string& why) {
    return fail(errc::bad_message, "a certificate request " + why +
                                       "; it must be a PKCS#10 request in DER, made by the node");
  };
  if (der.size() > max_request_bytes)
    return bad("has " + std::to_string(der.size()) + " bytes, more than the limit of " +
               std::to_string(max_request_bytes));
  const auto request = whole_der<x509_request_ptr>(der, d2i_X509_REQ);
  if (!request)
    return bad(openssl_failure("is damaged"));
  auto* const pair = X509_REQ_get0_pubkey(request.get());
  DCI_ASSIGN(const auto key, ed25519_half(pair));
  if (X509_REQ_verify(request.get(), pair) != 1)
    return bad("is not signed with its own key");
  const auto name = common_name(X509_REQ_get_subject_name(request.get())).value_or("");
  if (const auto id = to_string(id_of(key)); name != id)
    return bad("names " + shown(name) + " but its key's id is " + id);
  return certificate_request{key};
}

} // namespace dci

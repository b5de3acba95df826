#include "tests/net/identity/fixture.hpp"

#include <stdlib.h>

#include "net/identity/x509_parts.hpp"

namespace dci::test {

scratch::scratch() {
  auto name = (std::filesystem::temp_directory_path() / "dci-identity-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path = name;
}

scratch::~scratch() {
  std::filesystem::remove_all(path);
}

signer::signer(const std::string& name, wall_time made, std::chrono::seconds validity)
    : key(must(node_key::generate())), root(must(make_root(key, name, made, validity))) {
}

byte_vector signer::vouch(const node_key& node, wall_time when,
                          std::chrono::seconds lifetime) const {
  return must(make_node_certificate(key, root, node.public_half(), when, lifetime)).der;
}

forgery honest(const node_id& id, const std::string& issuer) {
  forgery out;
  out.name = to_string(id);
  out.issuer = issuer;
  out.alternative = "URI:" + node_uri(id);
  return out;
}

namespace {

void add(X509* x, int nid, const std::string& value) {
  if (value.empty())
    return;
  const x509_extension_ptr made{X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str())};
  REQUIRE(made);
  REQUIRE(X509_add_ext(x, made.get(), -1) == 1);
}

} // namespace

byte_vector forge(const forgery& f, EVP_PKEY* subject, EVP_PKEY* signing_key) {
  const x509_ptr x{X509_new()};
  REQUIRE(X509_set_version(x.get(), f.version) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 77);
  REQUIRE(X509_set_subject_name(x.get(), name_of(f.name).get()) == 1);
  REQUIRE(X509_set_issuer_name(x.get(), name_of(f.issuer).get()) == 1);
  REQUIRE(X509_set1_notBefore(x.get(), asn1_time(now - 1h).get()) == 1);
  REQUIRE(X509_set1_notAfter(x.get(), asn1_time(now + 1h).get()) == 1);
  REQUIRE(X509_set_pubkey(x.get(), subject) == 1);
  add(x.get(), NID_basic_constraints, f.constraints);
  add(x.get(), NID_key_usage, f.usage);
  add(x.get(), NID_ext_key_usage, f.extended_usage);
  add(x.get(), NID_subject_alt_name, f.alternative);
  if (!f.policy.empty()) {
    const openssl_ptr<ASN1_OBJECT, ASN1_OBJECT_free> kind{OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1)};
    const openssl_ptr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value{ASN1_OCTET_STRING_new()};
    ASN1_OCTET_STRING_set(value.get(), reinterpret_cast<const unsigned char*>(f.policy.data()),
                          static_cast<int>(f.policy.size()));
    const x509_extension_ptr made{
        X509_EXTENSION_create_by_OBJ(nullptr, kind.get(), 1, value.get())};
    REQUIRE(X509_add_ext(x.get(), made.get(), -1) == 1);
  }
  REQUIRE(X509_sign(x.get(), signing_key, nullptr) > 0);
  return must(der_of(x.get(), i2d_X509));
}

} // namespace dci::test

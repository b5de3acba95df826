#include "net/identity/certificate_request.hpp"

#include "net/identity/pem.hpp"
#include "net/identity/x509_parts.hpp"
#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

byte_vector request_of(const std::string& name, EVP_PKEY* subject, EVP_PKEY* signing_key,
                       const EVP_MD* digest = nullptr) {
  const x509_request_ptr request{X509_REQ_new()};
  REQUIRE(X509_REQ_set_subject_name(request.get(), name_of(name).get()) == 1);
  REQUIRE(X509_REQ_set_pubkey(request.get(), subject) == 1);
  REQUIRE(X509_REQ_sign(request.get(), signing_key, digest) > 0);
  return must(der_of(request.get(), i2d_X509_REQ));
}

TEST_CASE("a request says whose key it is") {
  const auto key = must(node_key::generate());
  const auto der = must(certificate_request::make(key));
  const auto request = must(certificate_request::parse(der));
  CHECK(request.key() == key.public_half());
  CHECK(request.id() == key.id());
  const auto text = must(to_pem(pem_kind::certificate_request, der));
  CHECK(must(from_pem("r", pem_kind::certificate_request, text)) == der);
  CHECK(has(why(from_pem("r", pem_kind::certificate, text)), "r: not PEM of that kind"));
}

TEST_CASE("a request for another's key or name is refused") {
  const auto mine = must(node_key::generate()), other = must(node_key::generate());
  const auto own_name = to_string(mine.id());
  CHECK(certificate_request::parse(request_of(own_name, mine.handle(), mine.handle())));
  CHECK(has(why(certificate_request::parse(
                request_of(to_string(other.id()), other.handle(), mine.handle()))),
            "not signed with its own key"));
  const auto misnamed =
      certificate_request::parse(request_of(to_string(other.id()), mine.handle(), mine.handle()));
  CHECK(has(why(misnamed), "but its key's id is " + own_name));
  CHECK(misnamed.error().code == errc::bad_message);
  CHECK_FALSE(certificate_request::parse(request_of("a\nb", mine.handle(), mine.handle())));
  const pkey_ptr elliptic{EVP_EC_gen("P-256")};
  const auto unsupported = certificate_request::parse(
      request_of(own_name, elliptic.get(), elliptic.get(), EVP_sha256()));
  CHECK(has(why(unsupported), "not an Ed25519 key"));
  CHECK(unsupported.error().code == errc::unsupported);
}

TEST_CASE("a request is all of its bytes, and not too many") {
  const auto der = must(certificate_request::make(must(node_key::generate())));
  for (std::size_t n = 0; n < der.size(); n += 7)
    why(certificate_request::parse(byte_view(der).first(n)));
  auto longer = der;
  longer.push_back(0);
  CHECK(has(why(certificate_request::parse(longer)), "damaged"));
  longer.resize(max_request_bytes + 1);
  CHECK(has(why(certificate_request::parse(longer)), "more than the limit of 16384"));
  auto bent = der;
  bent.back() ^= 1;
  CHECK(has(why(certificate_request::parse(bent)), "not signed with its own key"));
}

} // namespace
} // namespace dci::test

#include "net/identity/revocation_list.hpp"

#include "net/identity/pem.hpp"
#include "net/identity/x509_parts.hpp"
#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

byte_vector list_of(const signer& authority, std::uint64_t number,
                    const std::vector<revoked_certificate>& revoked = {}) {
  return must(make_revocation_list(authority.key, authority.root, number, now, now + 24h, revoked));
}

/// The same list with one more extension, signed again.
byte_vector with_extension(const signer& authority, const byte_vector& der, int nid,
                           const char* value) {
  const auto crl = whole_der<x509_crl_ptr>(der, d2i_X509_CRL);
  const x509_extension_ptr made{X509V3_EXT_conf_nid(nullptr, nullptr, nid, value)};
  REQUIRE(made);
  REQUIRE(X509_CRL_add_ext(crl.get(), made.get(), -1) == 1);
  REQUIRE(X509_CRL_sign(crl.get(), authority.key.handle(), nullptr) > 0);
  return must(der_of(crl.get(), i2d_X509_CRL));
}

TEST_CASE("a list names the revoked") {
  const signer authority("alpha");
  const std::vector<revoked_certificate> revoked{
      {"ff00000000000000000000000000000000000001", now, revocation_reason::key_compromise},
      {"0a", now - 1h, revocation_reason::unspecified}};
  const auto list = must(parse_revocation_list(list_of(authority, 7, revoked)));
  CHECK(list.issuer_name == "alpha");
  CHECK(list.number == 7);
  CHECK(list.this_update == now);
  CHECK(list.next_update == now + 24h);
  CHECK(list.serials.size() == 2);
  for (const auto& entry : revoked)
    CHECK(list.has(entry.serial));
  CHECK_FALSE(list.has("0b"));
  CHECK(check_signature(list, authority.root) == signature_check::good);
  CHECK(check_signature(list, signer("beta").root) == signature_check::other_issuer);
  CHECK(check_signature(list, signer("alpha").root) == signature_check::bad);
}

TEST_CASE("a list is all of its bytes, and not too many") {
  const auto der = list_of(signer("alpha"), 1, {{"0a", now, revocation_reason::superseded}});
  for (std::size_t n = 0; n < der.size(); n += 7)
    why(parse_revocation_list(byte_view(der).first(n)));
  auto longer = der;
  longer.push_back(0);
  CHECK(has(why(parse_revocation_list(longer)), "damaged"));
  longer.resize(max_revocation_list_bytes + 1);
  CHECK(has(why(parse_revocation_list(longer)), "more than the limit of 1048576"));
}

TEST_CASE("a list of changes, or of others' certificates, is refused") {
  const signer authority("alpha");
  const auto der = list_of(authority, 3);
  // A list of changes has a number like any other, and few entries.
  CHECK(has(why(parse_revocation_list(
                with_extension(authority, der, NID_delta_crl, "critical,DER:02:01:01"))),
            "critical extension"));
  CHECK(has(why(parse_revocation_list(with_extension(authority, der, NID_issuing_distribution_point,
                                                     "critical,DER:30:03:84:01:FF"))),
            "critical extension"));
  CHECK(parse_revocation_list(with_extension(authority, der, NID_netscape_comment, "DER:16:01:61"))
            .has_value());
}

TEST_CASE("an entry with a condition is refused") {
  const signer authority("alpha");
  const auto der = list_of(authority, 3, {{"0a", now, revocation_reason::unspecified}});
  for (const auto& [value, good] :
       {std::pair{"DER:16:01:61", true}, std::pair{"critical,DER:16:01:61", false}}) {
    const auto crl = whole_der<x509_crl_ptr>(der, d2i_X509_CRL);
    auto* const entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl.get()), 0);
    const x509_extension_ptr made{
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_netscape_comment, value)};
    REQUIRE(X509_REVOKED_add_ext(entry, made.get(), -1) == 1);
    REQUIRE(X509_CRL_sign(crl.get(), authority.key.handle(), nullptr) > 0);
    const auto list = parse_revocation_list(must(der_of(crl.get(), i2d_X509_CRL)));
    if (good)
      CHECK(must(list).has("0a"));
    else
      CHECK(has(why(list), "has an entry that is not"));
  }
}

TEST_CASE("an authority cannot sign a list that others would not read") {
  const signer authority("alpha");
  std::vector<revoked_certificate> revoked(40000);
  for (std::size_t i = 0; i < revoked.size(); ++i)
    revoked[i] = {"01" + std::to_string(10000000000000 + i), now,
                  revocation_reason::key_compromise};
  const auto many = make_revocation_list(authority.key, authority.root, 1, now, now + 24h, revoked);
  CHECK(has(why(many), "larger than 1 MiB"));
  CHECK(many.error().code == errc::unsupported);
}

TEST_CASE("reasons are words") {
  for (const auto reason : {revocation_reason::unspecified, revocation_reason::key_compromise,
                            revocation_reason::privilege_withdrawn})
    CHECK(must(parse_revocation_reason(to_string(reason))) == reason);
  CHECK(has(why(parse_revocation_reason("boredom")), "unspecified, key_compromise, superseded"));
}

} // namespace
} // namespace dci::test

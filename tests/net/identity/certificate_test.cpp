#include "net/identity/certificate.hpp"

#include <set>

#include "net/identity/pem.hpp"
#include "runtime/base/files.hpp"
#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

TEST_CASE("an authority's root says what it is for") {
  const signer authority("alpha", now, 48h);
  const auto& root = authority.root;
  CHECK(root.key == authority.key.public_half());
  CHECK(root.id == authority.key.id());
  CHECK(root.name == "alpha");
  CHECK(root.issuer_name == "alpha");
  CHECK(root.may_issue);
  CHECK_FALSE(root.may_connect);
  CHECK(root.not_before == now - 5min);
  CHECK(root.not_after == now + 48h);
  CHECK(check_signature(root, root) == signature_check::good);
  CHECK(X509_get_pathlen(root.handle.get()) == 0);
}

TEST_CASE("a node's certificate says whose key it is, for both ends of TLS") {
  const signer authority("alpha");
  const auto key = must(node_key::generate());
  const auto c = must(parse_certificate(authority.vouch(key)));
  CHECK(c.key == key.public_half());
  CHECK(c.id == key.id());
  CHECK(c.name == to_string(key.id()));
  CHECK(c.names_own_id);
  CHECK(c.issuer_name == "alpha");
  CHECK(c.may_connect);
  CHECK_FALSE(c.may_issue);
  CHECK(c.not_before == now - 5min);
  CHECK(c.not_after == now + 24h);
  CHECK(c.serial.size() == 32);
  CHECK(check_signature(c, authority.root) == signature_check::good);
  CHECK(X509_check_purpose(c.handle.get(), X509_PURPOSE_SSL_SERVER, 0) == 1);
  CHECK(X509_check_purpose(c.handle.get(), X509_PURPOSE_SSL_CLIENT, 0) == 1);
}

TEST_CASE("serial numbers do not repeat") {
  const signer authority("alpha");
  const auto key = must(node_key::generate());
  std::set<std::string> serials;
  for (int i = 0; i < 50; ++i)
    serials.insert(must(parse_certificate(authority.vouch(key))).serial);
  CHECK(serials.size() == 50);
}

TEST_CASE("a node's certificate ends no later than its authority") {
  const signer authority("alpha", now, 10h);
  const auto c = must(parse_certificate(authority.vouch(must(node_key::generate()))));
  CHECK(c.not_after == now + 10h);
}

TEST_CASE("names and validities that X.509 cannot write are refused") {
  const auto key = must(node_key::generate());
  for (const auto& name : {std::string{}, std::string(65, 'a'), std::string{"a\nb"},
                           std::string{"a\0b", 3}, std::string{"\xff"}}) {
    CAPTURE(name);
    CHECK(has(why(make_root(key, name, now, 1h)), "cannot be an authority's name"));
  }
  CHECK(make_root(key, std::string(64, 'a'), now, 1h).has_value());
  CHECK(must(make_root(key, "a/CN=b,O=\\c", now, 1h)).name == "a/CN=b,O=\\c");
  const signer authority("alpha");
  for (const auto validity : {0s, -1s, std::chrono::seconds::max(), std::chrono::seconds::min()}) {
    CHECK(has(why(make_root(key, "a", now, validity)), "at most 100 years"));
    CHECK(has(
        why(make_node_certificate(authority.key, authority.root, key.public_half(), now, validity)),
        "at most 100 years"));
  }
  const auto old = must(make_root(key, "a", now, longest_validity));
  CHECK(date_text(old.not_after) == date_text(now + longest_validity));
}

TEST_CASE("an authority's signature is its own") {
  const signer alpha("alpha"), namesake("alpha"), beta("beta");
  const auto c = must(parse_certificate(alpha.vouch(must(node_key::generate()))));
  CHECK(check_signature(c, beta.root) == signature_check::other_issuer);
  CHECK(check_signature(c, namesake.root) == signature_check::bad);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a certificate is all of its bytes, and not too many") {
  const auto der = signer("alpha").vouch(must(node_key::generate()));
  for (std::size_t n = 0; n < der.size(); n += 7)
    why(parse_certificate(byte_view(der).first(n)));
  auto longer = der;
  longer.push_back(0);
  CHECK(has(why(parse_certificate(longer)), "damaged"));
  longer.resize(max_certificate_bytes + 1);
  CHECK(has(why(parse_certificate(longer)), "more than the limit of 16384"));
}

TEST_CASE("certificates of another making are refused or known for what they are") {
  const signer authority("alpha");
  const auto key = must(node_key::generate()), other = must(node_key::generate());
  const auto parse = [&](const forgery& f) {
    return parse_certificate(forge(f, key.handle(), authority.key.handle()));
  };
  const auto good = honest(key.id(), "alpha");
  REQUIRE(must(parse(good)).may_connect);
  REQUIRE(must(parse(good)).names_own_id);

  auto f = good;
  f.policy = "x";
  CHECK(has(why(parse(f)), "critical extension"));
  f = good;
  f.version = X509_VERSION_1;
  CHECK(has(why(parse(f)), "old version"));
  // The second has 32 bytes too, but signs nothing.
  const pkey_ptr elliptic{EVP_EC_gen("P-256")},
      exchange{EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")};
  for (const auto& subject : {elliptic.get(), exchange.get()}) {
    const auto unsupported = parse_certificate(forge(good, subject, authority.key.handle()));
    CHECK(has(why(unsupported), "not an Ed25519 key"));
    CHECK(unsupported.error().code == errc::unsupported);
  }

  for (const auto& wrong : {std::string{}, "URI:" + node_uri(other.id()),
                            "URI:" + node_uri(key.id()) + ",URI:" + node_uri(other.id()),
                            "DNS:" + node_uri(key.id()), "URI:" + node_uri(key.id()) + "0"}) {
    CAPTURE(wrong);
    f = good;
    f.alternative = wrong;
    CHECK_FALSE(must(parse(f)).names_own_id);
  }
  f = good;
  f.name = to_string(other.id());
  CHECK_FALSE(must(parse(f)).names_own_id);

  for (const auto member : {&forgery::usage, &forgery::extended_usage}) {
    f = good;
    (f.*member).clear();
    CHECK_FALSE(must(parse(f)).may_connect);
  }
  f = good;
  f.extended_usage = "serverAuth";
  CHECK_FALSE(must(parse(f)).may_connect);
  f = good;
  f.usage = "keyAgreement";
  CHECK_FALSE(must(parse(f)).may_connect);
  f = good;
  f.constraints = "critical,CA:TRUE";
  f.usage = "digitalSignature,keyCertSign,cRLSign";
  CHECK_FALSE(must(parse(f)).may_connect);
  CHECK(must(parse(f)).may_issue);
  for (const auto* usage : {"", "digitalSignature,keyCertSign", "cRLSign"}) {
    f.usage = usage;
    CHECK_FALSE(must(parse(f)).may_issue);
  }
}

TEST_CASE("a root comes from a file of DER or PEM") {
  const scratch dir;
  const auto path = dir.path / "authority.crt";
  const signer authority("alpha");
  const auto text = must(to_pem(pem_kind::certificate, authority.root.der));
  REQUIRE(write_file(path, text));
  CHECK(must(load_certificate(path)).der == authority.root.der);
  REQUIRE(write_file(path, text + text));
  CHECK(has(why(load_certificate(path)), "2 certificates, where one is wanted"));
  REQUIRE(write_file(path, text + "and more"));
  CHECK(has(why(load_certificate(path)), "not PEM of that kind"));
  REQUIRE(write_file(path, std::string(authority.root.der.begin(), authority.root.der.end())));
  CHECK(must(load_certificate(path)).der == authority.root.der);
  REQUIRE(write_file(path, "hello"));
  CHECK(why(load_certificate(path)).starts_with(path.string() + ": "));
  REQUIRE(write_file(path, std::string(3 * max_certificate_bytes, 'a')));
  CHECK(has(why(load_certificate(path)), "limit"));
  CHECK(has(why(load_certificate(dir.path / "none")), "no such file"));
}

TEST_CASE("a file holds the certificates of several authorities, one behind the other") {
  const scratch dir;
  const auto path = dir.path / "node.crt";
  const auto key = must(node_key::generate());
  std::string text;
  for (std::size_t i = 0; i < max_certificates; ++i)
    text += must(to_pem(pem_kind::certificate, signer("alpha").vouch(key))) + "\n";
  REQUIRE(write_file(path, text));
  const auto all = must(load_certificates(path));
  CHECK(all.size() == max_certificates);
  for (const auto& one : all)
    CHECK(one.key == key.public_half());
  REQUIRE(write_file(path, text + must(to_pem(pem_kind::certificate, all.front().der))));
  CHECK(has(why(load_certificates(path)), "more than 16"));
  REQUIRE(write_file(path, text.substr(0, text.size() - 40)));
  CHECK(has(why(load_certificates(path)), "PEM"));
  REQUIRE(write_file(path, ""));
  CHECK_FALSE(load_certificates(path));
}

} // namespace
} // namespace dci::test

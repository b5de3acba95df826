#include "net/identity/authority.hpp"

#include <sys/stat.h>

#include "net/identity/trust_store.hpp"
#include "runtime/base/files.hpp"
#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

constexpr std::chrono::days year{365};

/// Admits everybody.
class open_door final : public admission_rule {
 public:
  result decide(const enrolment_request&, wall_time) const override {
    return {};
  }
};

enrolment_request ask(const node_key& key) {
  return {must(certificate_request::parse(must(certificate_request::make(key)))), ""};
}

bool trusts(const trust_store& store, const byte_vector& der) {
  return store.verify(std::span(&der, 1), now).has_value();
}

TEST_CASE("an authority's folder has a key, a root and a ledger") {
  const scratch dir;
  const auto folder = dir.path / "deep" / "alpha";
  node_id id;
  {
    const auto made = must(authority::create(folder, "alpha", now, year));
    id = made.root().id;
    CHECK(made.root().name == "alpha");
    CHECK(made.root().not_after == now + year);
    CHECK(has(why(authority::load(folder)), "in use by another process"));
  }
  for (const auto& [name, mode] :
       {std::pair{"authority.key", 0600}, std::pair{"authority.crt", 0644},
        std::pair{"issued.json", 0600}}) {
    CAPTURE(name);
    struct stat about {};
    REQUIRE(stat((folder / name).c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == static_cast<unsigned>(mode));
  }
  CHECK(must(authority::load(folder)).root().id == id);
  const auto again = authority::create(folder, "alpha", now, year);
  CHECK(has(why(again), "is there already"));
  CHECK(again.error().code == errc::already_exists);
}

TEST_CASE("a folder that does not fit together is refused") {
  const scratch dir;
  const auto alpha = dir.path / "alpha", beta = dir.path / "beta";
  REQUIRE(authority::create(alpha, "alpha", now, year));
  REQUIRE(authority::create(beta, "beta", now, year));
  std::filesystem::copy(beta / "authority.crt", alpha / "authority.crt",
                        std::filesystem::copy_options::overwrite_existing);
  CHECK(has(why(authority::load(alpha)), "not the root certificate of"));
  std::filesystem::remove(beta / "issued.json");
  // Without it, it could not revoke what it issued.
  CHECK(has(why(authority::load(beta)), "issued.json"));
  REQUIRE(write_file(beta / "issued.json", "{}"));
  REQUIRE(chmod((beta / "issued.json").c_str(), 0644) == 0);
  CHECK(has(why(authority::load(beta)), "chmod 600"));
  REQUIRE(chmod((beta / "issued.json").c_str(), 0600) == 0);
  CHECK(has(why(authority::load(beta)), "list_number"));
  REQUIRE(chmod((beta / "authority.key").c_str(), 0640) == 0);
  CHECK(has(why(authority::load(beta)), "chmod 600"));
  CHECK_FALSE(authority::load(dir.path / "none"));
}

TEST_CASE("who is admitted gets a certificate, and nobody else") {
  const scratch dir;
  auto alpha = must(authority::create(dir.path / "alpha", "alpha", now, year));
  const auto key = must(node_key::generate()), stranger = must(node_key::generate());
  const listed_nodes rule({key.id()});
  const auto der = must(alpha.issue(ask(key), rule, now));
  const auto c = must(parse_certificate(der));
  CHECK(c.id == key.id());
  CHECK(c.not_after == now + 24h);
  CHECK(must(parse_certificate(must(alpha.issue(ask(key), rule, now, 1h)))).not_after == now + 1h);
  CHECK(trusts(must(trust_store::of({alpha.root()})), der));
  const auto no = alpha.issue(ask(stranger), rule, now);
  CHECK(has(why(no), "not on the authority's list"));
  CHECK(no.error().code == errc::refused);
  CHECK(has(why(alpha.issue(ask(key), rule, now, 0s)), "cannot be valid for 0 s"));
}

TEST_CASE("an authority issues nothing outside its own time") {
  const scratch dir;
  auto alpha = must(authority::create(dir.path / "alpha", "alpha", now, 48h));
  const auto key = must(node_key::generate());
  for (const auto when : {now - 6min, now + 48h + 1s}) {
    const auto no = alpha.issue(ask(key), open_door{}, when);
    CHECK(has(why(no), "to 2023-11-16 22:13:20 UTC"));
    CHECK(no.error().code == errc::bad_config);
  }
  CHECK(must(parse_certificate(must(alpha.issue(ask(key), open_door{}, now + 47h)))).not_after ==
        now + 48h);
}

TEST_CASE("a revoked node is refused everywhere, also after the authority was reloaded") {
  const scratch dir;
  const auto folder = dir.path / "alpha";
  const auto key = must(node_key::generate()), other = must(node_key::generate());
  std::vector<byte_vector> revoked;
  byte_vector good;
  {
    auto alpha = must(authority::create(folder, "alpha", now, year));
    revoked.push_back(must(alpha.issue(ask(key), open_door{}, now)));
    good = must(alpha.issue(ask(other), open_door{}, now));
  }
  {
    auto alpha = must(authority::load(folder));
    revoked.push_back(must(alpha.issue(ask(key), open_door{}, now)));
    auto store = must(trust_store::of({alpha.root()}));
    CHECK(trusts(store, revoked[0]));
    CHECK(trusts(store, revoked[1]));
    const auto list = must(alpha.revoke(key.id(), now + 1h, revocation_reason::key_compromise));
    CHECK(must(store.add_revocations(list)));
    CHECK_FALSE(trusts(store, revoked[0]));
    CHECK_FALSE(trusts(store, revoked[1]));
    CHECK(trusts(store, good));
  }
  auto alpha = must(authority::load(folder));
  const auto no = alpha.issue(ask(key), open_door{}, now + 2h);
  CHECK(has(why(no), "was revoked (key_compromise); make a new key"));
  CHECK(no.error().code == errc::refused);
  CHECK(alpha.issue(ask(other), open_door{}, now + 2h).has_value());
}

TEST_CASE("a node that was admitted by a token is renewed without, as its ledger says") {
  const scratch dir;
  const auto folder = dir.path / "alpha";
  const auto rule = must(shared_token::of("correct horse battery"));
  const auto key = must(node_key::generate()), other = must(node_key::generate());
  auto by_token = ask(key);
  by_token.token = "correct horse battery";
  {
    auto alpha = must(authority::create(folder, "alpha", now, year));
    CHECK(has(why(alpha.issue(ask(key), rule, now)), "wrong enrolment token"));
    must(alpha.issue(by_token, rule, now));
  }
  // It is the disk that remembers.
  auto alpha = must(authority::load(folder));
  const auto second = must(parse_certificate(must(alpha.issue(ask(key), rule, now + 16h))));
  CHECK(second.not_after == now + 40h);
  CHECK(has(why(alpha.issue(ask(other), rule, now + 16h)), "wrong enrolment token"));
  // Its first one has ended then, but not its second; later that, too.
  must(alpha.issue(ask(key), rule, now + 39h));
  CHECK(has(why(alpha.issue(ask(key), rule, now + 39h + 25h)), "wrong enrolment token"));
  // One that was withdrawn is none.
  must(alpha.issue(by_token, rule, now + 65h));
  must(alpha.revoke_serial(
      must(parse_certificate(must(alpha.issue(ask(key), rule, now + 66h)))).serial, now + 67h,
      revocation_reason::superseded));
  must(alpha.issue(ask(key), rule, now + 68h));
  must(alpha.revoke(key.id(), now + 69h, revocation_reason::key_compromise));
  CHECK(has(why(alpha.issue(ask(key), rule, now + 70h)), "was revoked (key_compromise)"));
  CHECK(has(why(alpha.issue(by_token, rule, now + 70h)), "was revoked (key_compromise)"));
}

TEST_CASE("a request that is sent again and again does not fill the ledger") {
  const scratch dir;
  auto alpha = must(authority::create(dir.path / "alpha", "alpha", now, year));
  const auto rule = must(shared_token::of("correct horse battery"));
  const auto key = must(node_key::generate());
  auto by_token = ask(key);
  by_token.token = "correct horse battery";
  must(alpha.issue(by_token, rule, now));
  std::size_t got = 1;
  while (got < 100 && alpha.issue(ask(key), rule, now + 1h))
    ++got;
  CHECK(got == shared_token::most_young);
  CHECK(has(why(alpha.issue(ask(key), rule, now + 11h)), "are not half over"));
  CHECK(alpha.issue(ask(key), rule, now + 13h));
}

TEST_CASE("a node holds so many certificates that all can be revoked, and no more") {
  const scratch dir;
  auto alpha = must(authority::create(dir.path / "alpha", "alpha", now, year));
  const auto rule = must(shared_token::of("correct horse battery"));
  const auto key = must(node_key::generate());
  auto by_token = ask(key);
  by_token.token = "correct horse battery";
  for (std::size_t i = 0; i < authority::most_held; ++i)
    must(alpha.issue(by_token, rule, now));
  CHECK(has(why(alpha.issue(by_token, rule, now + 1h)), "when some of them have ended"));
  CHECK(alpha.issue(by_token, rule, now + 25h));
  CHECK(alpha.revoke(key.id(), now + 26h, revocation_reason::key_compromise));
}

TEST_CASE("one certificate is revoked, and its node gets another") {
  const scratch dir;
  auto alpha = must(authority::create(dir.path / "alpha", "alpha", now, year));
  auto store = must(trust_store::of({alpha.root()}));
  const auto key = must(node_key::generate());
  const auto first = must(alpha.issue(ask(key), open_door{}, now));
  const auto serial = must(parse_certificate(first)).serial;
  const auto none = alpha.revoke_serial("0a\n", now, revocation_reason::superseded);
  CHECK(has(why(none), "knows no certificate \"0a?\""));
  CHECK(none.error().code == errc::not_found);
  CHECK(must(store.add_revocations(
      must(alpha.revoke_serial(serial, now, revocation_reason::superseded)))));
  CHECK_FALSE(trusts(store, first));
  CHECK(trusts(store, must(alpha.issue(ask(key), open_door{}, now))));
}

TEST_CASE("each list has a higher number and all that is revoked") {
  const scratch dir;
  const auto folder = dir.path / "alpha";
  const auto key = must(node_key::generate());
  std::string serial;
  {
    auto alpha = must(authority::create(folder, "alpha", now, year));
    serial = must(parse_certificate(must(alpha.issue(ask(key), open_door{}, now)))).serial;
    const auto empty = must(parse_revocation_list(must(alpha.sign_revocation_list(now))));
    CHECK(empty.number == 1);
    CHECK(empty.serials.empty());
    const auto second = must(
        parse_revocation_list(must(alpha.revoke(key.id(), now, revocation_reason::unspecified))));
    CHECK(second.number == 2);
    CHECK(second.has(serial));
  }
  auto alpha = must(authority::load(folder));
  const auto third = must(parse_revocation_list(must(alpha.sign_revocation_list(now + 1h))));
  CHECK(third.number == 3);
  CHECK(third.has(serial));
  CHECK(third.this_update == now + 1h);
  CHECK(third.next_update > third.this_update);
  // It ended a day after it was issued; slow clocks have a week.
  const auto week = must(parse_revocation_list(must(alpha.sign_revocation_list(now + 24h * 8))));
  CHECK(week.has(serial));
  const auto later =
      must(parse_revocation_list(must(alpha.sign_revocation_list(now + 24h * 8 + 1s))));
  CHECK(later.serials.empty());
}

TEST_CASE("nothing is issued that could not be remembered") {
  const scratch dir;
  const auto folder = dir.path / "alpha";
  auto alpha = must(authority::create(folder, "alpha", now, year));
  const auto key = must(node_key::generate());
  std::filesystem::remove(folder / "issued.json");
  std::filesystem::create_directory(folder / "issued.json");
  const auto no = alpha.issue(ask(key), open_door{}, now);
  CHECK(has(why(no), "cannot be replaced"));
  CHECK(no.error().code == errc::bad_file);
  std::filesystem::remove(folder / "issued.json");
  // The failed one is not in the ledger.
  must(alpha.issue(ask(key), open_door{}, now));
  const auto list = must(
      parse_revocation_list(must(alpha.revoke(key.id(), now, revocation_reason::unspecified))));
  CHECK(list.serials.size() == 1);
}

} // namespace
} // namespace dci::test

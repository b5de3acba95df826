#include "net/identity/trust_store.hpp"

#include <set>

#include "net/identity/x509_parts.hpp"
#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

/// What a peer shows.
using chain = std::vector<byte_vector>;

struct world {
  signer alpha{"alpha"}, beta{"beta"}, gamma{"gamma"};
  node_key node = must(node_key::generate());

  trust_store store(std::size_t threshold = 1) const {
    return must(trust_store::of({alpha.root, beta.root, gamma.root}, threshold));
  }
};

/// Refused for this reason, in these words.
void refuses(const trust_store& store, const chain& shown, wall_time when, refusal reason,
             std::string_view words) {
  const auto outcome = store.verify(shown, when);
  const auto message = why(outcome);
  CAPTURE(message);
  CHECK(to_string(outcome.error().reason) == to_string(reason));
  CHECK(outcome.error().code == errc::refused);
  CHECK(has(message, words));
}

byte_vector list_of(const signer& authority, std::uint64_t number,
                    const std::vector<std::string>& serials) {
  std::vector<revoked_certificate> revoked;
  for (const auto& serial : serials)
    revoked.push_back({serial, now, revocation_reason::unspecified});
  return must(make_revocation_list(authority.key, authority.root, number, now, now + 24h, revoked));
}

std::string serial_of(const byte_vector& der) {
  return must(parse_certificate(der)).serial;
}

TEST_CASE("a trusted authority vouches for a node") {
  const world w;
  const chain shown{w.alpha.vouch(w.node)};
  const auto verified = w.store().verify(shown, now);
  REQUIRE_MESSAGE(verified.has_value(), verified.error().message);
  CHECK(verified->id == w.node.id());
  CHECK(verified->key == w.node.public_half());
  CHECK(verified->valid_until == now + 24h);
  CHECK(verified->vouchers == 1);
}

TEST_CASE("roots must be roots, of different keys, and enough") {
  const world w;
  CHECK(has(why(trust_store::of({})), "1 of 0 authorities"));
  CHECK(has(why(trust_store::of({w.alpha.root}, 0)), "0 of 1 authorities"));
  CHECK(has(why(trust_store::of({w.alpha.root}, 2)), "2 of 1 authorities"));
  const auto leaf = must(parse_certificate(w.alpha.vouch(w.node)));
  CHECK(has(why(trust_store::of({leaf})), "not an authority's root"));
  const auto own = honest(w.node.id(), to_string(w.node.id()));
  const auto self_made = must(parse_certificate(forge(own, w.node.handle(), w.node.handle())));
  CHECK(has(why(trust_store::of({self_made})), "not an authority's root"));
  const auto renamed = must(make_root(w.alpha.key, "omega", now, 24h));
  CHECK(has(why(trust_store::of({w.alpha.root, renamed})),
            "\"alpha\" and \"omega\" have the same key"));
  // What another has signed is no root, whatever it may do.
  forgery middle = honest(w.node.id(), "beta");
  middle.name = "middle";
  middle.constraints = "critical,CA:TRUE";
  middle.usage = "keyCertSign,cRLSign";
  const auto intermediate =
      must(parse_certificate(forge(middle, w.node.handle(), w.beta.key.handle())));
  REQUIRE(intermediate.may_issue);
  CHECK(has(why(trust_store::of({intermediate})), "not an authority's root"));
}

TEST_CASE("time decides, to the second") {
  const world w;
  const auto store = w.store();
  const chain shown{w.alpha.vouch(w.node)};
  CHECK(store.verify(shown, now + 24h).has_value());
  refuses(store, shown, now + 24h + 1s, refusal::expired,
          "\"alpha\" expired at 2023-11-15 22:13:20 UTC; get a new one");
  refuses(store, shown, now + std::chrono::years{30}, refusal::expired, "expired");
  // A clock that is five minutes slow does no harm.
  CHECK(store.verify(shown, now - 5min).has_value());
  refuses(store, shown, now - 5min - 1s, refusal::not_yet_valid,
          "is not valid before 2023-11-14 22:08:20 UTC, and the clock here says "
          "2023-11-14 22:08:19 UTC");
  refuses(store, shown, now - 7h, refusal::not_yet_valid, "set the clocks");
}

TEST_CASE("an authority past its time vouches for nobody") {
  const signer brief("brief", now, 1h), other("other");
  const auto node = must(node_key::generate());
  const auto store = must(trust_store::of({brief.root}));
  // Made without regard to the root's end, which the maker would not do.
  auto careless = brief.root;
  careless.not_after = now + 48h;
  const chain shown{
      must(make_node_certificate(brief.key, careless, node.public_half(), now, 24h)).der};
  const auto inside = store.verify(shown, now);
  REQUIRE(inside.has_value());
  CHECK(inside->valid_until == now + 1h);
  refuses(store, shown, now + 2h, refusal::expired, "authority \"brief\" expired at");
}

TEST_CASE("a revoked certificate is refused while its time runs") {
  const world w;
  auto store = w.store();
  const chain shown{w.alpha.vouch(w.node)};
  const chain renewed{w.alpha.vouch(w.node)};
  REQUIRE(must(store.add_revocations(list_of(w.alpha, 1, {serial_of(shown[0])}))));
  refuses(store, shown, now, refusal::revoked, serial_of(shown[0]));
  CHECK(store.verify(renewed, now).has_value());
  // Past the list's nextUpdate too.
  const chain longer{w.alpha.vouch(w.node, now, 240h)};
  REQUIRE(must(store.add_revocations(list_of(w.alpha, 2, {serial_of(longer[0])}))));
  refuses(store, longer, now + 100h, refusal::revoked, "was revoked");
}

TEST_CASE("one authority's list says nothing of another's certificates") {
  const world w;
  auto store = w.store();
  const chain shown{w.alpha.vouch(w.node)};
  REQUIRE(must(store.add_revocations(list_of(w.beta, 9, {serial_of(shown[0])}))));
  CHECK(store.verify(shown, now).has_value());
}

TEST_CASE("older lists are ignored, forged ones are errors") {
  const world w;
  auto store = w.store();
  const chain shown{w.alpha.vouch(w.node)};
  const auto serial = serial_of(shown[0]);
  const auto before = list_of(w.alpha, 4, {}), with = list_of(w.alpha, 5, {serial});
  CHECK(must(store.add_revocations(before)));
  CHECK(store.verify(shown, now).has_value());
  CHECK(must(store.add_revocations(with)));
  CHECK_FALSE(must(store.add_revocations(before)));
  CHECK_FALSE(must(store.add_revocations(with)));
  CHECK_FALSE(must(store.add_revocations(list_of(w.alpha, 5, {}))));
  refuses(store, shown, now, refusal::revoked, "was revoked");

  const auto namesake = store.add_revocations(list_of(signer("alpha"), 6, {}));
  CHECK(has(why(namesake), "not signed by a trusted authority"));
  CHECK(namesake.error().code == errc::refused);
  auto bent = list_of(w.alpha, 6, {});
  bent.back() ^= 1;
  CHECK(has(why(store.add_revocations(bent)), "not signed by a trusted authority"));
  CHECK(has(why(store.add_revocations(list_of(signer("omega"), 1, {}))), "\"omega\""));
  CHECK(has(why(store.add_revocations(byte_vector{1, 2, 3})), "damaged"));
  // A node's key signs no lists, even in its authority's name.
  auto posing = w.alpha.root;
  CHECK_FALSE(
      store.add_revocations(must(make_revocation_list(w.node, posing, 7, now, now + 24h, {}))));
  refuses(store, shown, now, refusal::revoked, "was revoked");
}

TEST_CASE("strangers' authorities do not count") {
  const world w;
  const auto store = w.store();
  refuses(store, {signer("omega").vouch(w.node)}, now, refusal::unknown_authority,
          "unknown authority \"omega\"");
  refuses(store, {signer("alpha").vouch(w.node)}, now, refusal::bad_signature,
          "names authority \"alpha\"");
  auto bent = w.alpha.vouch(w.node);
  bent.back() ^= 1;
  refuses(store, {bent}, now, refusal::bad_signature, "whose key has not signed it");
  // Two trusted authorities may have one name.
  const signer namesake("alpha");
  const auto both = must(trust_store::of({w.alpha.root, namesake.root}));
  CHECK(both.verify(chain{namesake.vouch(w.node)}, now).has_value());
}

TEST_CASE("a certificate that claims another's id is refused") {
  const world w;
  const auto other = must(node_key::generate());
  // By a careless authority: all of it signed, and the key is the attacker's own.
  auto f = honest(other.id(), "alpha");
  refuses(w.store(), {forge(f, w.node.handle(), w.alpha.key.handle())}, now, refusal::wrong_id,
          to_string(other.id()));
  f = honest(w.node.id(), "alpha");
  f.alternative = "URI:" + node_uri(other.id());
  refuses(w.store(), {forge(f, w.node.handle(), w.alpha.key.handle())}, now, refusal::wrong_id,
          "but its key's id is " + to_string(w.node.id()));
  f.alternative = "URI:" + node_uri(w.node.id());
  CHECK(w.store().verify(chain{forge(f, w.node.handle(), w.alpha.key.handle())}, now).has_value());
}

TEST_CASE("no node vouches for another, and no authority connects as a node") {
  const world w;
  const auto victim = must(node_key::generate());
  // Signed with a node's key, under the name of that node's certificate.
  const auto by_leaf =
      forge(honest(victim.id(), to_string(w.node.id())), victim.handle(), w.node.handle());
  refuses(w.store(), {by_leaf}, now, refusal::unknown_authority, "unknown authority");
  refuses(w.store(), {by_leaf, w.alpha.vouch(w.node)}, now, refusal::unknown_authority,
          "unknown authority");
  refuses(w.store(), {w.alpha.root.der}, now, refusal::wrong_usage, "certificate request");
  auto f = honest(w.node.id(), "alpha");
  f.constraints = "critical,CA:TRUE";
  f.usage = "digitalSignature,keyCertSign";
  refuses(w.store(), {forge(f, w.node.handle(), w.alpha.key.handle())}, now, refusal::wrong_usage,
          "not one for a node's connections");
  f = honest(w.node.id(), "alpha");
  f.extended_usage = "clientAuth";
  refuses(w.store(), {forge(f, w.node.handle(), w.alpha.key.handle())}, now, refusal::wrong_usage,
          "not one for a node's connections");
}

TEST_CASE("two of three authorities must vouch") {
  const world w;
  const auto store = w.store(2);
  const auto a = w.alpha.vouch(w.node), b = w.beta.vouch(w.node, now, 2h),
             c = w.gamma.vouch(w.node, now, 3h);
  const auto two = store.verify(chain{a, b}, now);
  REQUIRE(two.has_value());
  CHECK(two->vouchers == 2);
  CHECK(two->valid_until == now + 2h);
  const auto three = store.verify(chain{c, a, b}, now);
  REQUIRE(three.has_value());
  CHECK(three->vouchers == 3);
  CHECK(three->valid_until == now + 2h);
  // The second has ended, the third is enough.
  CHECK(store.verify(chain{a, b, c}, now + 150min).has_value());
  refuses(store, {a}, now, refusal::too_few, "1 of 2 needed authorities vouch");
  refuses(store, {a, b, c}, now + 4h, refusal::expired, "1 of 2 needed authorities vouch");
}

TEST_CASE("one authority counts once") {
  const world w;
  const auto store = w.store(2);
  refuses(store, {w.alpha.vouch(w.node), w.alpha.vouch(w.node)}, now, refusal::too_few,
          "1 of 2 needed");
  // Its old certificate is not what is wrong.
  refuses(store, {w.alpha.vouch(w.node, now - 48h), w.alpha.vouch(w.node)}, now, refusal::too_few,
          "1 of 2 needed");
  const auto brief = w.alpha.vouch(w.node, now, 1h), lasting = w.alpha.vouch(w.node, now, 5h);
  for (const auto& shown : {chain{brief, lasting}, chain{lasting, brief}}) {
    const auto longest = w.store().verify(shown, now);
    REQUIRE(longest.has_value());
    CHECK(longest->valid_until == now + 5h);
  }
}

TEST_CASE("certificates of other keys do not count") {
  const world w;
  const auto other = must(node_key::generate());
  refuses(w.store(2), {w.alpha.vouch(w.node), w.beta.vouch(other)}, now, refusal::other_key,
          to_string(other.id()));
  const auto first = w.store().verify(chain{w.alpha.vouch(w.node), w.beta.vouch(other)}, now);
  REQUIRE(first.has_value());
  CHECK(first->id == w.node.id());
}

TEST_CASE("the most useful reason is told") {
  const world w;
  const auto store = w.store(3);
  const auto stranger = signer("omega").vouch(w.node);
  const auto old = w.alpha.vouch(w.node, now - 48h), early = w.beta.vouch(w.node, now + 48h);
  refuses(store, {stranger, early, old}, now, refusal::expired, "0 of 3 needed");
  refuses(store, {stranger, early}, now, refusal::not_yet_valid, "\"beta\"");
  refuses(store, {w.gamma.vouch(w.node), stranger}, now, refusal::unknown_authority,
          "1 of 3 needed");
}

TEST_CASE("nothing, too much and garbage are refused") {
  const world w;
  const auto store = w.store();
  const auto good = w.alpha.vouch(w.node);
  refuses(store, {}, now, refusal::no_certificate, "showed no certificate");
  CHECK(store.verify(chain(max_certificates, good), now).has_value());
  refuses(store, chain(max_certificates + 1, good), now, refusal::malformed, "17 certificates");
  refuses(store, {byte_vector{}}, now, refusal::malformed, "damaged");
  refuses(store, {good, byte_vector(20000)}, now, refusal::malformed, "20000 bytes");
  auto longer = good;
  longer.push_back(0);
  refuses(store, {longer}, now, refusal::malformed, "damaged");
  refuses(store, {byte_vector(good.begin(), good.end() - 1)}, now, refusal::malformed, "damaged");
}

TEST_CASE("only a root itself is one of the roots, and only in its time") {
  const world w;
  const auto store = w.store();
  const auto is = store.verify_root(chain{w.alpha.root.der}, now);
  REQUIRE(is);
  CHECK(is->key == w.alpha.root.key);
  CHECK(is->valid_until == w.alpha.root.not_after);
  const auto reason = [&](const chain& shown, wall_time when) {
    const auto out = store.verify_root(shown, when);
    REQUIRE_FALSE(out);
    return out.error().reason;
  };
  CHECK(reason(chain{signer("alpha").root.der}, now) == refusal::unknown_authority);
  CHECK(reason(chain{w.alpha.vouch(w.node), w.alpha.root.der}, now) == refusal::unknown_authority);
  CHECK(reason(chain{w.alpha.root.der}, w.alpha.root.not_after + 1s) == refusal::expired);
  CHECK(reason(chain{w.alpha.root.der}, w.alpha.root.not_before - 1s) == refusal::not_yet_valid);
  CHECK(reason(chain{}, now) == refusal::no_certificate);
  CHECK(reason(chain{byte_vector{1, 2}}, now) == refusal::malformed);
}

TEST_CASE("every bit of a certificate matters") {
  const world w;
  const auto store = w.store();
  const auto good = w.alpha.vouch(w.node);
  for (std::size_t bit = 0; bit < 8 * good.size(); bit += 3) {
    auto bent = good;
    bent[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    CAPTURE(bit);
    CHECK_FALSE(store.verify(chain{bent}, now).has_value());
  }
}

TEST_CASE("reasons have different names and meanings") {
#define DCI_TEST_REFUSAL(name, text) refusal::name,
  const std::vector<refusal> all{DCI_REFUSAL_LIST(DCI_TEST_REFUSAL)};
#undef DCI_TEST_REFUSAL
  std::set<std::string_view> names, meanings;
  for (const auto reason : all) {
    names.insert(to_string(reason));
    meanings.insert(meaning(reason));
  }
  CHECK(names.size() == all.size());
  CHECK(meanings.size() == all.size());
  CHECK(to_string(refusal::too_few) == "too_few");
  CHECK(to_string(static_cast<refusal>(200)) == "unknown");
}

} // namespace
} // namespace dci::test

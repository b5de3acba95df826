// The authority as an actor. Who asks over TLS is tests/rings' (under this coordinator no other
// thread may send).
#include <doctest/doctest.h>

#include "net/identity/authority.hpp"
#include "net/identity/certificate_request.hpp"
#include "net/identity/pem.hpp"
#include "net/identity/private_file.hpp"
#include "net/identity/trust_store.hpp"
#include "net/tls/tls_context.hpp"
#include "tests/actors/link/link_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

constexpr auto secret = "a secret of more than 16 bytes";

struct office {
  link_world w;
  temp_dir dir;
  std::filesystem::path folder = dir.path() / "ours", token = dir.path() / "token";
  certificate root;
  dci::address address{"127.0.0.1", free_loopback_port().value()};

  office() {
    const auto made =
        authority::create(folder, "ours", tls_context::system_wall_time(), std::chrono::hours{48});
    REQUIRE(made);
    root = made->root();
    REQUIRE(create_file(token, std::string{secret} + "\n", file_readers::owner));
  }
  json settings(const json& change = json::object()) const {
    json out = {{"folder", folder.string()}, {"listen", to_string(address)}};
    out.update(change);
    return out;
  }
};

struct applicant {
  node_key key = node_key::generate().value();
  byte_vector request = certificate_request::make(key).value();
};

} // namespace

TEST_CASE("an authority gives certificates to whoever knows the token, and withdraws them") {
  office o;
  const auto actor = o.w.start<authority_actor>("authority", "ours",
                                                o.settings({{"token_file", o.token.string()}}));
  const applicant node;
  const auto got = o.w.get<certify_reply>(actor, certify_request{node.request, secret});
  auto trusted = trust_store::of({o.root});
  REQUIRE(trusted);
  const std::vector<byte_vector> shown{got.certificate};
  const auto now = tls_context::system_wall_time();
  const auto is = trusted->verify(shown, now);
  REQUIRE(is);
  CHECK(is->id == node.key.id());
  CHECK(is->valid_until <= now + std::chrono::hours{24});
  // The next one it gets without the token, but not by a wrong one.
  CHECK(o.w.call<certify_reply>(actor, certify_request{node.request, ""}));
  const applicant stranger;
  CHECK(o.w.call<certify_reply>(actor, certify_request{stranger.request, ""}).error().code ==
        errc::refused);
  const auto wrong = o.w.call<certify_reply>(actor, certify_request{node.request, "a guess"});
  CHECK(wrong.error().code == errc::refused);
  CHECK(o.w.call<certify_reply>(actor, certify_request{{1, 2, 3}, secret}).error().code ==
        errc::bad_message);

  const auto list =
      o.w.get<withdraw_reply>(actor, withdraw_request{to_string(node.key.id()), "key_compromise"});
  const auto der = from_pem("list", pem_kind::revocation_list, list.list);
  REQUIRE(der);
  REQUIRE(trusted->add_revocations(*der));
  CHECK(trusted->verify(shown, now).error().reason == refusal::revoked);
  CHECK(o.w.call<certify_reply>(actor, certify_request{node.request, secret}).error().code ==
        errc::refused);
  CHECK(o.w.call<withdraw_reply>(actor, withdraw_request{"nobody", "unspecified"}).error().code ==
        errc::bad_config);

  const auto about = o.w.get<authority_description>(actor, authority_describe_request{});
  CHECK(about.name == "ours");
  CHECK(about.issued == 2);
  REQUIRE(about.refused.size() == 2);
  CHECK(about.refused[1].reason == "refused");
  CHECK(about.refused[1].times == 3);
}

TEST_CASE("an authority with a list admits those of the list") {
  office o;
  const applicant listed, other;
  const auto actor = o.w.start<authority_actor>(
      "authority", "ours", o.settings({{"nodes", {to_string(listed.key.id())}}, {"seconds", 90}}));
  const auto got = o.w.get<certify_reply>(actor, certify_request{listed.request, ""});
  const auto made = parse_certificate(got.certificate);
  REQUIRE(made);
  CHECK(made->not_after <= tls_context::system_wall_time() + std::chrono::seconds{90});
  const auto no = o.w.call<certify_reply>(actor, certify_request{other.request, ""});
  REQUIRE_FALSE(no);
  CHECK(no.error().message.find("not on the authority's list") != std::string::npos);
}

TEST_CASE("an authority that cannot be ends and says why") {
  office o;
  const auto why = [&](const json& change, const std::string& words) {
    const auto said = o.w.why_it_ended("authority", o.settings(change));
    CAPTURE(said);
    CHECK(said.find(words) != std::string::npos);
  };
  why(json::object(), "either nodes or token_file");
  why({{"nodes", {"x"}}}, "\"x\" is no node id");
  why({{"nodes", {std::string(64, 'a')}}, {"token_file", "t"}}, "either nodes or token_file");
  why({{"token_file", (o.dir.path() / "none").string()}}, "none");
  const auto open = o.dir.write("open", "a token that everybody can read");
  why({{"token_file", open.string()}}, "open");
  const auto token = json{{"token_file", o.token.string()}};
  const auto with = [&](const char* name, const json& value) {
    auto out = token;
    out[name] = value;
    return out;
  };
  why(with("hours", 0), "hours");
  why(with("seconds", 24 * 365 * 3600 + 1), "hours");
  why(with("folder", (o.dir.path() / "nothing").string()), "nothing");
  why(with("listen", "here"), "here");
  why(with("listen", "192.0.2.1:7400"), "192.0.2.1:7400");
}

// Hosts that speak CAF over TLS with each other, and those that are not let in.
#include <doctest/doctest.h>

#include <thread>

#include "net/free_port.hpp"
#include "net/identity/authority.hpp"
#include "net/identity/pem.hpp"
#include "runtime/host/ask.hpp"
#include "runtime/host/host.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

struct everybody final : admission_rule {
  result decide(const enrolment_request&, wall_time) const override {
    return {};
  }
};

wall_time today() {
  return tls_context::system_wall_time();
}

// An authority with its nodes.
struct domain {
  std::string name = "ours";
  std::unique_ptr<test::temp_dir> dir = std::make_unique<test::temp_dir>();
  authority issuer = authority::create(dir->path() / "authority", name, today(), 1000h).value();

  std::shared_ptr<tls_context> node(const certificate& trusted, std::chrono::seconds lifetime = 1h,
                                    node_id* id = nullptr) {
    auto key = std::make_shared<const node_key>(node_key::generate().value());
    const auto der = certificate_request::make(*key).value();
    const enrolment_request asked{certificate_request::parse(der).value(), ""};
    const auto shown = issuer.issue(asked, everybody{}, today(), lifetime).value();
    if (id != nullptr)
      *id = key->id();
    return tls_context::open(
               {key, {parse_certificate(shown).value()}, trust_store::of({trusted}).value()})
        .value();
  }
  std::shared_ptr<tls_context> node() {
    return node(issuer.root());
  }
};

std::unique_ptr<host> start(const std::string& name, std::shared_ptr<tls_context> tls,
                            std::optional<address> listen = {}) {
  host_options options;
  options.name = name;
  options.listen = std::move(listen);
  options.tls = std::move(tls);
  auto out = host::start(std::move(options));
  REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
  return std::move(*out);
}

address free_address() {
  return {"127.0.0.1", free_loopback_port().value()};
}

error why_not(host& dials, const address& to) {
  const auto node = dials.dial(to, 2s);
  REQUIRE(!node);
  MESSAGE(node.error().message);
  return node.error();
}

bool was_refused(host& h, const std::string& reason) {
  const auto said = h.describe(h.node());
  REQUIRE(said);
  for (const auto& one : said->refused)
    if (one.reason == reason)
      return true;
  return false;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("hosts of one trust domain speak over TLS") {
  domain ours;
  const auto where = free_address();
  const auto server = start("server", ours.node(), where);
  const auto client = start("client", ours.node());
  const auto node = client->dial(where, 10s);
  REQUIRE_MESSAGE(node, (node ? "" : node.error().message));
  const auto said = client->describe(*node);
  REQUIRE_MESSAGE(said, (said ? "" : said.error().message));
  CHECK(said->host == "server");
  // Much at once, both ways.
  const spawn_request made{"partition_planner", std::string(64, 'x'), "{}", nullptr};
  CHECK(client->spawn(*node, made));
  for (int i = 0; i < 50; ++i)
    CHECK(client->spawn(*node, {"partition_planner", "p" + std::to_string(i), "{}", nullptr}));
  CHECK(client->describe(*node)->actors.size() == 53);
  CHECK(client->describe(*node)->refused.empty());
}

TEST_CASE("who has no or a stranger's credentials is not let in, and nobody dials a stranger") {
  domain ours, others{"others"};
  const auto where = free_address(), elsewhere = free_address();
  const auto server = start("server", ours.node(), where);
  const auto plain = start("plain", nullptr, elsewhere);
  const auto foreign = start("foreign", others.node(ours.issuer.root()));
  const auto careful = start("careful", ours.node(others.issuer.root()));

  const auto refused = why_not(*foreign, where);
  CHECK(refused.code == errc::refused);
  CHECK(has(refused.message, "unknown CA"));
  CHECK(was_refused(*server, "unknown_authority"));
  CHECK(why_not(*careful, where).code == errc::refused);
  CHECK(was_refused(*careful, "unknown_authority"));
  // A host without credentials speaks another language.
  why_not(*plain, where);
  CHECK(was_refused(*server, "malformed"));
  why_not(*careful, elsewhere);
  // The server works on.
  const auto friendly = start("friendly", ours.node());
  CHECK(friendly->dial(where, 10s));
}

TEST_CASE("an expired certificate does not let its host in") {
  domain ours;
  const auto where = free_address();
  const auto server = start("server", ours.node(), where);
  const auto until = std::chrono::steady_clock::now() + 2s;
  const auto brief = start("brief", ours.node(ours.issuer.root(), 1s));
  // Its time must be over: nothing tells but the clock.
  while (std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  const auto refused = why_not(*brief, where);
  CHECK(refused.code == errc::refused);
  CHECK(has(refused.message, "expired"));
  CHECK(was_refused(*server, "expired"));
}

TEST_CASE("a host that is revoked while it is connected is cut off within five seconds") {
  domain ours;
  node_id id;
  const auto where = free_address();
  const auto server = start("server", ours.node(), where);
  const auto client = start("client", ours.node(ours.issuer.root(), 1h, &id));
  const auto node = client->dial(where, 10s);
  REQUIRE(node);
  REQUIRE(client->describe(*node));
  const auto list = ours.issuer.revoke(id, today(), revocation_reason::key_compromise).value();
  const revocations_request news{to_pem(pem_kind::revocation_list, list).value()};
  const auto told = ask<revocations_reply>(server->system(), server->node(), news, 5s);
  REQUIRE(told);
  CHECK(told->is_new);
  CHECK(!ask<revocations_reply>(server->system(), server->node(), news, 5s)->is_new);
  const auto end = std::chrono::steady_clock::now() + 5s;
  while (client->describe(*node) && std::chrono::steady_clock::now() < end)
    continue;
  CHECK(std::chrono::steady_clock::now() < end);
  CHECK(was_refused(*server, "revoked"));
  const auto again = why_not(*client, where);
  CHECK(again.code == errc::refused);
  CHECK(has(again.message, "revoked"));
}

TEST_CASE("a host without credentials stays on its machine and takes no revocations") {
  const auto plain = start("plain", nullptr);
  CHECK(why_not(*plain, {"192.0.2.1", 4701}).code == errc::unsupported);
  const auto said =
      ask<revocations_reply>(plain->system(), plain->node(), revocations_request{"x"}, 5s);
  REQUIRE(!said);
  CHECK(said.error().code == errc::unsupported);
  host_options beyond;
  beyond.listen = address{"0.0.0.0", 4701};
  const auto open = host::start(std::move(beyond));
  REQUIRE(!open);
  CHECK(open.error().code == errc::unsupported);
}

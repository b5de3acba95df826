// Hosts whose certificates end while they run: renewed by an authority, by an operator, or not.
#include <doctest/doctest.h>

#include <condition_variable>
#include <functional>
#include <mutex>

#include <sys/socket.h>

#include "net/descriptor.hpp"
#include "net/free_port.hpp"
#include "net/identity/authority.hpp"
#include "net/identity/pem.hpp"
#include "net/identity/private_file.hpp"
#include "net/identity/renewal.hpp"
#include "net/socket_address.hpp"
#include "runtime/host/ask.hpp"
#include "runtime/host/certificate_keeper.hpp"
#include "runtime/host/host.hpp"
#include "runtime/host/kept_revocations.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

struct everybody final : admission_rule {
  result decide(const enrolment_request&, wall_time) const override {
    return {};
  }
};

template <class T>
T must(dci::expected<T> made) {
  REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  return std::move(*made);
}

wall_time today() {
  return tls_context::system_wall_time();
}

address free_address() {
  return {"127.0.0.1", free_loopback_port().value()};
}

/// Looks again and again, for so long.
bool eventually(const std::function<bool()>& done, std::chrono::milliseconds longest = 20s) {
  const auto end = std::chrono::steady_clock::now() + longest;
  std::mutex mutex;
  std::condition_variable never;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, 50ms);
  }
  return true;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct node_files {
  std::filesystem::path credentials, certificates;
  std::shared_ptr<const node_key> key;
};

/// An owner's folder: an authority, and nodes with their files.
struct home {
  test::temp_dir dir;
  std::filesystem::path folder = dir.path() / "authority";
  address door = free_address();
  std::unique_ptr<host> office;

  home() {
    must(authority::create(folder, "ours", today(), 1000h));
    REQUIRE(create_file(dir.path() / "token", "a token that is long enough", file_readers::owner));
  }
  /// Made before now, so that tests need not wait for most of its time.
  std::string certificate_for(const node_key& key, std::chrono::seconds before,
                              std::chrono::seconds lifetime) const {
    auto issuer = must(authority::load(folder));
    const enrolment_request asked{
        must(certificate_request::parse(must(certificate_request::make(key)))), ""};
    const auto der = must(issuer.issue(asked, everybody{}, today() - before, lifetime));
    return must(to_pem(pem_kind::certificate, der));
  }
  node_files node(const std::string& name, std::chrono::seconds before,
                  std::chrono::seconds lifetime, bool asks = true) const {
    node_files out{{},
                   dir.path() / (name + ".crt"),
                   std::make_shared<const node_key>(must(node_key::generate()))};
    REQUIRE(out.key->save(dir.path() / (name + ".key")));
    dir.write(name + ".crt", certificate_for(*out.key, before, lifetime));
    out.credentials = dir.write(name + ".toml",
                                "key = \"" + name + ".key\"\ncertificates = [\"" + name +
                                    ".crt\"]\nroots = [\"authority/authority.crt\"]\n" +
                                    (asks ? "authorities = [\"" + to_string(door) + "\"]\n" : ""));
    return out;
  }
  /// From now on it answers. nodes: whom it admits; none: who knows the token.
  void open(std::chrono::seconds lifetime, std::vector<std::string> nodes = {}) {
    authority_config config;
    config.folder = folder;
    config.listen = to_string(door);
    config.seconds = static_cast<std::uint32_t>(lifetime.count());
    if (nodes.empty())
      config.token_file = dir.path() / "token";
    config.nodes = std::move(nodes);
    office = must(host::start({}));
    const auto made =
        must(office->spawn({"authority", "authority", to_json_value(config).dump(), nullptr}));
    must(ask<authority_description>(office->system(), caf::actor_cast<authority_actor>(made.actor),
                                    authority_describe_request{}, 10s));
  }
};

/// A host with a place in the peer-to-peer network.
struct member {
  std::shared_ptr<tls_context> tls;
  std::unique_ptr<host> here;
  address where = free_address(), datagrams = free_address();

  member(const std::string& name, const node_files& files, const address& seed)
      : tls(must(load_credentials(files.credentials))) {
    host_options options;
    options.name = name;
    options.listen = where;
    options.tls = tls;
    options.credentials = files.credentials;
    here = must(host::start(std::move(options)));
    make("link", {{"listen", to_string(datagrams)}});
    make("membership",
         {{"seeds", {to_string(seed.port == 0 ? datagrams : seed)}}, {"period_ms", 200}});
  }
  void make(const std::string& type, const json& settings) const {
    must(here->spawn({type, type, settings.dump(), nullptr}));
  }
  template <class Reply, class Handle, class Request>
  Reply from(const std::string& name, Request request) const {
    const auto found = must(here->find(here->node(), name));
    return must(
        ask<Reply>(here->system(), caf::actor_cast<Handle>(found.actor), std::move(request), 5s));
  }
  std::size_t others() const {
    return from<membership_description, membership_actor>("membership",
                                                          membership_describe_request{})
        .members.size();
  }
  std::uint64_t refused(const std::string& reason) const {
    for (const auto& one :
         from<link_description, link_actor>("link", link_describe_request{}).refused)
      if (one.reason == reason)
        return one.times;
    return 0;
  }
  node_description said() const {
    return must(here->describe(here->node()));
  }
};

bool was_refused(const node_description& by, const std::string& reason) {
  for (const auto& one : by.refused)
    if (one.reason == reason)
      return true;
  return false;
}

} // namespace

TEST_CASE("hosts are renewed while they run, and nothing between them breaks") {
  home h;
  const auto a = h.node("alpha", 8s, 16s), b = h.node("beta", 8s, 16s); // due in less than 3 s
  h.open(16s);
  const member alpha("alpha", a, {"", 0}), beta("beta", b, alpha.datagrams);
  const auto first_ends = std::max(alpha.tls->shown_until(), beta.tls->shown_until());
  CHECK(first_ends <= today() + 8s);
  const auto node = must(beta.here->dial(alpha.where, 10s));
  REQUIRE(eventually([&] { return alpha.others() == 1 && beta.others() == 1; }));
  // The same connection all the time: it does not come back once it is lost.
  CHECK(eventually([&] {
    const auto said = beta.here->describe(node);
    REQUIRE_MESSAGE(said, (said ? "" : said.error().message));
    REQUIRE(alpha.others() == 1);
    REQUIRE(beta.others() == 1);
    CHECK(said->renewal_trouble.empty());
    return today() > first_ends + 2s;
  }));
  for (const auto* one : {&alpha, &beta}) {
    CHECK(one->tls->shown_until() > first_ends + 2s);
    CHECK(one->said().certificates_until == date_text(one->tls->shown_until()));
    CHECK(one->said().refused.empty());
    CHECK(one->refused("certificates are refused: expired") == 0);
  }
  CHECK(must(load_certificates(a.certificates)).front().der == alpha.tls->shown().front());
}

TEST_CASE("a host whose authority admits it no more is cut off when its certificate ends") {
  home h;
  const auto a = h.node("alpha", 0s, 1h), b = h.node("beta", 8s, 14s);
  h.open(1h, {to_string(a.key->id())});
  const member alpha("alpha", a, {"", 0}), beta("beta", b, alpha.datagrams);
  const auto ends = beta.tls->shown_until();
  const auto node = must(beta.here->dial(alpha.where, 10s));
  REQUIRE(eventually([&] { return alpha.others() == 1 && beta.others() == 1; }));
  CHECK(eventually([&] { return !beta.said().renewal_trouble.empty(); }));
  const auto why = beta.said().renewal_trouble;
  CAPTURE(why);
  CHECK(has(why, "not on the authority's list"));
  CHECK(beta.said().certificates_until == date_text(ends));
  wall_time last;
  CHECK(eventually([&] {
    const auto now = today();
    const bool is_there = beta.here->describe(node).has_value();
    if (is_there)
      last = now;
    return !is_there;
  }));
  CHECK(last + 2s >= ends); // not before
  CHECK(today() <= ends + 5s);
  CHECK(was_refused(alpha.said(), "expired"));
  CHECK(eventually([&] { return alpha.refused("certificates are refused: expired") > 0; }));
  CHECK(eventually([&] { return alpha.others() == 0; }));
  CHECK_FALSE(beta.here->dial(alpha.where, 2s));
}

TEST_CASE("what was tried in vain is tried again, and told meanwhile") {
  home h;
  const auto files = h.node("alpha", 41s, 60s);
  const auto tls = must(load_credentials(files.credentials));
  const auto before = tls->shown_until();
  certificate_keeper keeper({"alpha", files.credentials}, tls);
  CHECK(eventually([&] { return has(keeper.trouble(), "0 of 1 needed authorities"); }));
  CHECK(has(keeper.trouble(), to_string(h.door)));
  CHECK(tls->shown_until() == before);
  h.open(1h);
  CHECK(eventually([&] { return tls->shown_until() > before; }));
  CHECK(eventually([&] { return keeper.trouble().empty(); }));
  CHECK(must(load_certificates(files.certificates)).front().der == tls->shown().front());
}

TEST_CASE("files that somebody else replaces are shown; bad ones change nothing, and are told of") {
  home h;
  const auto files = h.node("alpha", 0s, 1h, false), other = h.node("beta", 0s, 1h);
  const auto tls = must(load_credentials(files.credentials));
  certificate_keeper keeper({"alpha", files.credentials, 100ms}, tls);
  const auto first = tls->shown();
  const auto good = h.certificate_for(*files.key, 0s, 2h);
  const auto replace = [&](const std::string& text) {
    REQUIRE(replace_file(files.certificates, text, file_readers::everyone));
  };
  const auto complains = [&](const std::string& words) {
    CHECK(eventually([&] { return has(keeper.trouble(), words); }));
    CHECK(tls->shown() == first);
  };
  replace("nonsense");
  complains(files.certificates.string());
  replace(must(read_file(other.certificates, 1 << 20)));
  complains("is not of this node's key");
  replace(h.certificate_for(*files.key, 4min, 1min));
  complains("ended at");
  REQUIRE(std::filesystem::remove(files.certificates));
  complains(files.certificates.string());
  replace(good);
  CHECK(eventually([&] { return tls->shown() != first; }));
  CHECK(eventually([&] { return keeper.trouble().empty(); }));
  // A larger chain of the same key, as of several authorities.
  replace(good + h.certificate_for(*files.key, 0s, 3h));
  CHECK(eventually([&] { return tls->shown().size() == 2; }));
}

TEST_CASE("revocation lists that were believed are known at the next start") {
  home h;
  const auto files = h.node("alpha", 0s, 1h);
  const auto kept = kept_revocations_file(files.credentials);
  const auto list = [&](const std::filesystem::path& folder) {
    auto issuer = must(authority::load(folder));
    return must(issuer.sign_revocation_list(today()));
  };
  const auto known = [&] {
    return must(load_credentials(files.credentials))->revocations().front().number;
  };
  const auto tls = must(load_credentials(files.credentials));
  {
    certificate_keeper keeper({"alpha", files.credentials}, tls);
    CHECK(must(tls->add_revocations(list(h.folder))));
    CHECK(eventually([&] { return std::filesystem::exists(kept); }));
    CHECK(known() == 1);
    CHECK(must(tls->add_revocations(list(h.folder))));
    CHECK(eventually([&] { return known() == 2; }));
  }
  // Another process of the node has kept a newer one: an older one does not take its place.
  const auto later = must(load_credentials(files.credentials));
  CHECK(must(later->add_revocations(list(h.folder))));
  REQUIRE(keep_revocations(*later, files.credentials));
  REQUIRE(keep_revocations(*tls, files.credentials));
  CHECK(known() == 3);
  // Of an authority that is not trusted any more nothing is believed; what is damaged is told of.
  must(authority::create(h.dir.path() / "other", "other", today(), 1000h));
  const auto foreign = must(to_pem(pem_kind::revocation_list, list(h.dir.path() / "other")));
  const auto own = must(read_file(kept, 1 << 20));
  REQUIRE(write_file(kept, foreign + own));
  CHECK(known() == 3);
  REQUIRE(write_file(kept, own + "nonsense"));
  const auto damaged = load_credentials(files.credentials);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == errc::bad_file);
  CHECK(has(damaged.error().message, kept.string()));
}

TEST_CASE("a keeper ends at once, also while an authority says nothing") {
  home h;
  const descriptor silent(socket(AF_INET, SOCK_STREAM, 0));
  const auto own = to_system(must(resolve(h.door)), false);
  REQUIRE(bind(silent.get(), own.get(), own.size) == 0);
  REQUIRE(listen(silent.get(), 1) == 0);
  const auto files = h.node("alpha", 41s, 60s);
  auto keeper =
      std::make_unique<certificate_keeper>(certificate_keeper::settings{"alpha", files.credentials},
                                           must(load_credentials(files.credentials)));
  const descriptor caller(accept(silent.get(), nullptr, nullptr));
  REQUIRE(caller.get() >= 0);
  const auto before = std::chrono::steady_clock::now();
  keeper.reset();
  CHECK(std::chrono::steady_clock::now() - before < 1s);
}

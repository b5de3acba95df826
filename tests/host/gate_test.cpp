// A host's gate, over real sockets: strangers who try what is not theirs, and clients.
#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>

#include "actors/gate/wire.hpp"
#include "actors/step_link/wire.hpp"
#include "net/datagram/node_link.hpp"
#include "net/frames/frame_port.hpp"
#include "net/free_port.hpp"
#include "net/identity/authority.hpp"
#include "runtime/host/ask.hpp"
#include "runtime/host/host.hpp"
#include "runtime/host/ring_client.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

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

/// Vouches for all the nodes of a test: of one network, but not of one trust domain.
struct network {
  test::temp_dir dir;
  authority issuer = authority::create(dir.path() / "authority", "network", today(), 1000h).value();

  std::shared_ptr<tls_context> node(bool is_alone_in_domain = false) {
    auto key = std::make_shared<const node_key>(node_key::generate().value());
    const auto der = certificate_request::make(*key).value();
    const enrolment_request asked{certificate_request::parse(der).value(), ""};
    const auto shown = issuer.issue(asked, everybody{}, today(), 1h).value();
    tls_credentials out{
        key, {parse_certificate(shown).value()}, trust_store::of({issuer.root()}).value(), {}};
    if (is_alone_in_domain)
      out.domain = {key->id()};
    return must(tls_context::open(std::move(out)));
  }
};

/// A host of its own trust domain, with a gate, and a ring of one stage whose answers last.
struct gate_host {
  std::shared_ptr<tls_context> identity;
  address listens{"127.0.0.1", free_loopback_port().value()};
  address datagrams{"127.0.0.1", free_loopback_port().value()};
  std::unique_ptr<host> here;
  ring_actor ring;

  gate_host(network& net, const json& gate) : identity(net.node(true)) {
    host_options options;
    options.name = "alpha";
    options.listen = listens;
    options.tls = identity;
    here = must(host::start(std::move(options)));
    const auto model = net.dir.path() / "endless";
    fs::copy(fs::path(DCI_SOURCE_DIR) / "apps/assets/tiny", model);
    fs::permissions(model / "config.json", fs::perms::owner_write, fs::perm_options::add);
    auto config = json::parse(must(read_file(model / "config.json", 1 << 20)));
    config["max_position_embeddings"] = 100'000;
    REQUIRE(write_file(model / "config.json", config.dump()));
    make("link", "link", {{"listen", to_string(datagrams)}});
    make("gate", "gate", gate);
    const json stage = {{"layers", {0, 6}}};
    ring = caf::actor_cast<ring_actor>(
        make("ring", "main", {{"model", model.string()}, {"stages", {stage}}}).actor);
    must(ring_client(*here, ring).assemble());
  }
  actor_info make(const std::string& type, const std::string& name, const json& settings) {
    return must(here->spawn({type, name, settings.dump(), nullptr}));
  }
  gate_description seen() {
    const auto gate = must(here->find(here->node(), "gate"));
    return must(ask<gate_description>(here->system(), caf::actor_cast<gate_actor>(gate.actor),
                                      gate_describe_request{}, 5s));
  }
  std::uint64_t refused(const std::string& reason) {
    for (const auto& one : seen().refused)
      if (one.reason == reason)
        return one.times;
    return 0;
  }
};

generate_request words(std::uint32_t tokens) {
  generate_request out;
  out.prompt = "In the beginning";
  out.ignore_end = true;
  out.max_tokens = tokens;
  return out;
}

/// A node that is let in by the gate, if it is.
struct stranger {
  std::shared_ptr<tls_context> identity;
  std::shared_ptr<node_link> link;
  std::unique_ptr<frame_port> port;
  gate_welcome gate;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<gate_answer> answers;
  std::uint64_t asked = 0;

  explicit stranger(std::shared_ptr<tls_context> who) : identity(std::move(who)) {
    const auto at = must(resolve({"127.0.0.1", free_loopback_port().value()}));
    const address here = must(parse_address(to_string(at)));
    link = must(node_link::open(here, here, {identity->key(), identity}));
    frame_port::settings with;
    with.credentials = identity;
    port = must(frame_port::open(std::move(with)));
    port->subscribe("asker", [this](frame came, const frame_route&) {
      auto answer = unpack_answer(came.header);
      const std::lock_guard lock(mutex);
      if (answer)
        answers.push_back(std::move(*answer));
      changed.notify_all();
    });
    REQUIRE(link->serve(datagram_channel::gate, [this] {
      const std::lock_guard lock(mutex);
      changed.notify_all();
    }));
  }
  ~stranger() {
    link->stop_serving(datagram_channel::gate);
  }

  /// False when no welcome comes.
  bool enter(const address& datagrams, std::chrono::milliseconds wait = 10s) {
    const contact to{{}, must(resolve(datagrams))};
    const auto end = std::chrono::steady_clock::now() + wait;
    while (std::chrono::steady_clock::now() < end) {
      link->send(to, datagram_channel::gate, pack_offer({port->contact(), {}}));
      std::unique_lock lock(mutex);
      changed.wait_for(lock, 200ms);
      lock.unlock();
      for (const auto& came : link->take(datagram_channel::gate))
        if (auto welcome = unpack_welcome(came.payload)) {
          gate = std::move(*welcome);
          REQUIRE(port->admit(gate.contact));
          return true;
        }
    }
    return false;
  }
  void send(const std::string& to, byte_vector header, byte_vector payload = {}) {
    port->send(gate.contact, {to, "asker", std::move(header), std::move(payload)});
  }
  std::uint64_t ask(gate_question::kinds message, const std::string& ring = "") {
    send(gate.name, pack_question({++asked, identity->key()->id(), ring, std::move(message)}));
    return asked;
  }
  /// The next answer, for 10 s at most.
  std::optional<gate_answer> next(std::chrono::milliseconds wait = 10s) {
    std::unique_lock lock(mutex);
    if (!changed.wait_for(lock, wait, [&] { return !answers.empty(); }))
      return {};
    auto out = std::move(answers.front());
    answers.pop_front();
    return out;
  }
  /// Of an answer that is a refusal.
  std::string why() {
    const auto said = next();
    REQUIRE(said);
    const auto* no = std::get_if<gate_refusal_event>(&said->message);
    return no ? no->reason : "it was no refusal";
  }
  std::vector<token_id> answer_to(std::uint64_t question) {
    std::vector<token_id> out;
    while (auto said = next()) {
      REQUIRE(said->number == question);
      if (const auto* text = std::get_if<text_event>(&said->message))
        out.push_back(text->token);
      else if (!std::holds_alternative<generate_reply>(said->message))
        break;
    }
    return out;
  }
};

/// A question up to its message: number, asker, and no ring.
byte_vector question_with(std::initializer_list<std::uint8_t> message) {
  byte_vector out{0x94, 0x01, 0xc4, 32};
  out.insert(out.end(), 32, 0);
  out.push_back(0xa0);
  out.insert(out.end(), message);
  return out;
}
/// What msgpack begins a list, bytes or a text of 4 GiB with.
byte_vector claims_4_gib(std::uint8_t kind) {
  return question_with({kind, 0xff, 0xff, 0xff, 0xff, 0x00});
}
/// A message of a kind that there may not be, without fields.
byte_vector of_kind(std::uint8_t kind) {
  return question_with({0x92, kind, 0x90});
}

} // namespace

TEST_CASE(
    "a stranger who tries to spawn, kill, link or take 4 GiB is refused, and the stage works on") {
  network net;
  gate_host alpha(net, {{"link", "link"}, {"rings", {"main"}}, {"questions_per_s", 1000}});
  ring_client client(*alpha.here, alpha.ring);
  const auto wanted = must(client.generate(words(1500))).tokens;
  REQUIRE(wanted.size() == 1500);

  stranger eve(net.node());
  REQUIRE(eve.enter(alpha.datagrams));
  std::promise<session_id> begun;
  auto answer = std::async(std::launch::async, [&] {
    bool is_first = true;
    return client.generate(words(1500), [&](const text_event& event) {
      if (std::exchange(is_first, false))
        begun.set_value(event.session);
    });
  });
  const auto session = begun.get_future().get();

  // Frames past the gate: to the supervisor, which spawns and stops, and to the stage.
  const auto spawn = std::string{R"({"type": "ring", "name": "mine"})"};
  eve.send("node", {spawn.begin(), spawn.end()});
  const step_frame close{epoch_id{1}, 1, 0, close_session_event{session, epoch_id{1}}};
  auto packed = pack_link_message(close);
  eve.send("main.1", packed.header, packed.payload);
  packed = pack_link_message(step_frame{epoch_id{1}, 1, 1, link_lost_event{epoch_id{1}, 0}});
  eve.send("main", packed.header, packed.payload);
  // What the gate knows no word for: spawning, exits, links, monitors.
  for (const std::uint8_t kind : {3, 4, 5, 6, 99}) {
    eve.send(eve.gate.name, of_kind(kind));
    CHECK(eve.why() == "malformed");
  }
  // 4 GiB: of a list, of bytes, of a text, and of tokens.
  for (const std::uint8_t kind : {0xdd, 0xc6, 0xdb}) {
    eve.send(eve.gate.name, claims_4_gib(kind));
    CHECK(eve.why() == "malformed");
  }
  eve.send(eve.gate.name, of_kind(0), byte_vector(1000));
  CHECK(eve.why() == "malformed");
  eve.send(eve.gate.name, of_kind(0)); // well made, and of nobody
  CHECK(eve.why() == "another_name");
  eve.ask(words(4'000'000'000u), "main");
  CHECK(eve.why() == "not_allowed");
  eve.ask(cancel_request{session});
  CHECK(eve.why() == "not_allowed");
  // CAF itself.
  host_options own;
  own.name = "eve";
  own.tls = eve.identity;
  const auto as_host = must(host::start(std::move(own)));
  const auto node = as_host->dial(alpha.listens, 2s);
  REQUIRE_FALSE(node);
  MESSAGE(node.error().message);
  CHECK(node.error().code == errc::refused);

  const auto said = must(answer.get());
  CHECK(said.tokens == wanted);
  CHECK(alpha.refused("malformed") == 9);
  CHECK(alpha.refused("not_allowed") == 2);
  CHECK(alpha.refused("frames: stranger") == 3);
  const auto about = must(alpha.here->describe(alpha.here->node()));
  bool is_counted = false;
  for (const auto& one : about.refused)
    is_counted |= one.reason == "stranger" && one.times >= 1;
  CHECK(is_counted);
  CHECK(about.actors.size() == 6); // link, gate, main, main.1, planner
  // She may ask what there is.
  eve.ask(gate_terms_request{});
  const auto terms = eve.next();
  REQUIRE(terms);
  CHECK(std::get<gate_terms>(terms->message).role == "guest");
}

TEST_CASE("a client gets the answers that the host itself would get, and his own only") {
  network net;
  const auto client = net.node(), other = net.node();
  const auto id = to_string(client->key()->id()), second = to_string(other->key()->id());
  gate_host alpha(net, {{"link", "link"}, {"rings", {"main"}}, {"clients", {id, second}}});
  const auto wanted = must(ring_client(*alpha.here, alpha.ring).generate(words(50))).tokens;
  stranger bob(client), mallory(other);
  REQUIRE(bob.enter(alpha.datagrams));
  REQUIRE(mallory.enter(alpha.datagrams));
  CHECK(bob.answer_to(bob.ask(words(50), "main")) == wanted);
  bob.ask(words(50), "planner");
  CHECK(bob.why() == "no_such_ring");
  bob.ask(words(4'000'000'000u), "main");
  CHECK(bob.why() == "too_much");
  // Under another client's name he is nobody.
  mallory.send(mallory.gate.name,
               pack_question({1, client->key()->id(), "", gate_terms_request{}}));
  CHECK(mallory.why() == "another_name");
  // Another client's session is none of his.
  const auto number = bob.ask(words(1024), "main");
  const auto opened = bob.next();
  REQUIRE(opened);
  const auto session = std::get<generate_reply>(opened->message).session;
  mallory.ask(cancel_request{session});
  CHECK(mallory.why() == "no_such_session");
  bob.ask(cancel_request{session});
  bool is_over = false;
  while (!is_over) {
    const auto said = bob.next();
    REQUIRE(said);
    CHECK(said->number == number);
    if (const auto* end = std::get_if<session_end_event>(&said->message)) {
      is_over = true;
      CHECK(end->finish == finish_reason::cancelled);
    }
  }
  CHECK(alpha.seen().sessions == 0);
  CHECK(alpha.seen().peers == 2);
}

TEST_CASE("a client whose certificate is withdrawn is not heard any more") {
  network net;
  const auto client = net.node();
  gate_host alpha(net, {{"link", "link"}, {"rings", {"main"}}, {"clients", {"*"}}});
  stranger bob(client);
  REQUIRE(bob.enter(alpha.datagrams));
  bob.ask(gate_terms_request{});
  REQUIRE(bob.next());
  const auto list =
      must(net.issuer.revoke(client->key()->id(), today(), revocation_reason::key_compromise));
  REQUIRE(must(alpha.identity->add_revocations(list)));
  bob.ask(gate_terms_request{});
  CHECK_FALSE(bob.next(1s));
  CHECK(alpha.refused("frames: revoked") >= 1);
}

TEST_CASE("without a certificate of the network nobody comes to the gate") {
  network net, elsewhere;
  gate_host alpha(net, {{"link", "link"}, {"rings", {"main"}}, {"clients", {"*"}}});
  stranger unknown(elsewhere.node());
  CHECK_FALSE(unknown.enter(alpha.datagrams, 1s));
  CHECK(alpha.seen().peers == 0);
  // Another's contact under one's own name.
  stranger bob(net.node()), eve(net.node());
  const contact to{{}, must(resolve(alpha.datagrams))};
  for (int i = 0; i < 50 && alpha.refused("another node's contact") == 0; ++i) {
    eve.link->send(to, datagram_channel::gate, pack_offer({bob.port->contact(), {}}));
    std::unique_lock lock(eve.mutex);
    eve.changed.wait_for(lock, 100ms);
  }
  CHECK(alpha.refused("another node's contact") >= 1);
  CHECK(alpha.seen().peers == 0);
}

TEST_CASE("a gate needs credentials") {
  auto plain = must(host::start({}));
  must(plain->spawn(
      {"link", "link",
       json{{"listen", "127.0.0.1:" + std::to_string(free_loopback_port().value())}}.dump(),
       nullptr}));
  const auto made = plain->spawn({"gate", "gate", R"({"link": "link"})", nullptr});
  REQUIRE(made);
  caf::scoped_actor self{plain->system()};
  self->monitor(made->actor);
  std::string why;
  self->receive([&](const caf::down_msg& down) { why = reason_text(down.reason); },
                caf::after(10s) >> [] {});
  CHECK(why.find("without credentials") != std::string::npos);
}

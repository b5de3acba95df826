// Links between stages that break in the middle of an answer: the same tokens as if nothing had
// happened.
#include <doctest/doctest.h>

#include <csignal>
#include <list>

#include "net/free_port.hpp"
#include "net/shaping/stream_relay.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> endless(const std::vector<std::string>& more) {
  std::vector<std::string> out = {"generate",     "--prompt", "In the beginning", "--ignore-end",
                                  "--max-tokens", "900000",   "--log-level",      "info"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::string text_of(const address& a) {
  return "\"" + to_string(a) + "\"";
}

/// Two hosts whose CAF and ZeroMQ each go through a relay of this process, and a ring over both
/// with its own actor elsewhere: every link of the ring passes a relay.
class relayed_ring {
 public:
  relayed_ring(const temp_dir& dir, const std::string& more) {
    const auto ports = free_loopback_ports(8).value();
    const auto at = [&](std::size_t i) { return address{"127.0.0.1", ports.at(i)}; };
    for (std::size_t i = 0; i < 4; ++i) {
      targets_.push_back(at(i));
      relays_.push_back(must(stream_relay::start(at(4 + i), at(i), {})));
    }
    std::string hosts;
    const char* const names[] = {"alpha", "beta"};
    for (std::size_t i = 0; i < 2; ++i)
      hosts += "[[host]]\nname = \"" + std::string{names[i]} +
               "\"\naddress = " + text_of(relays_[i]->where()) + "\nlisten = " + text_of(at(i)) +
               "\nframes = " + text_of(at(i + 2)) +
               "\nframes_address = " + text_of(relays_[i + 2]->where()) + "\n";
    model_ = endless_model(dir).string();
    file_ = dir.write("ring.toml", hosts + "[[ring]]\nname = \"main\"\nmodel = \"" + model_ +
                                       "\"\n" + more +
                                       "stages = [{ host = \"alpha\", layers = [0, 3] }, "
                                       "{ host = \"beta\", layers = [3, 6] }]\n")
                .string();
    for (const auto* name : names)
      hosts_.emplace_back(std::vector<std::string>{file_, "--host", name, "--log-level", "info"});
  }

  const std::string& file() const {
    return file_;
  }
  void cut_caf(bool is_cut) {
    set(0, is_cut);
  }
  void cut_zmq(bool is_cut) {
    set(2, is_cut);
  }
  /// All connections break, and what was on its way is lost.
  void break_zmq() {
    for (const std::size_t i : {2, 3}) {
      const auto where = relays_[i]->where();
      relays_[i].reset();
      relays_[i] = must(stream_relay::start(where, targets_[i], {}));
    }
  }
  /// All connections break, and no new one is made.
  void sever_caf() {
    relays_[0].reset();
    relays_[1].reset();
  }
  /// What its hosts have written so far.
  std::string logs() {
    std::string out;
    for (auto& host : hosts_) {
      host.complains("to read what there is", 0ms);
      out += host.err();
    }
    return out;
  }
  /// What a single process says, as long as this.
  std::string expected(std::size_t bytes) const {
    program alone(endless({"--model", model_, "--stages", "1"}));
    REQUIRE_MESSAGE(alone.writes(bytes, 120s), alone.err());
    return alone.out().substr(0, bytes);
  }

 private:
  template <class T>
  static T must(dci::expected<T> made) {
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    return std::move(*made);
  }
  void set(std::size_t first, bool is_cut) {
    link_conditions conditions;
    conditions.cut = is_cut;
    for (const auto i : {first, first + 1})
      REQUIRE(relays_[i]->set(conditions));
  }

  std::vector<address> targets_;                      ///< CAF of both, then ZeroMQ of both
  std::vector<std::unique_ptr<stream_relay>> relays_; ///< the same
  std::string model_, file_;
  std::list<program> hosts_;
};

/// So much more text than now.
void goes_on(program& answer, relayed_ring& ring, const char* when) {
  INFO(when);
  const bool fine = answer.writes_more(500, 120s); // on a machine with other work
  REQUIRE_MESSAGE(fine, answer.err() << ring.logs());
}

void check_text(program& answer, const relayed_ring& ring) {
  const auto said = answer.out();
  MESSAGE(said.size() << " bytes of text");
  CHECK(said == ring.expected(said.size()));
}

} // namespace

TEST_CASE("CAF's links break in the middle of an answer: ZeroMQ carries the same tokens") {
  temp_dir dir;
  relayed_ring ring(dir, "");
  program answer(endless({"--topology", ring.file(), "--attach"}));
  goes_on(answer, ring, "at first");
  ring.sever_caf();
  goes_on(answer, ring, "without CAF");
  goes_on(answer, ring, "without CAF");
  CHECK(answer.err().find("reached by zmq") != std::string::npos);
  check_text(answer, ring);
}

TEST_CASE("links fall silent, go by ZeroMQ, and by CAF again, without a token lost or repeated") {
  temp_dir dir;
  relayed_ring ring(dir, "");
  program answer(endless({"--topology", ring.file(), "--attach"}));
  goes_on(answer, ring, "at first");
  for (int round = 0; round < 2; ++round) {
    ring.cut_caf(true);
    REQUIRE(answer.complains_again("reached by zmq", 30s));
    goes_on(answer, ring, "without CAF");
    ring.cut_caf(false);
    REQUIRE(answer.complains_again("reached by caf", 30s));
    ring.cut_zmq(true);
    goes_on(answer, ring, "without ZeroMQ");
    ring.cut_zmq(false);
  }
  check_text(answer, ring);
}

TEST_CASE("a ring may be told what carries its steps, and what gets lost there comes again") {
  temp_dir dir;
  relayed_ring ring(dir, "transport = \"zmq\"\n");
  program answer(endless({"--topology", ring.file(), "--attach"}));
  goes_on(answer, ring, "at first");
  ring.cut_caf(true);
  goes_on(answer, ring, "without CAF");
  for (int i = 0; i < 3; ++i) {
    ring.break_zmq();
    goes_on(answer, ring, "when ZeroMQ's connections broke");
  }
  check_text(answer, ring);
}

TEST_CASE("when nothing carries a link, its stage is lost, by name") {
  for (const auto* more : {"", "transport = \"caf\"\n"}) {
    CAPTURE(more);
    temp_dir dir;
    relayed_ring ring(dir, more);
    program answer(endless({"--topology", ring.file(), "--attach"}));
    goes_on(answer, ring, "at first");
    if (std::string_view{more}.empty())
      ring.cut_zmq(true);
    ring.sever_caf();
    answer.mark();
    const auto out = answer.finish(20s);
    CHECK(out.code == 3);
    CHECK(out.seconds < 5);
    REQUIRE(out.complaints().size() == 1);
    CHECK(out.complaints()[0].find(" of 2 (") != std::string::npos);
    CHECK(out.complaints()[0].find("is lost") != std::string::npos);
  }
}

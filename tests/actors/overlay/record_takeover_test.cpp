// Who answers for a lost node's names, and how those who ask learn of it.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/actors/overlay/wires.hpp"

using namespace dci;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// Of the nodes 10, 30, 90, 100, 200, 220, the one lost will be 90, whose names lie in (30, 90]:
// 100 and 200 have copies, 200 is near it and 220 is nearer, but has none.
struct ring : overlay_wires {
  ring() {
    world.score = [](const contact& a, const contact& b) {
      const auto is = [&](std::uint8_t x, std::uint8_t y) {
        return a.id == test_id(x) && b.id == test_id(y);
      };
      return is(90, 200) ? 0.8 : is(90, 220) ? 0.9 : 0.2;
    };
    settle({10, 30, 90, 100, 200, 220});
    publish(10, 50, {7});
    run(minutes(1));
  }
  record_result asked(std::uint8_t from, std::uint8_t name) {
    record_results.clear();
    read(from, name);
    for (int i = 0; i < 20 && record_results.empty(); ++i)
      run(seconds(1));
    REQUIRE(record_results.size() == 1);
    return record_results.front();
  }
  // How many frames of a kind a node gets while somebody reads.
  template <class Message>
  std::size_t heard_by(std::uint8_t who, std::uint8_t reader, std::uint8_t name) {
    std::size_t count = 0;
    lost = [&](const frame& f) {
      count += f.to.id == test_id(who) && std::holds_alternative<Message>(f.message);
      return false;
    };
    asked(reader, name);
    lost = [](const frame&) { return false; };
    return count;
  }
};

} // namespace

TEST_CASE("the nearest of those who hold copies takes over from a dead node") {
  ring r;
  r.kill(90);
  // At once the successor answers itself.
  const auto early = r.asked(30, 50);
  CHECK(early.records.size() == 1);
  CHECK(early.tries == 1);
  CHECK(!early.redirected);
  r.run(minutes(1));
  REQUIRE(r.keeper(100).redirects().size() == 1);
  const auto& redirect = r.keeper(100).redirects().front();
  CHECK(redirect.after == test_id(30));
  CHECK(redirect.until == test_id(90));
  CHECK(redirect.holder.id == test_id(200));
  CHECK(r.seal.holds(redirect));
  const auto late = r.asked(30, 50);
  CHECK(late.records.size() == 1);
  CHECK(late.redirected);
  CHECK(late.tries == 1);
  CHECK(r.heard_by<fetch_request>(200, 30, 50) == 1);
  // Names that were its own all along it answers itself.
  r.publish(10, 95, {9});
  r.run(seconds(5));
  CHECK(!r.asked(30, 95).redirected);
}

TEST_CASE("and from one that leaves") {
  ring r;
  r.leave(90);
  r.deliver();
  r.kill(90);
  r.run(seconds(40));
  REQUIRE(r.keeper(100).redirects().size() == 1);
  CHECK(r.asked(30, 50).records.size() == 1);
}

TEST_CASE("where the successor is the nearest, nobody else takes over") {
  ring r;
  r.world.score = [](const contact&, const contact& b) { return b.id == test_id(100) ? 0.9 : 0.1; };
  r.kill(90);
  r.run(minutes(2));
  CHECK(r.keeper(100).redirects().empty());
  CHECK(!r.asked(30, 50).redirected);
}

TEST_CASE("nobody takes over before he holds everything") {
  ring r;
  // 200 lacks what was published while it heard nothing.
  const auto cut_off = [](const overlay_wires::frame& f) {
    return f.to.id == test_id(200) && (std::holds_alternative<replicate>(f.message) ||
                                       std::holds_alternative<records_reply>(f.message));
  };
  r.lost = cut_off;
  r.publish(10, 60, {8});
  r.run(seconds(5));
  r.kill(90);
  r.run(minutes(1));
  CHECK(r.keeper(100).redirects().empty());
  CHECK(r.asked(30, 60).records.size() == 1);
  r.lost = [](const overlay_wires::frame&) { return false; };
  r.run(minutes(1));
  CHECK(r.keeper(100).redirects().size() == 1);
  CHECK(r.asked(30, 60).redirected);
}

TEST_CASE("where he who took over has nothing, the owner is asked") {
  ring r;
  r.kill(90);
  r.run(minutes(1));
  REQUIRE(r.keeper(100).redirects().size() == 1);
  // As if it had lost what it had.
  r.lost = [&](const overlay_wires::frame& f) {
    const auto* m = std::get_if<fetch_request>(&f.message);
    if (m == nullptr || f.to.id != test_id(200))
      return false;
    r.frames.push_back({f.to, f.from, fetch_reply{m->nonce, {}, false, {}}});
    return true;
  };
  const auto read = r.asked(30, 50);
  CHECK(read.records.size() == 1);
  CHECK(read.redirected);
  CHECK(read.tries == 1);
}

TEST_CASE("he who took over and then lacks something is not named until he has it") {
  ring r;
  r.kill(90);
  r.run(minutes(1));
  REQUIRE(r.keeper(100).redirects().size() == 1);
  r.lost = [](const overlay_wires::frame& f) {
    return f.to.id == test_id(200) && (std::holds_alternative<replicate>(f.message) ||
                                       std::holds_alternative<records_reply>(f.message));
  };
  r.publish(10, 60, {8});
  r.run(minutes(1));
  CHECK(r.keeper(100).redirects().empty());
  const auto early = r.asked(30, 60);
  CHECK(early.records.size() == 1);
  CHECK(!early.redirected);
  r.lost = [](const overlay_wires::frame&) { return false; };
  r.run(minutes(1));
  CHECK(r.keeper(100).redirects().size() == 1);
  CHECK(r.asked(30, 60).redirected);
}

TEST_CASE("when he who took over dies, the owner answers again") {
  ring r;
  r.kill(90);
  r.run(minutes(1));
  r.kill(200);
  // Nobody has noticed; the reader has waited in vain and goes back.
  const auto early = r.asked(30, 50);
  CHECK(early.records.size() == 1);
  CHECK(early.tries == 1);
  r.run(minutes(1));
  CHECK(r.keeper(100).redirects().empty());
  CHECK(!r.asked(30, 50).redirected);
}

TEST_CASE("a redirect for other names, by somebody else, or forged, is not followed") {
  ring r;
  const auto stranger = overlay_wires::where(220);
  for (const int wrong : {0, 1, 2, 3, 4}) {
    CAPTURE(wrong);
    r.refused.clear();
    r.record_results.clear();
    bool has_asked_stranger = false;
    r.lost = [&](const overlay_wires::frame& f) {
      const auto* m = std::get_if<fetch_request>(&f.message);
      has_asked_stranger = has_asked_stranger || (m != nullptr && f.to.id == stranger.id);
      if (m == nullptr || f.to.id != test_id(90))
        return false;
      record_redirect lie{test_id(30), test_id(90), stranger, test_id(90), ~0ull, {}, {}};
      if (wrong == 0)
        lie.after = test_id(60);
      if (wrong == 1)
        lie.issuer = test_id(100);
      if (wrong == 2)
        lie.expires = 5;
      if (wrong == 3)
        lie.holder = overlay_wires::where(90);
      r.seal.sign(lie);
      if (wrong == 4)
        lie.signed_by_issuer = {};
      r.frames.push_back({f.to, f.from, fetch_reply{m->nonce, {lie}, false, {}}});
      return true;
    };
    r.read(30, 50);
    r.run(seconds(20));
    REQUIRE(r.record_results.size() == 1);
    CHECK(!r.record_results.front().done);
    CHECK(!has_asked_stranger);
    CHECK(std::ranges::find(r.refused, "a redirect that is none") != r.refused.end());
  }
}

// When new certificates are asked for.
#include "net/identity/renewal.hpp"

#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

struct holder {
  signer ours{"ours"};
  node_key key = must(node_key::generate());

  certificate with(std::chrono::seconds lifetime, wall_time made = now) const {
    return must(parse_certificate(ours.vouch(key, made, lifetime)));
  }
};

TEST_CASE("new certificates are due when two thirds of the shortest one's time are over") {
  const holder h;
  CHECK(renewal_due(std::vector{h.with(24h)}) == now + 16h);
  CHECK(renewal_due(std::vector{h.with(9s)}) == now + 6s);
  CHECK(renewal_due(std::vector{h.with(24h), h.with(6h), h.with(48h)}) == now + 4h);
  // The one that ends first need not be the one that is due first.
  CHECK(renewal_due(std::vector{h.with(30h, now - 28h), h.with(1h)}) == now - 8h);
  CHECK(first_end(std::vector{h.with(30h, now - 28h), h.with(1h)}) == now + 1h);
}

TEST_CASE("a certificate that was not made valid from before has all of its time") {
  const holder h;
  auto other = h.with(24h);
  other.not_before = now;
  other.not_after = now + 3min; // less than the time by which ours are made valid from before
  CHECK(renewal_due(std::vector{other}) == now + 2min);
}

TEST_CASE("pauses grow, and several tries are left before the end") {
  CHECK(pause_after(1, 8h) == 5s);
  CHECK(pause_after(2, 8h) == 10s);
  CHECK(pause_after(3, 8h) == 20s);
  CHECK(pause_after(30, 8h) == 10min);
  CHECK(pause_after(4'000'000'000u, 8h) == 10min);
  CHECK(pause_after(30, 8min) == 1min);
  CHECK(pause_after(1, 16s) == 2s);
  CHECK(pause_after(30, 3s) == 1s);
  // Afterwards it is urgent, but the authority is not to be flooded.
  CHECK(pause_after(1, 0s) == 5s);
  CHECK(pause_after(30, -8h) == 1min);
  // From any failure on, at least five more tries come in time.
  for (std::chrono::seconds left = 40s; left < 10h; left += 97s) {
    auto rest = left;
    unsigned tries = 0;
    while (rest > 0s && tries < 100)
      rest -= pause_after(++tries, rest);
    CHECK(tries > 5);
  }
}

TEST_CASE("spans are told in two units at most") {
  CHECK(span_text(0s) == "0 s");
  CHECK(span_text(59s) == "59 s");
  CHECK(span_text(61s) == "1 min");
  CHECK(span_text(7h + 59min + 59s) == "7 h 59 min");
  CHECK(span_text(24h) == "1 d 0 h");
  CHECK(span_text(24h * 30 + 5h) == "30 d 5 h");
}

} // namespace
} // namespace dci::test

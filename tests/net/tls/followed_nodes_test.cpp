#include "net/tls/followed_nodes.hpp"

#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

verified_node vouched(const node_id& id, std::chrono::seconds time) {
  verified_node out;
  out.id = id;
  out.valid_until = now + time;
  return out;
}

TEST_CASE("of a node that is followed, what holds longest is kept; of others nothing") {
  const auto a = must(node_key::generate()).id(), b = must(node_key::generate()).id();
  followed_nodes all;
  CHECK_FALSE(all.saw(vouched(a, 9h), {{9}}));
  auto followed = all.follow(vouched(a, 2h), {{2}});
  CHECK(followed_nodes::shown_by(*followed) == std::vector<byte_vector>{{2}});
  CHECK_FALSE(all.saw(vouched(b, 9h), {{9}}));
  CHECK_FALSE(all.saw(vouched(a, 1h), {{1}}));
  CHECK_FALSE(all.saw(vouched(a, 2h), {{3}}));
  CHECK(followed_nodes::shown_by(*followed) == std::vector<byte_vector>{{2}});
  CHECK(all.saw(vouched(a, 5h), {{5}}));
  CHECK(followed_nodes::shown_by(*followed) == std::vector<byte_vector>{{5}});
  // Whoever comes to follow it, with less or with more, shares it.
  const auto other = all.follow(vouched(a, 3h), {{3}});
  CHECK(other == followed);
  CHECK(followed_nodes::shown_by(*all.follow(vouched(a, 6h), {{6}})) ==
        std::vector<byte_vector>{{6}});
  CHECK(followed_nodes::shown_by(*followed) == std::vector<byte_vector>{{6}});
}

TEST_CASE("who is followed no more is forgotten") {
  const auto a = must(node_key::generate()).id();
  followed_nodes all;
  auto followed = all.follow(vouched(a, 5h), {{5}});
  followed.reset();
  CHECK_FALSE(all.saw(vouched(a, 9h), {{9}}));
  CHECK(followed_nodes::shown_by(*all.follow(vouched(a, 1h), {{1}})) ==
        std::vector<byte_vector>{{1}});
}

} // namespace
} // namespace dci::test

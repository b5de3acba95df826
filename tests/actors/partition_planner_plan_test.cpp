// Ring memory-weighted partitioning against its formula, and the memory it is given.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "actors/partition_planner/device_memory.hpp"
#include "actors/partition_planner/ring_memory_weighted.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;

namespace {

constexpr std::uint64_t gib = 1024ull * 1024 * 1024;
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

/// "a [0, 2) | b [2, 6)", or the error.
std::string planned(std::uint32_t layers, std::vector<plan_node> nodes) {
  const auto stages = ring_memory_weighted(layers, std::move(nodes));
  if (!stages)
    return std::string{to_string(stages.error().code)} + ": " + stages.error().message;
  std::string out;
  for (const auto& stage : *stages)
    out += (out.empty() ? "" : " | ") + stage.id + " " + to_string(stage.layers);
  return out;
}

} // namespace

TEST_CASE("layers follow memory, the smallest node first") {
  CHECK(planned(6, {{"a", gib}, {"b", gib}, {"c", gib}}) == "a [0, 2) | b [2, 4) | c [4, 6)");
  CHECK(planned(12, {{"big", 6 * gib}, {"small", 2 * gib}, {"mid", 4 * gib}}) ==
        "small [0, 2) | mid [2, 6) | big [6, 12)");
  CHECK(planned(5, {{"only", 1}}) == "only [0, 5)");
  CHECK(planned(1, {{"a", 1}, {"b", 3}}) == "b [0, 1)");
}

TEST_CASE("a cut that is half a layer is rounded up") {
  // cut_1 = floor((2 * 3 * 1 + 2) / 4) = 2: one and a half layers become two.
  CHECK(planned(3, {{"a", gib}, {"b", gib}}) == "a [0, 2) | b [2, 3)");
  // cut_1 = floor((2 * 5 * 3 + 10) / 20) = 2, where 1.5 was its share.
  CHECK(planned(5, {{"a", 3}, {"b", 7}}) == "a [0, 2) | b [2, 5)");
  // Just under a half: floor((2 * 5 * 29 + 100) / 200) = 1.
  CHECK(planned(5, {{"a", 29}, {"b", 71}}) == "a [0, 1) | b [1, 5)");
}

TEST_CASE("equal memories are ordered by id, whatever the order they come in") {
  std::vector<plan_node> nodes = {{"b", 7}, {"a10", 7}, {"a", 7}, {"a9", 7}};
  const auto wanted = planned(8, nodes);
  CHECK(wanted == "a [0, 2) | a10 [2, 4) | a9 [4, 6) | b [6, 8)");
  std::ranges::sort(nodes, {}, &plan_node::id);
  do
    CHECK(planned(8, nodes) == wanted);
  while (std::ranges::next_permutation(nodes, {}, &plan_node::id).found);
}

TEST_CASE("a node whose share is no layer is left out") {
  CHECK(planned(4, {{"none", 0}, {"a", gib}, {"b", gib}}) == "a [0, 2) | b [2, 4)");
  CHECK(planned(4, {{"tiny", 1}, {"a", gib}, {"b", gib}}) == "a [0, 2) | b [2, 4)");
  CHECK(planned(2, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}}) == "a [0, 1) | c [1, 2)");
}

TEST_CASE("memories up to 64 bits neither overflow nor lose a layer") {
  CHECK(planned(2, {{"a", most}, {"b", most}}) == "a [0, 1) | b [1, 2)");
  constexpr auto many = std::numeric_limits<std::uint32_t>::max();
  const auto stages =
      ring_memory_weighted(many, {{"a", most}, {"b", most}, {"c", most}, {"d", most - 1}});
  REQUIRE(stages);
  REQUIRE(stages->size() == 4);
  CHECK(stages->front().id == "d");
  CHECK(stages->back().layers.last == many);
  for (const auto& stage : *stages)
    CHECK(stage.layers.count() >= many / 4);
}

TEST_CASE("cuts are the formula's, for any nodes") {
  std::mt19937_64 draw(20240601);
  for (int round = 0; round < 2000; ++round) {
    const auto layers = static_cast<std::uint32_t>(draw() % 100 + 1);
    std::vector<plan_node> nodes(draw() % 8 + 1);
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      nodes[i] = {"node" + std::to_string(i), draw() % 50};
      total += nodes[i].memory_bytes;
    }
    if (total == 0)
      continue;
    const auto stages = ring_memory_weighted(layers, nodes);
    REQUIRE(stages);
    std::ranges::sort(nodes, {}, [](const auto& n) { return std::pair{n.memory_bytes, n.id}; });
    std::vector<plan_stage> wanted;
    std::uint64_t prefix = 0;
    std::uint32_t begin = 0;
    for (const auto& node : nodes) {
      prefix += node.memory_bytes;
      const auto end = static_cast<std::uint32_t>((2 * layers * prefix + total) / (2 * total));
      if (end > begin)
        wanted.push_back({node.id, {begin, end}});
      begin = end;
    }
    CAPTURE(round);
    CHECK(*stages == wanted);
    CHECK(stages->front().layers.first == 0);
    CHECK(stages->back().layers.last == layers);
  }
}

TEST_CASE("what cannot be planned says why") {
  test::check_error(ring_memory_weighted(0, {{"a", 1}}), errc::bad_request, {"at least one layer"});
  test::check_error(ring_memory_weighted(4, {}), errc::bad_request, {"at least one node"});
  test::check_error(ring_memory_weighted(4, {{"a", 1}, {"b", 2}, {"a", 3}}), errc::bad_request,
                    {"\"a\"", "twice"});
  test::check_error(ring_memory_weighted(4, {{"a", 0}, {"b", 0}}), errc::bad_request, {"memory"});
}

TEST_CASE("hosts of one machine share what is available, unless their owner set it") {
  const auto nodes = device_memories({{"a", "m1", 8 * gib, false},
                                      {"b", "m1", 6 * gib, true},
                                      {"c", "m1", 9 * gib, false},
                                      {"d", "m2", 10 * gib, false}});
  REQUIRE(nodes.size() == 4);
  CHECK(nodes[0].id == "a");
  CHECK(nodes[0].memory_bytes == 8 * gib / 3);
  CHECK(nodes[1].memory_bytes == 6 * gib);
  CHECK(nodes[2].memory_bytes == 3 * gib);
  CHECK(nodes[3].id == "d");
  CHECK(nodes[3].memory_bytes == 10 * gib);
  CHECK(device_memories({}).empty());
}

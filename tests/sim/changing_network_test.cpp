#include <doctest/doctest.h>

#include <filesystem>

#include <unistd.h>

#include "runtime/base/files.hpp"
#include "runtime/sim/changing_network.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

struct folder {
  std::filesystem::path path;
  explicit folder(const char* name)
      : path(std::filesystem::temp_directory_path() /
             (std::string("dci_slices_") + name + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::filesystem::remove_all(path);
  }
  std::string file(const char* name, std::string_view text) const {
    REQUIRE(write_file(path / name, text));
    return (path / name).string();
  }
};

// The longest way between two of its nodes that are not beside the same measured one.
node_clock::duration longest(const sim_network& network) {
  node_clock::duration out{};
  for (std::uint32_t a = 0; a < network.size(); ++a)
    for (std::uint32_t b = 0; b < network.size(); ++b)
      if (a != b)
        out = std::max(out, network.one_way(a, b));
  return out;
}

} // namespace

TEST_CASE("slices come one after the other, and then back") {
  const folder here("turns");
  const auto first = here.file("m_8.tsv", "0 0.2\n0.2 0\n");
  here.file("m_9.tsv", "0 0\n0 0.4\n"); // unknown: as it was before
  here.file("m_10.tsv", "0 0.6\n0.6 0\n");
  here.file("m_12.tsv", "0 9\n9 0\n"); // behind a gap
  sim_scene scene;
  scene.nodes = 12;
  scene.rtt_scale = 1000;
  const auto read = open_changing(scene, {first, 10s});
  REQUIRE_MESSAGE(!read, "a matrix that says nothing is no slice");
  CHECK(read.error().message.find("m_9.tsv") != std::string::npos);

  here.file("m_9.tsv", "0 0.4\n0 0\n");
  const auto network = open_changing(scene, {first, 10s});
  REQUIRE_MESSAGE(network, network.error().message);
  CHECK((*network)->size() == 12);
  const auto at = [&](node_clock::duration time) {
    (*network)->go_to(node_time(time));
    return longest(**network);
  };
  for (const auto turn : {0s, 40s, 80s}) {
    CHECK(at(turn) >= 100ms);
    CHECK(at(turn + 9s) <= 106ms);
    CHECK(at(turn + 10s) >= 150ms); // the mean of 400 ms there and 200 ms back, one way
    CHECK(at(turn + 10s) <= 156ms);
    CHECK(at(turn + 20s) >= 300ms);
    CHECK(at(turn + 30s) <= 156ms);
  }
}

TEST_CASE("slices that cannot be are refused by name") {
  const folder here("bad");
  const auto refused = [](const std::string& file, std::string_view what) {
    const auto read = read_slices(file, 1);
    REQUIRE(!read);
    CHECK(read.error().code == errc::bad_file);
    CHECK(read.error().message.find(what) != std::string::npos);
  };
  refused(here.file("rtt.tsv", "0 1\n1 0\n"), "end with its number");
  refused((here.path / "none_1.tsv").string(), "none_1.tsv");
  refused(here.file("huge_99999999999.tsv", "0 1\n1 0\n"), "end with its number");
  here.file("a_2.tsv", "0 1 1\n1 0 1\n1 1 0\n");
  refused(here.file("a_1.tsv", "0 1\n1 0\n"), "a_2.tsv: 3 nodes, the first slice has 2");
  sim_scene scene;
  CHECK(open_changing(scene, {here.file("b_1.tsv", "0 1\n1 0\n"), 0s}).error().code ==
        errc::bad_config);
  scene.nodes = 1;
  CHECK(open_changing(scene, {here.file("b_1.tsv", "0 1\n1 0\n"), 1s}).error().code ==
        errc::bad_config);
}

TEST_CASE("without measured ones each link changes by itself, about what it is") {
  sim_scene scene;
  scene.nodes = 60;
  const auto usual = open_network(scene);
  const auto network = open_changing(scene, {});
  REQUIRE((usual && network));
  std::uint32_t links = 0, changed_soon = 0, within = 0;
  const auto at = [&](node_clock::duration time, std::uint32_t a, std::uint32_t b) {
    (*network)->go_to(node_time(time));
    return (*network)->one_way(a, b);
  };
  for (std::uint32_t a = 0; a < 60; ++a)
    for (std::uint32_t b = 0; b < a; ++b) {
      ++links;
      const auto now = at(100s, a, b);
      REQUIRE(now == at(100s, b, a));
      REQUIRE(now != at(161s, a, b));
      changed_soon += now != at(106s, a, b);
      const auto factor =
          static_cast<double>(now.count()) / static_cast<double>((*usual)->one_way(a, b).count());
      within += factor > 1 / 1.4 && factor < 1.4;
    }
  // A tenth of a minute later, a tenth of the links.
  CHECK(changed_soon == doctest::Approx(0.1 * links).epsilon(0.25));
  CHECK(within == doctest::Approx(0.5 * links).epsilon(0.1));
}

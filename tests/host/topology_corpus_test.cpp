// The seeds the fuzzer starts from are also read by every test run.
#include <filesystem>

#include "runtime/base/files.hpp"
#include "tests/host/topology_support.hpp"

#include <doctest/doctest.h>

using namespace dci;
using namespace dci::test;

TEST_CASE("every seed is either a topology or one placed error") {
  const std::filesystem::path folder = DCI_SOURCE_DIR "/tests/fuzz/corpus/topology";
  int good = 0;
  int bad = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().string());
    const auto text = read_file(entry.path(), max_topology_bytes);
    REQUIRE(text.has_value());
    const auto parsed = parse_sample(*text);
    const bool should_pass = entry.path().filename().string().starts_with("good-");
    REQUIRE_MESSAGE(parsed.has_value() == should_pass,
                    (parsed ? std::string{} : parsed.error().message));
    if (parsed) {
      ++good;
      CHECK(parse_sample(write_topology(*parsed)).has_value());
    } else {
      ++bad;
      CHECK(parsed.error().code == errc::bad_topology);
      CHECK(parsed.error().message.starts_with("ring.toml:"));
    }
  }
  CHECK(good >= 4);
  CHECK(bad >= 8);
}

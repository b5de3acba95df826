#include "runtime/base/power.hpp"

#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/files/fixture.hpp"

using namespace dci;

namespace {

void write(const std::filesystem::path& folder, const char* name, const std::string& number) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / name) << number << '\n';
}

} // namespace

TEST_CASE("energy is added up over processors, and over counters that begin again") {
  const test::temp_dir folder;
  const auto first = folder.path() / "intel-rapl:0", second = folder.path() / "intel-rapl:1";
  write(first, "energy_uj", "1000000");
  write(first, "max_energy_range_uj", "9000000");
  write(second, "energy_uj", "8000000");
  write(second, "max_energy_range_uj", "9000000");
  write(folder.path() / "intel-rapl:0:0", "energy_uj", "5"); // a part of the first one
  const energy_meter meter(folder.path());
  CHECK(meter.joules() == 0);
  write(first, "energy_uj", "3500000");
  write(folder.path() / "intel-rapl:0:0", "energy_uj", "9000000");
  CHECK(meter.joules() == doctest::Approx(2.5));
  write(second, "energy_uj", "500000");
  CHECK(meter.joules() == doctest::Approx(4));
  write(second, "energy_uj", "none");
  CHECK(meter.joules() == doctest::Approx(2.5));
}

TEST_CASE("a machine without counters says nothing of its power") {
  CHECK(energy_meter("/nowhere").joules() == 0);
}

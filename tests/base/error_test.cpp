#include <set>

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"

namespace dci {
namespace {

const std::vector<errc>& every_code() {
#define DCI_TEST_CODE(name, exit, text) errc::name,
  static const std::vector<errc> codes{errc::none, DCI_ERRC_LIST(DCI_TEST_CODE)};
#undef DCI_TEST_CODE
  return codes;
}

expected<int> half(int n) {
  if (n % 2 != 0)
    return fail(errc::bad_request, std::to_string(n) + " is odd");
  return n / 2;
}

expected<int> quarter(int n) {
  DCI_ASSIGN(const int once, half(n));
  DCI_ASSIGN(const int twice, half(once));
  return twice;
}

result must_halve(int n) {
  DCI_TRY(half(n));
  return {};
}

TEST_CASE("every error code has a name, a meaning and an exit code") {
  std::set<std::string_view> names;
  for (const auto code : every_code()) {
    CAPTURE(to_string(code));
    CHECK(names.insert(to_string(code)).second);
    CHECK(errc_from_string(to_string(code)) == code);
    CHECK(meaning(code).size() > 5);
    if (code == errc::none) {
      CHECK(exit_code(code) == 0);
    } else {
      CHECK(exit_code(code) >= 1);
      CHECK(exit_code(code) <= 3);
    }
  }
}

TEST_CASE("exit codes: 1 a check failed, 2 bad input, 3 the network or a peer") {
  CHECK(exit_code(errc::check_failed) == 1);
  CHECK(exit_code(errc::bad_file) == 2);
  CHECK(exit_code(errc::usage) == 2);
  CHECK(exit_code(errc::peer_lost) == 3);
  CHECK(exit_code(errc::timed_out) == 3);
}

TEST_CASE("a code or a name that this version does not know") {
  const auto foreign = static_cast<errc>(250);
  CHECK(to_string(foreign) == "unknown");
  CHECK(meaning(foreign).find("does not know") != std::string_view::npos);
  CHECK(exit_code(foreign) == 1);
  CHECK(errc_from_string("no_such_code") == errc::internal);
  CHECK(errc_from_string("") == errc::internal);
}

TEST_CASE("zero is no error, as CAF reads it") {
  CHECK(static_cast<int>(errc::none) == 0);
  CHECK(static_cast<int>(every_code()[1]) == 1);
}

TEST_CASE("errors travel outwards and keep their code") {
  CHECK(quarter(12).value() == 3);
  REQUIRE(!quarter(6));
  CHECK(quarter(6).error() == error{errc::bad_request, "3 is odd"});
  CHECK(must_halve(4));
  REQUIRE(!must_halve(5));
  CHECK(in_context("ring main", must_halve(5).error()) ==
        error{errc::bad_request, "ring main: 5 is odd"});
}

} // namespace
} // namespace dci

// What an actor or a host may be called.
#include <doctest/doctest.h>

#include <string>

#include "actors/node/names.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;

TEST_CASE("letters, digits, '_', '-' and '.' make a name") {
  for (const auto* name : {"a", "Z", "0", "front", "main.2.e3", "a_b-c.d", "-", "."})
    CHECK(check_name("actor", name));
  CHECK(check_name("actor", std::string(64, 'x')));
}

TEST_CASE("anything else does not, and the message says of what") {
  for (const auto* name : {"", "a b", "a/b", "a\n", "\xc3\xa4", "a:b", "a\"b"})
    CHECK_FALSE(check_name("actor", name));
  test::check_error(check_name("host", "two words"), errc::bad_config,
                    {"host name", "two words", "1 to 64"});
  test::check_error(check_name("actor", std::string(65, 'x')), errc::bad_config,
                    {"actor name", "1 to 64"});
}

TEST_CASE("a long bad name does not fill the screen") {
  const auto checked = check_name("actor", std::string(100'000, 'x'));
  REQUIRE_FALSE(checked);
  CHECK(checked.error().message.size() < 200);
}

TEST_CASE("a name with control characters is shown in one line") {
  test::check_error(check_name("actor", "a\nb\x1b[2J"), errc::bad_config, {"actor name"});
}

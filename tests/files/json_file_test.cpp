#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tensors/files/in_quotes.hpp"
#include "tensors/files/json_file.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using test::check_error;

TEST_CASE("JSON is read strictly and its faults have a place") {
  REQUIRE(parse_json("f", R"({"a": [1, {"a": 2}], "b": {"a": null}})"));
  check_error(parse_json("f", "{\"a\": 1,\n  x}"), errc::bad_file, {"f: ", "line 2, column 3"});
  check_error(parse_json("f", ""), errc::bad_file, {"f: ", "line 1, column 1"});
  check_error(parse_json("f", R"({"a": 1, "a": 2})"), errc::bad_file, {"\"a\" appears twice"});
  check_error(parse_json("f", R"({"b": {"a": 1, "a": 2}})"), errc::bad_file, {"appears twice"});
  check_error(parse_json("f", std::string(100000, '[')), errc::bad_file, {"levels deep"});
  check_error(parse_json("f", "{\"a\": \"\xff\"}"), errc::bad_file, {"f: ", "not valid JSON"});
  check_error(parse_json("f", R"({"a": 1e999})"), errc::bad_file, {"f: ", "not valid JSON"});
  check_error(parse_json("f", std::string_view("{}\n\0{", 5)), errc::bad_file,
              {"f: ", "NUL", "line 2"});
  check_error(parse_json("f", "{} {}"), errc::bad_file, {"f: ", "not valid JSON"});
}

TEST_CASE("names from files stay on one line") {
  CHECK(in_quotes("model.norm") == "\"model.norm\"");
  CHECK(in_quotes("a\n\x1b\"") == "\"a\\x0a\\x1b\\\"\"");
  CHECK(in_quotes(std::string(200, 'x')).size() == 85);
}

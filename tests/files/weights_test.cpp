#include <doctest/doctest.h>

#include "tensors/files/weights.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using test::check_error;
using test::safetensors_of;

namespace {

constexpr auto index_name = "model.safetensors.index.json";

std::string file_with(const std::string& tensor) {
  return safetensors_of({{tensor, "F32", {1}, test::f32_bytes({1})}});
}

} // namespace

TEST_CASE("a single file is preferred to an index") {
  const test::temp_dir dir;
  dir.write("model.safetensors", file_with("a"));
  dir.write(index_name, "not even JSON");
  const auto opened = weights::open(dir.path());
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  CHECK((*opened)->contains("a"));
  CHECK((*opened)->find("a")->view->bytes.size() == 4);
  CHECK_FALSE((*opened)->contains("b"));
  check_error((*opened)->find("b"), errc::bad_file, {"model.safetensors", "\"b\"", "missing"});
}

TEST_CASE("shards are opened only when a tensor of theirs is asked for") {
  const test::temp_dir dir;
  dir.write(index_name,
            R"({"metadata": {}, "weight_map": {"a": "one.st", "b": "two.st", "c": "one.st"}})");
  dir.write("one.st", file_with("a"));
  const auto opened = weights::open(dir.path());
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  CHECK((*opened)->find("a"));
  CHECK((*opened)->contains("b"));
  check_error((*opened)->find("b"), errc::bad_file, {"two.st", "no such file", "\"b\""});
  check_error((*opened)->find("c"), errc::bad_file, {"one.st", "\"c\"", "missing", index_name});
  check_error((*opened)->find("d"), errc::bad_file, {index_name, "\"d\"", "missing"});
  dir.write("two.st", "damaged");
  check_error((*opened)->find("b"), errc::bad_file, {"two.st", "truncated", "\"b\""});
  dir.write("two.st", file_with("b"));
  CHECK((*opened)->find("b"));
}

TEST_CASE("an index cannot name a file outside the folder") {
  const test::temp_dir dir;
  for (const std::string name :
       {"../x", "/etc/passwd", "a/b", "", "..", ".", "a\\\\b", "a\\u0000b"}) {
    CAPTURE(name);
    dir.write(index_name, "{\"weight_map\": {\"t\": \"" + name + "\"}}");
    check_error(weights::open(dir.path()), errc::bad_file, {index_name, "\"t\"", "plain name"});
  }
}

TEST_CASE("a damaged index is refused") {
  const test::temp_dir dir;
  const auto open = [&](const char* text) {
    dir.write(index_name, text);
    return weights::open(dir.path());
  };
  check_error(weights::open(dir.path()), errc::bad_file, {dir.path().string(), "no weights"});
  check_error(open("{"), errc::bad_file, {index_name, "not valid JSON"});
  check_error(open("[]"), errc::bad_file, {index_name, "weight_map", "missing"});
  check_error(open(R"({"weight_map": []})"), errc::bad_file, {index_name, "weight_map"});
  check_error(open(R"({"weight_map": {}})"), errc::bad_file, {index_name, "weight_map"});
  check_error(open(R"({"weight_map": {"t": 1}})"), errc::bad_file, {index_name, "\"t\"", "not 1"});
  check_error(open(R"({"weight_map": {"t": "a", "t": "b"}})"), errc::bad_file, {"twice"});
}

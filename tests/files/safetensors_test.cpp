#include <doctest/doctest.h>

#include <sys/stat.h>

#include "tensors/files/safetensors.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using test::check_error;
using test::safetensors_of;

TEST_CASE("a well-formed file gives its tensors' types, shapes and bytes") {
  const test::temp_dir dir;
  const auto path =
      dir.write("model.safetensors", safetensors_of({{"a", "F32", {2, 1}, test::f32_bytes({1, 2})},
                                                     {"b", "BF16", {3}, "123456"},
                                                     {"empty", "F16", {4, 0}, ""},
                                                     {"scalar", "I8", {}, "x"}}));
  const auto file = safetensors_file::open(path);
  REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
  CHECK((*file)->tensors().size() == 4);
  const auto* a = (*file)->find("a");
  REQUIRE(a != nullptr);
  CHECK(a->type == dtype::F32);
  CHECK(a->shape == std::vector<std::int64_t>{2, 1});
  float second = 0;
  std::memcpy(&second, a->bytes.data() + 4, 4);
  CHECK(second == 2);
  CHECK((*file)->find("b")->bytes.size() == 6);
  CHECK((*file)->find("b")->bytes[5] == std::byte{'6'});
  CHECK((*file)->find("empty")->bytes.empty());
  CHECK((*file)->find("scalar")->shape.empty());
  CHECK((*file)->find("c") == nullptr);
}

TEST_CASE("metadata, blanks after the header and tensors in any order are fine") {
  const test::temp_dir dir;
  const auto path =
      dir.write("m.safetensors",
                safetensors_of(R"({"__metadata__":{"format":"pt"},)"
                               R"("late":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},)"
                               R"("early":{"data_offsets":[0,2],"shape":[2],"dtype":"U8"}}   )",
                               3));
  const auto file = safetensors_file::open(path);
  REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
  CHECK((*file)->tensors().size() == 2);
}

TEST_CASE("a damaged header is refused with the tensor and the reason") {
  struct bad {
    const char* header;
    std::size_t data;
    std::initializer_list<std::string> parts;
  };
  // Written as the header without its braces.
  const bad cases[] = {
      {R"("t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})",
       4,
       {"\"t\"", "truncated", "4 bytes"}},
      {R"("t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]})",
       4,
       {"\"t\"", "4 bytes", "takes 8"}},
      {R"("t":{"dtype":"F16","shape":[2],"data_offsets":[0,8]})", 8, {"\"t\"", "F16", "takes 4"}},
      {R"("t":{"dtype":"F33","shape":[1],"data_offsets":[0,4]})", 4, {"\"t\"", "F33", "unknown"}},
      {R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
       R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]})",
       8,
       {"\"b\"", "[4, 8]", "overlap", "\"a\""}},
      {R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
       R"("b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})",
       4,
       {"overlap"}},
      {R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
       R"("b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]})",
       12,
       {"\"b\"", "gap of 4"}},
      {R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]})", 8, {"\"a\"", "gap of 4"}},
      {R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})", 6, {"last 2 bytes", "no tensor"}},
      {R"("t":{"dtype":"F32","shape":[1],"data_offsets":[8,4]})", 8, {"\"t\"", "backwards"}},
      {R"("t":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]})",
       4,
       {"\"t\"", "absurd"}},
      {R"("t":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]})",
       4,
       {"\"t\"", "absurd"}},
      {R"("t":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]})",
       4,
       {"\"t\"", "dimensions"}},
      {R"("t":{"dtype":"F4","shape":[1],"data_offsets":[0,1]})", 1, {"\"t\"", "absurd"}},
      {R"("t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]})", 4, {"\"t\"", "shape", "-1"}},
      {R"("t":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]})", 4, {"\"t\"", "shape", "1.5"}},
      {R"("t":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]})", 4, {"\"t\"", "two numbers"}},
      {R"("t":{"dtype":"F32","shape":[1],"data_offsets":[0]})", 4, {"\"t\"", "two numbers"}},
      {R"("t":{"dtype":"F32","shape":1,"data_offsets":[0,4]})", 4, {"\"t\"", "\"shape\""}},
      {R"("t":{"dtype":7,"shape":[1],"data_offsets":[0,4]})", 4, {"\"t\"", "\"dtype\""}},
      {R"("t":{"dtype":"F32","data_offsets":[0,4]})", 4, {"\"t\"", "\"shape\"", "missing"}},
      {R"("t":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})", 4, {"\"t\"", "\"x\""}},
      {R"("t":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]})", 4, {"twice"}},
      {R"("t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
       R"("t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]})",
       8,
       {"\"t\"", "twice"}},
      {R"("t":[1])", 0, {"\"t\"", "object"}},
      {R"("__metadata__":{"format":1})", 0, {"__metadata__", "strings"}},
      {R"("t":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]})", 4, {"\"t\"", "shape"}},
      {R"("t":{"dtype":"F32",)", 0, {"not valid JSON", "byte"}},
      {"\"a\\nb\":7", 0, {"a\\x0ab"}},
  };
  const test::temp_dir dir;
  for (const auto& one : cases) {
    CAPTURE(one.header);
    const auto path =
        dir.write("bad.safetensors", safetensors_of(std::string("{") + one.header + "}", one.data));
    const auto file = safetensors_file::open(path);
    check_error(file, errc::bad_file, one.parts);
    check_error(file, errc::bad_file, {path.string()});
  }
}

TEST_CASE("lengths the file does not have are refused before anything is read") {
  const test::temp_dir dir;
  const auto open = [&](std::string_view bytes) {
    return safetensors_file::open(dir.write("bad.safetensors", bytes));
  };
  check_error(open(""), errc::bad_file, {"bad.safetensors", "truncated", "0 bytes"});
  check_error(open("1234567"), errc::bad_file, {"bad.safetensors", "truncated", "7 bytes"});
  const auto whole = safetensors_of("{}");
  REQUIRE(open(whole));
  check_error(open(whole.substr(0, whole.size() - 1)), errc::bad_file,
              {"bad.safetensors", "truncated", "header claims 2 bytes"});
  const std::string huge("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
  check_error(open(huge), errc::bad_file, {"header claims", "limit of 100000000"});
  check_error(open(safetensors_of(" {}")), errc::bad_file, {"must begin with {"});
  check_error(open(safetensors_of("[]")), errc::bad_file, {"must begin with {"});
  check_error(open(safetensors_of("")), errc::bad_file, {"must begin with {"});
  check_error(open(safetensors_of("{}x")), errc::bad_file, {"not valid JSON"});
  check_error(open(safetensors_of(std::string("{}\0", 3))), errc::bad_file, {"not valid JSON"});
}

TEST_CASE("what is no file is refused") {
  const test::temp_dir dir;
  check_error(safetensors_file::open(dir.path() / "none"), errc::bad_file,
              {"none", "no such file"});
  check_error(safetensors_file::open(dir.path()), errc::bad_file, {"not a regular file"});
  const auto pipe = dir.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  check_error(safetensors_file::open(pipe), errc::bad_file, {"pipe", "not a regular file"});
}

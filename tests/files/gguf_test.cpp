#include <doctest/doctest.h>

#include <span>

#include "tensors/files/gguf.hpp"
#include "tests/files/gguf_fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

expected<gguf_contents> parse(const std::string& file) {
  return parse_gguf("m.gguf", std::as_bytes(std::span(file)));
}

void check_refused(const std::string& file, std::initializer_list<std::string> parts,
                   errc code = errc::bad_file) {
  const auto contents = parse(file);
  check_error(contents, code, parts);
  check_error(contents, code, {"m.gguf: "});
}

gguf_tensor four_floats(const std::string& name = "t") {
  return {name, {2, 2}, 0, f32_bytes({1, 2, 3, 4})};
}

// A file with one tensor whose list entry is these bytes behind the name.
std::string with_entry(const std::string& entry, const std::string& data = {}) {
  auto file = "GGUF" + raw(std::uint32_t{3}) + raw(std::uint64_t{1}) + raw(std::uint64_t{0}) +
              raw_text("t") + entry;
  file.resize((file.size() + 31) / 32 * 32);
  return file + data;
}

std::string entry(const std::vector<std::uint64_t>& dimensions, std::uint32_t type,
                  std::uint64_t offset) {
  auto out = raw(static_cast<std::uint32_t>(dimensions.size()));
  for (const auto size : dimensions)
    out += raw(size);
  return out + raw(type) + raw(offset);
}

} // namespace

TEST_CASE("a well-formed file gives its metadata and its tensors") {
  const temp_dir dir;
  for (const std::uint32_t version : {2, 3}) {
    const auto path = dir.write(
        "m.gguf",
        gguf_of(
            {{"general.architecture", text("llama")},
             {"a", u32(7)},
             {"b", raw_type(gguf_type::i8) + raw(std::int8_t{-3})},
             {"c", f32(0.5f)},
             {"d", boolean(true)},
             {"e", texts({"x", "", "yz"})},
             {"f", numbers<std::int32_t>(gguf_type::i32, {1, -2})},
             {"g", raw_type(gguf_type::array) + raw_type(gguf_type::array) + raw(std::uint64_t{1}) +
                       numbers<float>(gguf_type::f32, {2.5f}).substr(sizeof(std::uint32_t))}},
            {{"m", {3, 2}, 0, f32_bytes({1, 2, 3, 4, 5, 6})},
             {"q", {32, 2}, 8, std::string(68, 'q')},
             {"k", {256}, 12, std::string(144, 'k')},
             {"s", {}, 1, "12"}},
            32, version));
    const auto file = gguf_file::open(path);
    REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
    const auto& metadata = (*file)->metadata();
    CHECK(metadata.size() == 8);
    REQUIRE(find_value<std::string_view>(metadata, "general.architecture") != nullptr);
    CHECK(*find_value<std::string_view>(metadata, "general.architecture") == "llama");
    CHECK(*find_value<std::uint64_t>(metadata, "a") == 7);
    CHECK(find_value<double>(metadata, "a") == nullptr);
    CHECK(find_value<double>(metadata, "none") == nullptr);
    CHECK(*find_value<std::int64_t>(metadata, "b") == -3);
    CHECK(*find_value<double>(metadata, "c") == 0.5);
    CHECK(*find_value<bool>(metadata, "d"));
    CHECK(*find_value<gguf_strings>(metadata, "e") == gguf_strings{"x", "", "yz"});
    const auto* whole = find_value<gguf_numbers>(metadata, "f");
    REQUIRE(whole != nullptr);
    CHECK(whole->size() == 2);
    CHECK(whole->at(1) == -2);
    const auto* nested = find_value<gguf_arrays>(metadata, "g");
    REQUIRE(nested != nullptr);
    CHECK(std::get<gguf_numbers>(nested->front().data).at(0) == 2.5);

    CHECK((*file)->tensors().size() == 4);
    const auto* m = (*file)->find("m");
    REQUIRE(m != nullptr);
    CHECK(m->shape == std::vector<std::int64_t>{2, 3});
    CHECK(m->type == dtype::F32);
    float last = 0;
    std::memcpy(&last, m->bytes.data() + 20, 4);
    CHECK(last == 6);
    CHECK((*file)->find("q")->type == dtype::Q8_0);
    CHECK((*file)->find("q")->bytes.size() == 68);
    CHECK((*file)->find("q")->bytes[67] == std::byte{'q'});
    CHECK((*file)->find("k")->type == dtype::Q4_K);
    CHECK((*file)->find("s")->shape.empty());
    CHECK((*file)->find("z") == nullptr);
    CHECK((*file)->header().size() % 32 != 0);
  }
}

TEST_CASE("what is no GGUF file of ours is refused") {
  check_refused("", {"truncated"});
  check_refused("GGU", {"truncated"});
  check_refused("GGML1234", {"not a GGUF file"});
  check_refused("GGUF" + raw(std::uint32_t{1}), {"version 1"}, errc::unsupported);
  check_refused("GGUF" + raw(std::uint32_t{4}), {"version 4"}, errc::unsupported);
  check_refused("GGUF" + raw(std::uint32_t{0x03000000}), {"big-endian"}, errc::unsupported);
  CHECK(parse(gguf_of({})));
}

TEST_CASE("a file cut at any byte is refused or read as it should be") {
  const auto whole = gguf_of({{"general.alignment", u32(8)}, {"e", texts({"x", "yz"})}},
                             {four_floats("a"), four_floats("b")}, 8);
  REQUIRE(parse(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    check_refused(whole.substr(0, size), {});
}

TEST_CASE("counts and lengths that the file cannot hold are refused") {
  const auto header = [](std::uint64_t tensors, std::uint64_t pairs) {
    return "GGUF" + raw(std::uint32_t{3}) + raw(tensors) + raw(pairs);
  };
  check_refused(header(0, 1) + "123", {"claims 1 keys"});
  check_refused(header(0, ~std::uint64_t{0}) + std::string(99, '\0'), {"header", "keys"});
  check_refused(header(~std::uint64_t{0}, 0) + std::string(99, '\0'), {"header", "tensors"});
  check_refused(header(2, 0) + std::string(40, '\0'), {"claims 2 tensors"});
  check_refused(header(0, 1) + raw(~std::uint64_t{0}) + std::string(99, '\0'),
                {"key 1 of 1", "truncated"});
  check_refused(gguf_of({{std::string(65536, 'k'), u32(1)}}), {"key 1 of 1", "limit of 65535"});
  const auto value = [](const std::string& bytes) {
    return gguf_of({{"k", bytes}, {"more", text(std::string(64, 'x'))}});
  };
  check_refused(value(raw_type(gguf_type::string) + raw(std::uint64_t{1} << 63)),
                {"\"k\"", "truncated"});
  check_refused(
      value(raw_type(gguf_type::array) + raw_type(gguf_type::f64) + raw(std::uint64_t{1} << 61)),
      {"\"k\"", "numbers"});
  check_refused(
      value(raw_type(gguf_type::array) + raw_type(gguf_type::string) + raw(std::uint64_t{1} << 61)),
      {"\"k\"", "texts"});
  check_refused(
      value(raw_type(gguf_type::array) + raw_type(gguf_type::array) + raw(std::uint64_t{1} << 61)),
      {"\"k\"", "arrays"});
}

TEST_CASE("damaged metadata is refused with the key and the reason") {
  check_refused(gguf_of({{"k", raw(std::uint32_t{13}) + raw(std::uint64_t{0})}}),
                {"\"k\"", "value type 13"});
  check_refused(
      gguf_of({{"k", raw_type(gguf_type::array) + raw(std::uint32_t{99}) + raw(std::uint64_t{0})}}),
      {"\"k\"", "value type 99"});
  check_refused(gguf_of({{"k", raw_type(gguf_type::boolean) + "\x02"}, {"l", u32(1)}}),
                {"\"k\"", "neither 0 nor 1"});
  check_refused(gguf_of({{"k", numbers<char>(gguf_type::boolean, {0, 1, 3})}}),
                {"\"k\"", "neither 0 nor 1"});
  check_refused(gguf_of({{"k", u32(1)}, {"l", u32(2)}, {"k", u32(1)}}), {"\"k\"", "twice"});
  std::string nested = raw_type(gguf_type::array);
  for (int depth = 0; depth < 4; ++depth)
    nested += raw_type(gguf_type::array) + raw(std::uint64_t{1});
  nested += raw_type(gguf_type::u8) + raw(std::uint64_t{1}) + "x";
  check_refused(gguf_of({{"k", nested}}), {"\"k\"", "nested"});
  for (const auto& bad : {u32(0), u32(24), text("32"), f32(32)})
    check_refused(gguf_of({{"general.alignment", bad}}), {"\"general.alignment\"", "power of two"});
}

TEST_CASE("damaged tensors are refused with the name and the reason") {
  const std::string data(4096, '\0');
  CHECK(parse(with_entry(entry({8}, 0, 0), data)));
  check_refused(with_entry(entry({8}, 0, 0), std::string(31, '\0')), {"\"t\"", "truncated"});
  check_refused(with_entry(entry({8}, 0, 4096), data), {"\"t\"", "truncated"});
  check_refused(with_entry(entry({8}, 0, ~std::uint64_t{31}), data), {"\"t\"", "truncated"});
  check_refused(with_entry(entry({8}, 0, 8), data), {"\"t\"", "offset 8", "multiple of 32"});
  check_refused(with_entry(entry({1, 1, 1, 1, 1}, 0, 0), data), {"\"t\"", "5 dimensions"});
  check_refused(with_entry(entry({std::uint64_t{1} << 63}, 0, 0), data), {"\"t\"", "absurd"});
  check_refused(with_entry(entry({std::uint64_t{1} << 32, std::uint64_t{1} << 32}, 0, 0), data),
                {"\"t\"", "absurd"});
  check_refused(with_entry(entry({std::uint64_t{1} << 62}, 0, 0), data), {"\"t\"", "absurd"});
  check_refused(with_entry(entry({33, 2}, 8, 0), data), {"\"t\"", "33", "Q8_0", "32"});
  check_refused(with_entry(entry({32, 8}, 14, 0), data), {"\"t\"", "32", "Q6_K", "256"});
  check_refused(with_entry(entry({}, 2, 0), data), {"\"t\"", "Q4_0"});
  check_refused(with_entry(entry({32}, 13, 0), data), {"\"t\"", "GGML type 13", "Q5_K"},
                errc::unsupported);
  check_refused(with_entry(entry({32}, 4242, 0), data), {"\"t\"", "GGML type 4242"},
                errc::unsupported);
  check_refused(gguf_of({}, {four_floats(), four_floats("u"), four_floats()}), {"\"t\"", "twice"});
  check_refused(gguf_of({}, {four_floats(std::string(65, 'n'))}), {"limit of 64"});
  // Both tensors at offset 0.
  auto overlapping = gguf_of({}, {four_floats("a"), four_floats("b")});
  const auto at = overlapping.find(raw(std::uint64_t{32}), overlapping.find("b"));
  REQUIRE(at != std::string::npos);
  overlapping.replace(at, 8, raw(std::uint64_t{0}));
  check_refused(overlapping, {"overlaps tensor"});
}

TEST_CASE("the one GGUF file of a folder is found") {
  const temp_dir dir;
  CHECK(find_gguf(dir.path())->empty());
  CHECK(find_gguf(dir.path() / "none.gguf") == dir.path() / "none.gguf");
  const auto path = dir.write("a.gguf", gguf_of({}));
  CHECK(find_gguf(dir.path()) == path);
  CHECK(find_gguf(path) == path);
  CHECK(find_gguf(dir.write("b.bin", ""))->empty());
  dir.write("b.gguf", "");
  check_error(find_gguf(dir.path()), errc::bad_file, {dir.path().string(), "several .gguf"});
  check_error(gguf_file::open(dir.path() / "b.gguf"), errc::bad_file, {"b.gguf", "truncated"});
}

#include <cmath>

#include <doctest/doctest.h>

#include "runtime/base/json_codec.hpp"

namespace dci {
namespace {

enum class colour { red, green };

std::string_view to_string(colour c) {
  return c == colour::red ? "red" : "green";
}

struct inner {
  std::string host;
  std::optional<layer_span> layers;

  static constexpr std::string_view type_name = "inner";
  static constexpr auto fields() {
    return std::tuple{required("host", &inner::host, "where it runs"),
                      field("layers", &inner::layers, "which blocks")};
  }
  friend bool operator==(const inner&, const inner&) = default;
};

struct outer {
  bool quiet = true;
  std::uint8_t small = 7;
  std::int32_t number = -1;
  std::uint64_t large = 0;
  std::int64_t signed_large = 0;
  float fraction = 0.5F;
  double precise = 0.25;
  std::string text = "x";
  session_id session;
  std::filesystem::path folder;
  json anything;
  std::vector<inner> stages;
  std::optional<std::string> note;

  static constexpr std::string_view type_name = "outer";
  static constexpr auto fields() {
    return std::tuple{field("quiet", &outer::quiet, "says less"),
                      field("small", &outer::small, "eight bits"),
                      field("number", &outer::number, "any integer"),
                      field("large", &outer::large, "64 bits"),
                      field("signed_large", &outer::signed_large, "63 bits and a sign"),
                      field("fraction", &outer::fraction, "a float"),
                      field("precise", &outer::precise, "a double"),
                      field("text", &outer::text, "words"),
                      field("session", &outer::session, "an id"),
                      field("folder", &outer::folder, "a path"),
                      field("anything", &outer::anything, "any value"),
                      field("stages", &outer::stages, "a list of tables"),
                      field("note", &outer::note, "may be absent")};
  }
  friend bool operator==(const outer&, const outer&) = default;
};

struct nothing {
  static constexpr std::string_view type_name = "nothing";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// Decodes and must fail; the error.
template <class T>
decode_error rejected(const json& in) {
  T out{};
  const auto outcome = from_json_value(in, out);
  REQUIRE(outcome);
  CHECK(outcome->message.find('\n') == std::string::npos);
  return *outcome;
}

template <class T>
T accepted(const json& in) {
  T out{};
  const auto outcome = from_json_value(in, out);
  if (outcome)
    FAIL((outcome->path + ": " + outcome->message));
  return out;
}

bool has(const decode_error& e, std::string_view part) {
  return e.message.find(part) != std::string::npos;
}

TEST_CASE("every kind of field survives the way there and back") {
  outer out;
  out.quiet = false;
  out.small = 255;
  out.number = -2147483647 - 1;
  out.large = 18446744073709551615u;
  out.signed_large = std::numeric_limits<std::int64_t>::min();
  out.fraction = std::numeric_limits<float>::max();
  out.precise = -1e-300;
  out.text = "grüße \"x\"\n";
  out.session = session_id{1ull << 63};
  out.folder = "models/tiny";
  out.anything = json{{"k", {1, nullptr, "v"}}};
  out.stages = {{"alpha", layer_span{0, 4}}, {"beta", std::nullopt}};
  out.note = "";
  CHECK(accepted<outer>(to_json_value(out)) == out);
  // Through text too, where numbers lose their C++ types.
  CHECK(accepted<outer>(json::parse(to_json_value(out).dump())) == out);
}

TEST_CASE("absent fields keep the struct's own defaults") {
  CHECK(accepted<outer>(json::object()) == outer{});
  CHECK(accepted<inner>({{"host", "alpha"}}) == inner{"alpha", std::nullopt});
}

TEST_CASE("an empty Lua table is an empty list in JSON and serves as both") {
  CHECK(accepted<outer>(json::array()) == outer{});
  CHECK(accepted<std::vector<int>>(json::array()).empty());
  accepted<nothing>(json::array());
  accepted<nothing>(json::object());
  CHECK(rejected<inner>(json::array()).message == "\"host\" is missing: where it runs");
  CHECK(has(rejected<outer>(json::array({1})), "must be a table, not a list"));
}

TEST_CASE("nothing clears an optional field and is refused elsewhere") {
  CHECK(!accepted<outer>({{"note", nullptr}}).note);
  CHECK(rejected<outer>({{"text", nullptr}}).message == "must be a string, not nothing");
  CHECK(rejected<outer>(json()).message == "must be a table, not nothing");
}

TEST_CASE("each kind refuses the others and says where") {
  const auto refuses = [](const char* key, const json& value, std::string_view part) {
    const auto e = rejected<outer>(json{{key, value}});
    CAPTURE(key);
    CAPTURE(e.message);
    CHECK(e.path == std::string{"/"} + key);
    CHECK(has(e, part));
  };
  refuses("quiet", 1, "must be true or false, not an integer");
  refuses("quiet", "true", "not a string");
  refuses("number", 1.5, "must be an integer, not a number");
  refuses("number", "1", "must be an integer, not a string");
  refuses("number", true, "not true or false");
  refuses("fraction", "0.5", "must be a number, not a string");
  refuses("text", 5, "must be a string, not an integer");
  refuses("folder", json::object(), "must be a path, not a table");
  refuses("session", "7", "must be an integer");
  refuses("stages", json::object({{"a", 1}}), "must be a list, not a table");
  refuses("note", 5, "must be a string, not an integer");
}

TEST_CASE("integers must fit") {
  CHECK(accepted<std::uint64_t>(18446744073709551615u) == 18446744073709551615u);
  CHECK(accepted<std::int64_t>(9223372036854775807) == 9223372036854775807);
  CHECK(accepted<std::uint8_t>(0) == 0);
  CHECK(accepted<std::int8_t>(-128) == -128);

  CHECK(rejected<std::uint8_t>(256).message == "256 is out of range: from 0 to 255");
  CHECK(rejected<std::uint8_t>(-1).message == "-1 is out of range: from 0 to 255");
  CHECK(has(rejected<std::int8_t>(-129), "from -128 to 127"));
  CHECK(has(rejected<std::uint64_t>(-1), "-1 is out of range: from 0 to 18446744073709551615"));
  CHECK(has(rejected<std::int64_t>(1ull << 63), "9223372036854775808 is out of range"));
  CHECK(has(rejected<std::int32_t>(2147483648), "out of range"));
  CHECK(has(rejected<step_id>(4294967296), "out of range: from 0 to 4294967295"));
  CHECK(rejected<layer_span>({0, -1}).path == "/1");
  // Beyond 64 bits JSON numbers are floating-point.
  CHECK(has(rejected<std::uint64_t>(json::parse("18446744073709551616")), "must be an integer"));
}

TEST_CASE("floating-point numbers must be finite and fit") {
  CHECK(accepted<float>(3) == 3.0F);
  CHECK(accepted<double>(1e300) == 1e300);
  CHECK(has(rejected<float>(1e300), "finite number"));
  CHECK(has(rejected<double>(std::nan("")), "finite number"));
  CHECK(has(rejected<double>(-INFINITY), "finite number"));
}

TEST_CASE("layer spans are two integers") {
  CHECK(accepted<layer_span>({2, 4}) == layer_span{2, 4});
  CHECK(rejected<layer_span>({1, 2, 3}).message ==
        "must be two integers [first, last], not a list of 3");
  CHECK(has(rejected<layer_span>("auto"), "two integers [first, last], not a string"));
  CHECK(rejected<layer_span>({"0", 2}).path == "/0");
}

TEST_CASE("paths name nested places") {
  const auto in = json::parse(R"({"stages": [{"host": "a"}, {"host": "b", "layers": [0, "x"]}]})");
  const auto e = rejected<outer>(in);
  CHECK(e.path == "/stages/1/layers/1");
  CHECK(e.message == "must be an integer, not a string");
  CHECK(rejected<outer>(json::parse(R"({"stages": [{"host": "a"}, {}]})")).path == "/stages/1");
}

TEST_CASE("an unknown key is refused with a suggestion") {
  auto e = rejected<outer>({{"quite", true}});
  CHECK(e.path == "/quite");
  CHECK(e.message == "unknown key \"quite\"; did you mean \"quiet\"?");
  CHECK(has(rejected<inner>({{"host", "a"}, {"layer", nullptr}}), "did you mean \"layers\"?"));
  e = rejected<inner>({{"host", "a"}, {"zzz", 1}});
  CHECK(e.message == "unknown key \"zzz\"; known here: host layers");
  CHECK(has(rejected<nothing>({{"a", 1}}), "unknown key \"a\"; there are none here"));
  // Two letters wrong of two is no likeness.
  CHECK(!has(decode_error{unknown_key("x", {"id"}, "").value()}, "did you mean"));
}

TEST_CASE("a misspelt required key is called misspelt, not missing") {
  CHECK(has(rejected<inner>({{"hots", "a"}}), "unknown key \"hots\"; did you mean \"host\"?"));
  CHECK(rejected<inner>({{"layers", nullptr}}).message == "\"host\" is missing: where it runs");
}

TEST_CASE("a hostile key stays on one short line of valid UTF-8") {
  auto e = rejected<nothing>(json{{"a\nb", 1}});
  CHECK(has(e, R"(unknown key "a\nb")"));
  e = rejected<outer>(json{{std::string(1'000'000, 'k'), 1}});
  CHECK(e.message.size() < 400);
  e = rejected<nothing>(json{{"\xff\xfe", 1}});
  CHECK(json(e.message).dump().size() > 0);
}

TEST_CASE("a list of fixed length has that length") {
  using pair = std::array<int, 2>;
  CHECK(to_json_value(pair{3, 4}) == json{3, 4});
  pair got{};
  CHECK(!from_json_value(json{5, 6}, got));
  CHECK(got == pair{5, 6});
  CHECK(has(rejected<pair>(json::array({1})), "must have 2 items"));
  CHECK(rejected<pair>(json{1, "x"}).path == "/1");
}

TEST_CASE("enums are written by name and not read") {
  CHECK(to_json_value(colour::green) == "green");
  CHECK(has(rejected<colour>("green"), "cannot be written by hand"));
}

TEST_CASE("the documentation of fields comes from the same list") {
  const auto docs = document_fields<inner>();
  REQUIRE(docs.size() == 2);
  CHECK(docs[0].name == "host");
  CHECK(docs[0].kind == "a string");
  CHECK(docs[0].fallback.empty());
  CHECK(docs[0].doc == "where it runs");
  CHECK(docs[1].kind == "[first, last)");
  CHECK(docs[1].fallback == "null");
  for (const auto& d : document_fields<outer>())
    CHECK(!d.fallback.empty());
  static_assert(field_count<outer> == 13);
  static_assert(reflected<outer> && !reflected<int>);
}

} // namespace
} // namespace dci

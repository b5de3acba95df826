// Structs as msgpack, and whatever else may come.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "net/wire/codec.hpp"

using namespace dci;

namespace {

struct parcel {
  std::uint16_t count = 0;
  std::string label;
  std::vector<double> weights;
  contact to;
  std::variant<bool, std::string> note;
  padding filler;

  static constexpr std::string_view type_name = "parcel";
  static constexpr auto fields() {
    using self = parcel;
    return std::tuple{
        required("count", &self::count, ""),     required("label", &self::label, ""),
        required("weights", &self::weights, ""), required("to", &self::to, ""),
        required("note", &self::note, ""),       required("filler", &self::filler, "")};
  }
};

parcel sample() {
  parcel out{300, "fragile", {0.5, -0.0, -2}, {}, std::string{"left"}, {3}};
  out.to.id.bytes.fill(7);
  out.to.where.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
  out.to.where.port = 4701;
  return out;
}

std::string refusal(std::span<const std::uint8_t> bytes) {
  const auto read = wire::unpack<parcel>(bytes, "parcel");
  REQUIRE(!read);
  CHECK(read.error().code == errc::bad_message);
  return read.error().message;
}

// One value of another type where the parcel's first field is.
template <class... Fields>
std::vector<std::uint8_t> list_of(const Fields&... fields) {
  wire::byte_sink sink;
  wire::packer out(sink);
  out.pack_array(sizeof...(fields));
  (out.pack(fields), ...);
  return sink.bytes;
}

} // namespace

TEST_CASE("what is packed is read back, an IPv4 address from its four bytes") {
  const auto packed = wire::pack(sample());
  const auto read = wire::unpack<parcel>(packed, "parcel");
  REQUIRE(read);
  CHECK(read->count == 300);
  CHECK(read->label == "fragile");
  CHECK(read->weights == std::vector<double>{0.5, 0, -2});
  CHECK(std::signbit(read->weights[1]));
  CHECK(read->to == sample().to);
  CHECK(read->note == sample().note);
  CHECK(read->filler.bytes == 3);
  auto v6 = sample();
  v6.to.where.ip[0] = 0xfe;
  CHECK(wire::pack(v6).size() == packed.size() + 12);
  CHECK(wire::unpack<parcel>(wire::pack(v6), "parcel")->to == v6.to);
}

TEST_CASE("whatever is cut short or goes on is refused") {
  const auto packed = wire::pack(sample());
  for (std::size_t size = 0; size < packed.size(); ++size) {
    CAPTURE(size);
    CHECK(!refusal(std::span(packed).first(size)).empty());
  }
  auto longer = packed;
  longer.push_back(0xc0);
  CHECK(refusal(longer).find("1 bytes follow") != std::string::npos);
}

TEST_CASE("a wrong value is refused with the field's name") {
  using text = std::string;
  CHECK(refusal(list_of(1)).find("must be a list of 6") != text::npos);
  CHECK(refusal(list_of(70000, text{}, 1, 2, 3, 4)) ==
        "parcel/count must be an integer from 0 to 65535, not a larger integer");
  CHECK(refusal(list_of(-1, text{}, 1, 2, 3, 4)) ==
        "parcel/count must be an integer from 0 to 65535, not a negative integer");
  CHECK(refusal(list_of(1, 5, 1, 2, 3, 4)).find("parcel/label must be a text") == 0);
  const std::vector<double> bad{1.5, std::numeric_limits<double>::infinity()};
  CHECK(refusal(list_of(1, text{}, bad, 2, 3, 4)).find("parcel/weights/1 must be a finite") == 0);
  CHECK(refusal(list_of(1, text{}, std::vector<double>{}, text{}, 3, 4)).find("parcel/to must") ==
        0);
}

TEST_CASE("lengths that no bytes follow allocate nothing") {
  // Lists and maps of 2^32 - 1, bytes and texts as long, and a million lists in one another.
  for (const std::uint8_t head : {0xdd, 0xdf, 0xc6, 0xdb})
    CHECK(!refusal(std::vector<std::uint8_t>{head, 0xff, 0xff, 0xff, 0xff}).empty());
  CHECK(!refusal(std::vector<std::uint8_t>(1000, 0x91)).empty());
}

// Frames as bytes.
#include <doctest/doctest.h>

#include "net/frames/frame.hpp"

namespace dci {
namespace {

using parts = std::vector<byte_vector>;

frame sample() {
  return {"stage/0", "ring", {1, 2, 3}, {}};
}

tl::expected<frame, frame_fault> parse(const parts& all) {
  return parse_frame(std::vector<byte_view>(all.begin(), all.end()));
}

std::string fault_of(const parts& all) {
  const auto read = parse(all);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == errc::bad_message);
  return std::string{read.error().counted} + ": " + read.error().message;
}

parts changed(std::size_t at, std::uint8_t byte) {
  parts out{pack_preamble(sample()), sample().header, sample().payload};
  out[0].at(at) = byte;
  return out;
}

TEST_CASE("a frame that was packed is read back") {
  const parts all{pack_preamble(sample()), sample().header, sample().payload};
  CHECK(all[0].size() == 4 + 1 + 1 + 7 + 1 + 4);
  const auto read = parse(all);
  REQUIRE(read);
  CHECK(*read == sample());
}

TEST_CASE("what is no frame of this version is a named fault") {
  const auto whole = pack_preamble(sample());
  CHECK(fault_of({}) == "malformed: what came is none of our frames");
  CHECK(fault_of(changed(0, 'X')) == "malformed: what came is none of our frames");
  CHECK(fault_of(changed(4, 2)) == "unknown_version: a frame is of version 2, not 1");
  CHECK(fault_of({changed(4, 2)[0]}) == "unknown_version: a frame is of version 2, not 1");
  CHECK(fault_of({whole, {}}) == "malformed: a frame has not 3 parts");
  CHECK(fault_of({whole, {}, {}, {}}) == "malformed: a frame has not 3 parts");
  CHECK(fault_of(changed(5, 0)) == "malformed: a frame names an actor by 0 bytes, not by 1 to 64");
  CHECK(fault_of(changed(5, 65)) ==
        "malformed: a frame names an actor by 65 bytes, not by 1 to 64");
  CHECK(fault_of(changed(5, 64)) == "malformed: a frame ends within a name");
  CHECK(fault_of(changed(13, 3)) == "malformed: bytes follow a frame's names");
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(fault_of({{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, {}, {}})
              .starts_with("malformed"));
}

TEST_CASE("frames are bounded, sent or received") {
  auto f = sample();
  CHECK(check_frame(f));
  f.header.resize(most_header_bytes + 1);
  CHECK(check_frame(f).error().counted == "too_large");
  CHECK(fault_of({pack_preamble(f), f.header, {}}) ==
        "too_large: a frame's header has 4194305 bytes, more than 4194304");
  f = sample();
  f.payload.resize(most_payload_bytes + 1);
  CHECK(check_frame(f).error().counted == "too_large");
  f = sample();
  f.from.clear();
  CHECK(check_frame(f).error().counted == "malformed");
  f.from.assign(65, 'x');
  CHECK(check_frame(f).error().counted == "malformed");
}

} // namespace
} // namespace dci

// Whatever a frame for a stage, a ring or a gate, or a question to an authority, says: one error in
// one line, or a message that packs to bytes which say the same again.
#include <algorithm>

#include "actors/authority/wire.hpp"
#include "actors/gate/wire.hpp"
#include "actors/step_link/wire.hpp"
#include "tests/fuzz/there_and_back.hpp"

namespace {

/// A frame of two parts in one: two bytes say how long the header is.
dci::frame frame_of(std::span<const std::uint8_t> bytes) {
  dci::frame out;
  if (bytes.size() < 2)
    return out;
  const auto said = static_cast<std::size_t>(bytes[0] + 256 * bytes[1]);
  const auto rest = bytes.subspan(2);
  const auto header = rest.first(std::min(said, rest.size()));
  const auto payload = rest.subspan(header.size());
  out.header.assign(header.begin(), header.end());
  out.payload.assign(payload.begin(), payload.end());
  return out;
}

dci::byte_vector bytes_of(const dci::frame& f) {
  dci::byte_vector out{static_cast<std::uint8_t>(f.header.size() % 256),
                       static_cast<std::uint8_t>(f.header.size() / 256)};
  out.insert(out.end(), f.header.begin(), f.header.end());
  out.insert(out.end(), f.payload.begin(), f.payload.end());
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dci;
  using namespace dci::test;
  const std::span bytes(data, size);
  there_and_back(bytes, unpack_certify_request, pack_certify_request);
  there_and_back(bytes, unpack_certify_answer, pack_certify_answer);
  there_and_back(bytes, unpack_question, pack_question);
  there_and_back(bytes, unpack_answer, pack_answer);
  there_and_back(bytes, unpack_offer, pack_offer);
  there_and_back(bytes, unpack_welcome, pack_welcome);
  there_and_back(
      bytes, [](std::span<const std::uint8_t> b) { return unpack_link_message(frame_of(b)); },
      [](const link_message& m) { return bytes_of(pack_link_message(m)); });
  return 0;
}

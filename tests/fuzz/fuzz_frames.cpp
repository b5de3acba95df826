// Whatever a datagram or a frame says: one error in one line, or a message that packs to bytes
// which say the same again.
#include <array>
#include <span>

#include "actors/gossip/wire.hpp"
#include "actors/membership/wire.hpp"
#include "actors/overlay/descriptor.hpp"
#include "actors/overlay/wire.hpp"
#include "actors/proximity_prober/wire.hpp"
#include "net/datagram/datagram.hpp"
#include "net/datagram/introduction.hpp"
#include "net/datagram/lan_beacon.hpp"
#include "net/frames/frame.hpp"
#include "net/frames/frame_contact.hpp"
#include "net/tunnel/control_link.hpp"
#include "net/tunnel/wrapped.hpp"
#include "net/wire/codec.hpp"
#include "tests/fuzz/there_and_back.hpp"

namespace {

// A stream of a tunnel's frames, in two pieces: the same frames as in one, or the same error.
void read_stream(dci::byte_view bytes) {
  using namespace dci;
  const auto frames = [](std::initializer_list<byte_view> pieces) {
    std::pair<std::vector<byte_vector>, bool> out{{}, true};
    frame_reader reader;
    for (const auto piece : pieces)
      out.second = out.second && reader.take(piece, [&](byte_view content) -> result {
        out.first.emplace_back(content.begin(), content.end());
        return {};
      });
    return out;
  };
  const auto half = bytes.size() / 2;
  test::expect(frames({bytes}) == frames({bytes.first(half), bytes.subspan(half)}));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dci;
  using namespace dci::test;
  const std::span bytes(data, size);
  // No input knows a key to sign with, so the two are fed apart.
  if (const auto opened = open_datagram(bytes, {}); !opened)
    expect(opened.error().code == errc::bad_message || opened.error().code == errc::refused);
  there_and_back(bytes, unpack_descriptor, pack_descriptor);
  there_and_back(bytes, unpack_holding, pack_holding);
  there_and_back(bytes, unpack_message, pack_message);
  there_and_back(bytes, unpack_proximity, pack_proximity);
  there_and_back(bytes, unpack_gossip, pack_gossip);
  there_and_back(bytes, unpack_revocation, pack_revocation);
  there_and_back(bytes, unpack_overlay, pack_overlay);
  there_and_back(bytes, unpack_introduction, pack_introduction);
  there_and_back(bytes, unpack_beacon, pack_beacon);
  const auto parse_preamble = [](byte_view preamble) {
    return parse_frame(std::array<byte_view, 3>{preamble, {}, {}});
  };
  there_and_back(bytes, parse_preamble, pack_preamble);
  there_and_back(bytes, unpack_contact, pack_contact);
  there_and_back(bytes, unpack_exit_word, pack_exit_word);
  there_and_back(bytes, unpack_entry_word, pack_entry_word);
  there_and_back(bytes, unpack_call_proof, pack_call_proof);
  there_and_back(bytes, unwrap_datagram, wrap_datagram);
  read_stream(bytes);
  return 0;
}

// Whatever a datagram says: one error in one line, or a message that packs to bytes which say the
// same again.
#include <cstdlib>
#include <span>

#include "actors/membership/wire.hpp"
#include "net/datagram/datagram.hpp"

namespace {

void expect(bool holds) {
  if (!holds)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dci;
  const std::span bytes(data, size);
  // No input knows a key to sign with, so the two are fed apart.
  if (const auto opened = open_datagram(bytes, {}); !opened)
    expect(opened.error().code == errc::bad_message || opened.error().code == errc::refused);
  const auto read = unpack_message(bytes);
  if (!read) {
    expect(read.error().code == errc::bad_message && !read.error().message.empty());
    expect(read.error().message.find('\n') == std::string::npos);
    return 0;
  }
  const auto packed = pack_message(*read);
  const auto again = unpack_message(packed);
  expect(again && pack_message(*again) == packed);
  return 0;
}

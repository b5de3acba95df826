// What a fuzz target of messages demands.
#pragma once

#include <cstdlib>
#include <span>

#include "runtime/base/error.hpp"

namespace dci::test {

inline void expect(bool holds) {
  if (!holds)
    std::abort();
}

/// One error in one line, or a message that packs to bytes which say the same again.
template <class Unpack, class Pack>
void there_and_back(std::span<const std::uint8_t> bytes, Unpack unpack, Pack pack) {
  const auto read = unpack(bytes);
  if (!read) {
    expect(read.error().code == errc::bad_message && !read.error().message.empty());
    expect(read.error().message.find('\n') == std::string::npos);
    return;
  }
  const auto packed = pack(*read);
  const auto again = unpack(packed);
  expect(again && pack(*again) == packed);
}

} // namespace dci::test

#include "net/frames/frame.hpp"

#include <algorithm>
#include <array>

namespace dci {
namespace {

constexpr std::array<std::uint8_t, 4> begins{'D', 'C', 'I', 'F'};
constexpr std::uint8_t version = 1;

using checked = tl::expected<void, frame_fault>;

tl::unexpected<frame_fault> fault(std::string_view counted, std::string message) {
  return tl::unexpected(frame_fault{{errc::bad_message, std::move(message)}, counted});
}

checked check_name(std::size_t size) {
  if (size < 1 || size > longest_frame_name)
    return fault("malformed", "a frame names an actor by " + std::to_string(size) +
                                  " bytes, not by 1 to " + std::to_string(longest_frame_name));
  return {};
}

checked check_size(std::string_view part, std::size_t size, std::size_t most) {
  if (size > most)
    return fault("too_large", "a frame's " + std::string{part} + " has " + std::to_string(size) +
                                  " bytes, more than " + std::to_string(most));
  return {};
}

checked check_parts(std::size_t header, std::size_t payload) {
  auto out = check_size("header", header, most_header_bytes);
  return out ? check_size("payload", payload, most_payload_bytes) : out;
}

void put_name(byte_vector& out, const std::string& name) {
  out.push_back(static_cast<std::uint8_t>(name.size()));
  out.insert(out.end(), name.begin(), name.end());
}

// Takes a name off the front.
checked take_name(byte_view& rest, std::string& out) {
  const std::size_t size = rest.empty() ? 0 : rest.front();
  if (auto fine = check_name(size); !fine)
    return fine;
  if (rest.size() - 1 < size)
    return fault("malformed", "a frame ends within a name");
  out.assign(rest.begin() + 1, rest.begin() + 1 + static_cast<std::ptrdiff_t>(size));
  rest = rest.subspan(1 + size);
  return {};
}

} // namespace

checked check_frame(const frame& f) {
  auto fine = check_name(f.to.size());
  if (fine)
    fine = check_name(f.from.size());
  return fine ? check_parts(f.header.size(), f.payload.size()) : fine;
}

byte_vector pack_preamble(const frame& f) {
  byte_vector out(begins.begin(), begins.end());
  out.reserve(begins.size() + 3 + f.to.size() + f.from.size());
  out.push_back(version);
  put_name(out, f.to);
  put_name(out, f.from);
  return out;
}

tl::expected<frame, frame_fault> parse_frame(std::span<const byte_view> parts) {
  if (parts.empty() || parts[0].size() <= begins.size() ||
      !std::equal(begins.begin(), begins.end(), parts[0].begin()))
    return fault("malformed", "what came is none of our frames");
  // Before anything else: another version may lay out the rest as it likes.
  if (const auto its = parts[0][begins.size()]; its != version)
    return fault("unknown_version", "a frame is of version " + std::to_string(its) + ", not " +
                                        std::to_string(version));
  if (parts.size() != 3)
    return fault("malformed", "a frame has not 3 parts");
  if (const auto fine = check_parts(parts[1].size(), parts[2].size()); !fine)
    return tl::unexpected(fine.error());
  frame out;
  auto rest = parts[0].subspan(begins.size() + 1);
  for (auto* name : {&out.to, &out.from})
    if (const auto fine = take_name(rest, *name); !fine)
      return tl::unexpected(fine.error());
  if (!rest.empty())
    return fault("malformed", "bytes follow a frame's names");
  out.header.assign(parts[1].begin(), parts[1].end());
  out.payload.assign(parts[2].begin(), parts[2].end());
  return out;
}

} // namespace dci

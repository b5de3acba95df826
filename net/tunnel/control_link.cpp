#include "net/tunnel/control_link.hpp"

#include <algorithm>
#include <array>

#include "net/tunnel/words.hpp"

namespace dci {
namespace {

constexpr std::size_t length_bytes = 2;
// So that one who never ends does not keep the others waiting.
constexpr int most_reads = 16;

} // namespace

byte_vector tunnel_frame(byte_view content) {
  const auto length = content.size() + 1;
  byte_vector out{static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length),
                  tunnel_version};
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

result frame_reader::take(byte_view bytes, const std::function<result(byte_view)>& hears) {
  rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  byte_view left(rest_);
  while (left.size() > length_bytes) {
    const auto length = static_cast<std::size_t>(left[0] << 8 | left[1]);
    if (length == 0 || length > most_tunnel_frame)
      return fail(errc::bad_message, "a frame of the tunnel has " + std::to_string(length) +
                                         " bytes, and may have 1 to " +
                                         std::to_string(most_tunnel_frame));
    if (left[length_bytes] != tunnel_version)
      return fail(errc::bad_message,
                  "the other end speaks version " + std::to_string(left[length_bytes]) +
                      " of the tunnel, this one version " + std::to_string(tunnel_version));
    if (left.size() < length_bytes + length)
      break;
    DCI_TRY(hears(left.subspan(length_bytes + 1, length - 1)));
    left = left.subspan(length_bytes + length);
  }
  rest_ = byte_vector(left.begin(), left.end());
  return {};
}

control_link::control_link(tls_link link, clock::time_point now)
    : link_(std::move(link)), heard_(now), next_beat_(now) {
}

control_link::clock::time_point control_link::next_turn() const {
  if (has_news_ || link_.session->pending() > 0)
    return clock::time_point{};
  return std::min(next_beat_, heard_ + longest_silence);
}

bool control_link::say(byte_view content) {
  if (out_.size() >= most_waiting)
    return false;
  const auto frame = tunnel_frame(content);
  out_.insert(out_.end(), frame.begin(), frame.end());
  has_news_ = true;
  return true;
}

result control_link::turn(clock::time_point now, const reader& hears) {
  DCI_TRY(read_some(now, hears));
  if (heard_ + longest_silence <= now)
    return fail(errc::timed_out, link_.peer_address + " has said nothing for " +
                                     std::to_string(longest_silence.count()) + " s");
  // It also has the session look whether the other one's certificates still hold.
  if (next_beat_ <= now) {
    static_cast<void>(say({}));
    next_beat_ = now + between_beats;
  }
  return write_some();
}

result control_link::read_some(clock::time_point now, const reader& hears) {
  events_ = POLLIN;
  std::array<std::uint8_t, 4096> buffer;
  for (int i = 0; i < most_reads; ++i) {
    std::size_t count = 0;
    const auto step = link_.session->read(buffer.data(), buffer.size(), count);
    if (step == tls_step::failed)
      return fail(link_.session->why());
    if (step != tls_step::done) {
      events_ |= step == tls_step::wait_to_write ? POLLOUT : 0;
      break;
    }
    heard_ = now;
    DCI_TRY(frames_.take(byte_view(buffer.data(), count), [&](byte_view content) -> result {
      return content.empty() ? result{} : hears(content);
    }));
  }
  return {};
}

result control_link::write_some() {
  has_news_ = false;
  std::size_t sent = 0;
  while (sent < out_.size()) {
    std::size_t count = 0;
    const auto step = link_.session->write(out_.data() + sent, out_.size() - sent, count);
    if (step == tls_step::failed)
      return fail(link_.session->why());
    if (step != tls_step::done) {
      events_ |= step == tls_step::wait_to_write ? POLLOUT : 0;
      break;
    }
    sent += count;
  }
  out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(sent));
  return {};
}

} // namespace dci

#include "net/stream_pair.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/socket.h>

namespace dci {
namespace {

constexpr std::size_t most_at_once = std::size_t{64} << 10;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == EINPROGRESS ||
         errno == ENOTCONN;
}

} // namespace

stream_pair::stream_pair(descriptor first, descriptor second, std::size_t most_bytes)
    : ends_{std::move(first), std::move(second)}, most_bytes_(most_bytes) {
}

pollfd stream_pair::watched(int side, clock::time_point now) const {
  const auto& in = from_[side];
  const auto& out = from_[1 - side];
  short events = 0;
  if (!in.ended && in.waiting < most_bytes_)
    events |= POLLIN;
  if ((!out.pieces.empty() && out.pieces.front().due <= now) || (out.is_done() && !out.told))
    events |= POLLOUT;
  return {events == 0 ? -1 : ends_[side].get(), events, 0};
}

stream_pair::clock::time_point stream_pair::next_due(clock::time_point now) const {
  auto out = clock::time_point::max();
  for (const auto& way : from_)
    if (!way.pieces.empty() && way.pieces.front().due > now)
      out = std::min(out, way.pieces.front().due);
  return out;
}

void stream_pair::put(int side, std::vector<char> bytes) {
  from_[side].waiting += bytes.size();
  from_[side].pieces.push_front({{}, std::move(bytes), 0});
}

void stream_pair::take_in(int side, const schedule& due) {
  auto& in = from_[side];
  if (in.ended || in.waiting >= most_bytes_)
    return; // poll tells of broken connections unasked
  thread_local std::array<char, most_at_once> buffer;
  const auto count = recv(ends_[side].get(), buffer.data(), buffer.size(), 0);
  if (count < 0) {
    broken_ = broken_ || !would_block();
    return;
  }
  if (count == 0) {
    in.ended = true;
    tell_end(1 - side);
    return;
  }
  const auto size = static_cast<std::size_t>(count);
  in.waiting += size;
  in.came += size;
  in.pieces.push_back(
      {due ? due(size) : clock::time_point{}, {buffer.begin(), buffer.begin() + count}, 0});
}

void stream_pair::send_due(int side) {
  auto& out = from_[1 - side];
  while (!out.pieces.empty() && out.pieces.front().due <= clock::now()) {
    auto& first = out.pieces.front();
    const auto left = first.bytes.size() - first.sent;
    const auto count = send(ends_[side].get(), first.bytes.data() + first.sent, left, MSG_NOSIGNAL);
    if (count < 0) {
      broken_ = broken_ || !would_block();
      return;
    }
    first.sent += static_cast<std::size_t>(count);
    out.waiting -= static_cast<std::size_t>(count);
    if (first.sent == first.bytes.size())
      out.pieces.pop_front();
  }
  tell_end(side);
}

// One that is still connecting is told when it has come so far.
void stream_pair::tell_end(int side) {
  auto& out = from_[1 - side];
  if (out.is_done() && !out.told)
    out.told = shutdown(ends_[side].get(), SHUT_WR) == 0 || errno != ENOTCONN;
}

void stream_pair::serve(int side, short events) {
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0)
    take_in(side);
  if (events != 0)
    send_due(side);
  // What came goes on without another turn, mostly.
  if ((events & POLLIN) != 0)
    send_due(1 - side);
}

bool stream_pair::is_over() const {
  return broken_ || (from_[0].is_done() && from_[1].is_done());
}

} // namespace dci

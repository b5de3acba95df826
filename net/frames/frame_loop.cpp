#include "net/frames/frame_loop.hpp"

#include <cstring>
#include <utility>

#include <sys/eventfd.h>
#include <zmq.h>

#include "net/endpoint.hpp"
#include "net/frames/zap.hpp"

namespace dci {
namespace {

constexpr auto zap_address = "inproc://zeromq.zap.01";
constexpr auto zap_domain = "frames";
// What a part may have on the wire: CURVE adds 33 bytes.
constexpr std::int64_t most_wire_bytes = most_payload_bytes + 64;
// Messages of one connection that wait inside ZeroMQ; those to be sent are bounded by bytes too.
constexpr int most_unsent = 16'384, most_unread = 32;
// Who listens waits longer for a stranger's handshake than who connects, as a peer that is not let
// in yet hears nothing and has to try again.
constexpr int handshake_ms = 5'000, own_handshake_ms = 2'000;
constexpr int reconnect_ms = 100, longest_reconnect_ms = 1'000;
// A connection is given up when nothing whole comes for so long: the largest part must get through
// a slow link in that time. One whose peer takes no bytes is given up sooner, by TCP.
constexpr int heartbeat_ms = 1'000, silence_ms = 60'000, stuck_ms = 10'000;
// What is done for one socket before the others have their turn.
constexpr int at_a_time = 64;
constexpr int look_every_ms = 1'000;
constexpr std::size_t most_told = 1024;
// No actor's name: a notice that frames of the receiver are dropped; the header says why.
const std::string refusal_name = "!";
// Neither: a notice with the sender's newest certificates, in the header.
const std::string renewal_name = "+";

// An address to bind to: ZeroMQ looks no names up for that.
expected<address> numeric(const address& a) {
  DCI_ASSIGN(auto where, resolve(a));
  where.port = 1; // text needs one
  DCI_ASSIGN(auto out, parse_address(to_string(where)));
  out.port = a.port;
  return out;
}

// Whether ZeroMQ has chosen a connection's name, as it does when the peer says none: a peer could
// else take the name of one that has gone, and get the replies to that.
bool is_chosen_here(byte_view connection) {
  return connection.size() == 5 && connection[0] == 0;
}

bool prepare(zmq_socket& out, const address& where) {
  return out.handle() != nullptr && out.set(ZMQ_LINGER, 0) && out.set(ZMQ_SNDHWM, most_unsent) &&
         out.set(ZMQ_RCVHWM, most_unread) &&
         zmq_setsockopt(out.handle(), ZMQ_MAXMSGSIZE, &most_wire_bytes, sizeof(most_wire_bytes)) ==
             0 &&
         out.set(ZMQ_TCP_KEEPALIVE, 1) && out.set(ZMQ_TCP_KEEPALIVE_IDLE, 10) &&
         out.set(ZMQ_TCP_KEEPALIVE_INTVL, 5) && out.set(ZMQ_TCP_KEEPALIVE_CNT, 3) &&
         out.set(ZMQ_TCP_MAXRT, stuck_ms) && out.set(ZMQ_HANDSHAKE_IVL, handshake_ms) &&
         out.set(ZMQ_RECONNECT_IVL, reconnect_ms) &&
         out.set(ZMQ_RECONNECT_IVL_MAX, longest_reconnect_ms) &&
         out.set(ZMQ_HEARTBEAT_IVL, heartbeat_ms) && out.set(ZMQ_HEARTBEAT_TIMEOUT, silence_ms) &&
         out.set(ZMQ_IPV6, where.host.find(':') == std::string::npos ? 0 : 1);
}

} // namespace

void drop_counter::add(std::string_view reason) {
  const std::lock_guard lock(mutex_);
  ++all_[std::string{reason}];
}

std::map<std::string, std::uint64_t> drop_counter::all() const {
  const std::lock_guard lock(mutex_);
  return all_;
}

frame_loop::frame_loop(const curve_pair& keys, descriptor wake, shared with)
    : with_(with), keys_(keys), wake_(std::move(wake)) {
}

expected<std::unique_ptr<frame_loop>> frame_loop::open(const address& listen, shared with) {
  DCI_ASSIGN(const auto where, numeric(listen));
  DCI_ASSIGN(const auto keys, curve_pair::generate());
  descriptor wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (wake.get() < 0)
    return fail(errc::internal, "cannot make a frame port: no more file descriptors");
  std::unique_ptr<frame_loop> out(new frame_loop(keys, std::move(wake), with));
  DCI_TRY(out->listen(where));
  return out;
}

result frame_loop::listen(const address& where) {
  zap_ = zmq_socket(context_, ZMQ_REP);
  router_ = zmq_socket(context_, ZMQ_ROUTER);
  // Who answers is there before the first may ask, and until the last has: ZeroMQ would let
  // everybody in. Even so nobody would be heard whom it has not named.
  const bool fine =
      zap_.handle() != nullptr && zap_.set(ZMQ_LINGER, 0) && prepare(router_, where) &&
      router_.set(ZMQ_ROUTER_MANDATORY, 1) && router_.set(ZMQ_CURVE_SERVER, 1) &&
      router_.set_key(ZMQ_CURVE_SECRETKEY, keys_.secret) && router_.set(ZMQ_ZAP_DOMAIN, zap_domain);
  if (!fine)
    return fail(errc::internal, "cannot make a frame port: " + std::string{zmq_strerror(errno)});
  DCI_TRY(zap_.bind(zap_address));
  return router_.bind("tcp://" + to_string(where));
}

void frame_loop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  eventfd_write(wake_.get(), 1);
}

void frame_loop::post(frame_route by, frame content) {
  auto ticket = budget_->take(by.peer.curve, content.header.size() + content.payload.size());
  if (!ticket)
    return with_.dropped.add("queue_full");
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back({std::move(by), std::move(content), std::move(ticket)});
  }
  eventfd_write(wake_.get(), 1);
}

void frame_loop::run() {
  auto looked = clock::now();
  while (send_posted()) {
    take_arrivals();
    if (const auto now = clock::now(); now - looked >= std::chrono::milliseconds{look_every_ms}) {
      leave_refused();
      show_certificates();
      looked = now;
    }
  }
}

void frame_loop::take_arrivals() {
  std::vector<zmq_pollitem_t> items{{nullptr, wake_.get(), ZMQ_POLLIN, 0},
                                    {zap_.handle(), 0, ZMQ_POLLIN, 0},
                                    {router_.handle(), 0, ZMQ_POLLIN, 0}};
  for (const auto& [peer, ours] : dealers_) {
    items.push_back({ours.socket.handle(), 0, ZMQ_POLLIN, 0});
    items.push_back({ours.events.handle(), 0, ZMQ_POLLIN, 0});
  }
  if (zmq_poll(items.data(), static_cast<int>(items.size()), look_every_ms) <= 0)
    return;
  eventfd_t woken = 0;
  eventfd_read(wake_.get(), &woken);
  for (int i = 0; i < at_a_time && answer_zap_request(); ++i)
    continue;
  const auto take_some = [&](const zmq_pollitem_t& item, zmq_socket& from, const frame_peer* peer) {
    const auto reads = [&](auto parts, auto user) { take(parts, user, peer); };
    for (int i = 0; i < at_a_time && item.revents != 0 && from.receive(reads); ++i)
      continue;
  };
  take_some(items[2], router_, nullptr);
  std::size_t next = 3;
  for (auto& [peer, ours] : dealers_) {
    take_some(items[next++], ours.socket, &peer);
    if (items[next++].revents != 0)
      take_events(peer, ours);
  }
}

void frame_loop::take_events(const frame_peer& peer, dealer& ours) {
  const auto read = [&](std::span<const byte_view> parts, std::string_view) {
    std::uint16_t event = 0;
    if (parts.empty() || parts[0].size() < sizeof(event))
      return;
    std::memcpy(&event, parts[0].data(), sizeof(event));
    const std::lock_guard lock(mutex_);
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
      connected_.insert(peer);
    else
      connected_.erase(peer);
  };
  while (ours.events.receive(read))
    continue;
}

bool frame_loop::is_connected(const frame_peer& peer) {
  const std::lock_guard lock(mutex_);
  return connected_.contains(peer);
}

bool frame_loop::answer_zap_request() {
  std::vector<zmq_part> answer;
  const bool came = zap_.receive([&](std::span<const byte_view> asked, std::string_view) {
    const auto against = [&](const curve_key& key) {
      const auto reason = with_.admits.against(key);
      if (!reason.empty())
        with_.dropped.add(reason);
      return reason;
    };
    for (const auto& part : answer_zap(asked, against))
      answer.push_back({{part.begin(), part.end()}, {}});
  });
  if (came)
    zap_.send(std::move(answer));
  return came;
}

// peer: whose it is when it came by our own connection to him, whose key is then proved.
void frame_loop::take(std::span<const byte_view> parts, std::string_view user,
                      const frame_peer* peer) {
  frame_route by;
  std::string_view against = "malformed";
  if (peer != nullptr) {
    by.peer = *peer;
    const auto where = with_.admits.address_of(*peer);
    against = where ? "" : where.error();
  } else if (is_chosen_here(parts[0]) && from_hex(user, by.peer.curve)) {
    by.connection.assign(parts[0].begin(), parts[0].end());
    parts = parts.subspan(1);
    against = with_.admits.against(by.peer.curve);
  }
  if (!against.empty()) {
    with_.dropped.add(against);
    return tell_refused(by, against);
  }
  auto came = parse_frame(parts);
  if (!came)
    with_.dropped.add(came.error().counted);
  else if (peer != nullptr && came->to == refusal_name)
    refuses_us_.push_back(*peer);
  else if (came->to == renewal_name) {
    if (const auto why = with_.admits.renew(by.peer.curve, came->header); !why.empty())
      with_.dropped.add(why);
  } else if (const auto stranger = with_.admits.against(by.peer.curve, came->to); !stranger.empty())
    with_.dropped.add(stranger);
  else if (!with_.heard.deliver(std::move(*came), by))
    with_.dropped.add("no_such_actor");
  if (peer == nullptr)
    show_certificates(by.connection);
}

// Where they have changed: once by each connection. Who made none to this host hears of it when he
// writes next.
void frame_loop::show_certificates() {
  const auto version = with_.admits.shown_version();
  for (auto& [peer, ours] : dealers_)
    if (ours.shown != version && with_.admits.address_of(peer)) {
      const auto notice = renewal_notice();
      if (ours.socket.send({{pack_preamble(notice), {}}, {notice.header, {}}, {{}, {}}}) ==
          zmq_socket::sent::yes)
        ours.shown = version;
    }
}

void frame_loop::show_certificates(const byte_vector& connection) {
  const auto version = with_.admits.shown_version();
  if (version == 0)
    return;
  if (shown_.size() >= most_told)
    shown_.clear();
  if (auto& shown = shown_[connection]; shown != version) {
    shown = version;
    const auto notice = renewal_notice();
    router_.send({{connection, {}}, {pack_preamble(notice), {}}, {notice.header, {}}, {{}, {}}});
  }
}

frame frame_loop::renewal_notice() const {
  return {renewal_name, renewal_name, with_.admits.introduction(), {}};
}

// ZeroMQ cannot close a peer's connection. So that he does not wait for answers, he is told.
void frame_loop::tell_refused(const frame_route& by, std::string_view why) {
  if (by.connection.empty() || why == "not_admitted")
    return;
  const auto now = clock::now();
  if (told_.size() >= most_told)
    told_.clear();
  auto& last = told_[by.connection];
  if (now - last < std::chrono::milliseconds{look_every_ms})
    return;
  last = now;
  frame notice;
  notice.to = notice.from = refusal_name;
  notice.header.assign(why.begin(), why.end());
  router_.send({{by.connection, {}}, {pack_preamble(notice), {}}, {notice.header, {}}, {{}, {}}});
}

// False when it is to stop.
bool frame_loop::send_posted() {
  std::deque<posted> all;
  {
    const std::lock_guard lock(mutex_);
    if (stops_)
      return false;
    all.swap(posted_);
  }
  for (auto& one : all)
    if (const auto reason = send(std::move(one)); !reason.empty())
      with_.dropped.add(reason);
  return true;
}

// Why it is dropped; empty: it is not.
std::string_view frame_loop::send(posted one) {
  auto* to = &router_;
  auto held = std::make_shared<holding>(holding{std::move(one.ticket), {}});
  std::vector<zmq_part> parts;
  if (!one.by.connection.empty()) {
    // It was admitted once, but was that judged by the newest revocations?
    if (const auto against = with_.admits.against(one.by.peer.curve); !against.empty())
      return against;
    parts.push_back({std::move(one.by.connection), {}});
  } else {
    const auto where = with_.admits.address_of(one.by.peer);
    if (!where)
      return where.error();
    auto* ours = own_connection(one.by.peer, *where);
    if (ours == nullptr)
      return "no_route";
    to = &ours->socket;
    held->unsent = ours->unsent;
  }
  parts.push_back({pack_preamble(one.content), held});
  parts.push_back({std::move(one.content.header), held});
  parts.push_back({std::move(one.content.payload), held});
  held.reset();
  switch (to->send(std::move(parts))) {
    case zmq_socket::sent::full:
      return "queue_full";
    case zmq_socket::sent::no_route:
      return "no_route";
    default:
      return {};
  }
}

frame_loop::dealer* frame_loop::own_connection(const frame_peer& peer, const std::string& where) {
  if (const auto found = dealers_.find(peer); found != dealers_.end()) {
    auto& ours = found->second;
    // ZeroMQ does not try again where it was refused: such a socket takes nothing, though it holds
    // nothing.
    const bool dead = !ours.socket.can_send() && ours.unsent.use_count() == 1;
    if (ours.address == where && !dead)
      return &ours;
    if (dead && clock::now() - ours.opened < std::chrono::milliseconds{longest_reconnect_ms})
      return nullptr;
    forget(peer);
    dealers_.erase(found);
  }
  dealer made{zmq_socket(context_, ZMQ_DEALER), where, clock::now(), std::make_shared<char>(),
              zmq_socket(context_, ZMQ_PAIR)};
  const auto there = parse_address(where);
  const auto events = "inproc://events-" + std::to_string(++made_);
  const bool fine = there && prepare(made.socket, *there) && made.socket.tell_events(events) &&
                    made.events.handle() != nullptr && made.events.set(ZMQ_LINGER, 0) &&
                    made.events.connect(events).has_value() &&
                    made.socket.set(ZMQ_HANDSHAKE_IVL, own_handshake_ms) &&
                    made.socket.set_key(ZMQ_CURVE_SERVERKEY, peer.curve) &&
                    made.socket.set_key(ZMQ_CURVE_PUBLICKEY, keys_.open) &&
                    made.socket.set_key(ZMQ_CURVE_SECRETKEY, keys_.secret) &&
                    made.socket.connect("tcp://" + where).has_value();
  return fine ? &dealers_.insert_or_assign(peer, std::move(made)).first->second : nullptr;
}

// What waits for them inside ZeroMQ goes too.
void frame_loop::leave_refused() {
  for (const auto& peer : std::exchange(refuses_us_, {})) {
    with_.dropped.add("refused_by_peer");
    forget(peer);
    dealers_.erase(peer);
  }
  std::erase_if(dealers_, [&](const auto& one) {
    const auto where = with_.admits.address_of(one.first);
    const bool leaves = !where || *where != one.second.address;
    if (leaves)
      forget(one.first);
    return leaves;
  });
}

void frame_loop::forget(const frame_peer& peer) {
  const std::lock_guard lock(mutex_);
  connected_.erase(peer);
}

} // namespace dci

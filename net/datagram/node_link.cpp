#include "net/datagram/node_link.hpp"

#include <utility>

namespace dci {
namespace {

constexpr std::size_t senders_remembered = 65'536;

// A node that starts again counts on from where it was, unless its clock was set back: then others
// drop what it says until the clock is where it was.
std::uint64_t first_counter() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

} // namespace

expected<std::shared_ptr<node_link>> node_link::open(const address& listen,
                                                     const address& advertise,
                                                     node_identity identity,
                                                     std::shared_ptr<datagram_detour> by) {
  if (!is_loopback(listen) && !identity.credentials)
    return fail(errc::unsupported, "a node at " + to_string(listen) +
                                       " would be open to strangers: give its host credentials, or "
                                       "listen on a loopback address");
  DCI_ASSIGN(const auto where, resolve(advertise));
  auto out = std::shared_ptr<node_link>(new node_link(std::move(identity), where));
  if (out->admits_ && !fits_datagram(out->admits_->introduction()))
    return fail(errc::unsupported,
                "this node's certificates do not fit one datagram: show those of "
                "fewer authorities");
  DCI_ASSIGN(out->port_,
             datagram_port::open(
                 listen,
                 [link = out.get()](received_datagram one) { link->receive(std::move(one)); },
                 std::move(by)));
  out->is_open_ = true;
  return out;
}

node_link::node_link(node_identity identity, const endpoint& where)
    : identity_(std::move(identity)),
      admits_(identity_.credentials ? std::make_unique<admittance>(identity_.credentials)
                                    : nullptr),
      self_{identity_.key->id(), where}, counter_(first_counter()), seen_(senders_remembered) {
}

node_link::~node_link() = default;

result node_link::serve(datagram_channel channel, std::function<void()> on_arrival) {
  const std::lock_guard lock(mutex_);
  if (!inboxes_.try_emplace(channel, inbox{std::move(on_arrival), {}}).second)
    return fail(errc::already_exists, "this link's channel " +
                                          std::to_string(static_cast<int>(channel)) +
                                          " has a reader already");
  return {};
}

void node_link::stop_serving(datagram_channel channel) {
  const std::lock_guard lock(mutex_);
  inboxes_.erase(channel);
}

std::vector<arrival> node_link::take(datagram_channel channel) {
  const std::lock_guard lock(mutex_);
  const auto box = inboxes_.find(channel);
  return box == inboxes_.end() ? std::vector<arrival>{} : std::exchange(box->second.waiting, {});
}

void node_link::introduce(const contact& to) {
  if (admits_ && admits_->is_first(to.where, std::chrono::steady_clock::now()))
    post(to, datagram_channel::introduction, admits_->introduction());
}

void node_link::send(const contact& to, datagram_channel channel, byte_view payload) {
  introduce(to);
  post(to, channel, payload);
}

std::chrono::steady_clock::duration node_link::send_train(const contact& to,
                                                          datagram_channel channel,
                                                          std::span<const byte_view> payloads) {
  introduce(to);
  return post(to, channel, payloads);
}

std::chrono::steady_clock::duration node_link::post(const contact& to, datagram_channel channel,
                                                    std::span<const byte_view> payloads) {
  const auto whom = to.id == node_id{} ? std::nullopt : std::optional(to.id);
  std::vector<byte_vector> sealed;
  std::size_t bytes = 0;
  for (const auto& payload : payloads) {
    auto one = seal_datagram(*identity_.key, whom, channel, ++counter_, payload);
    if (!one) {
      refuse(one.error().message);
      continue;
    }
    bytes += one->size();
    sealed.push_back(std::move(*one));
  }
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& one : sealed)
    port_->send(to.where, one);
  const auto took = std::chrono::steady_clock::now() - begin;
  const std::lock_guard lock(mutex_);
  figures_.sent += sealed.size();
  figures_.bytes_sent += bytes;
  return took;
}

void node_link::refuse(std::string_view reason) {
  const std::lock_guard lock(mutex_);
  ++figures_.refused[std::string{reason}];
}

link_figures_now node_link::figures() const {
  const std::lock_guard lock(mutex_);
  auto out = figures_;
  if (const auto dropped = port_->dropped(); dropped > 0)
    out.refused["a datagram is too long"] += dropped;
  return out;
}

void node_link::receive(received_datagram one) {
  if (!is_open_)
    return;
  {
    const std::lock_guard lock(mutex_);
    ++figures_.received;
  }
  const auto opened = open_datagram(one.bytes, self_.id);
  if (!opened)
    return refuse(opened.error().message);
  const auto sender = id_of(opened->sender);
  if (opened->channel == datagram_channel::introduction)
    return meet(*opened, one.from);
  if (admits_ && !admits_->is_admitted(sender)) {
    if (admits_->may_ask(one.from, one.at))
      post({sender, one.from}, datagram_channel::introduction, admits_->question());
    return refuse("a node that has not shown its certificates");
  }
  // Not before: strangers with ever new keys would have members forgotten.
  if (!seen_.is_new(sender, opened->counter))
    return refuse("a datagram came before");
  if (const auto reason = sort(*opened, sender, one); !reason.empty())
    refuse(reason);
}

void node_link::meet(const datagram& opened, const endpoint& from) {
  if (!admits_)
    return refuse("an introduction to a node without credentials");
  const auto said =
      admits_->take(from, opened.sender, opened.payload, std::chrono::steady_clock::now());
  if (!said.refused.empty())
    refuse(said.refused);
  if (said.wants_us)
    post({id_of(opened.sender), from}, datagram_channel::introduction, admits_->introduction());
}

// Into its channel's inbox, or why not: a fixed text.
std::string_view node_link::sort(const datagram& opened, const node_id& sender,
                                 const received_datagram& one) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    const auto box = inboxes_.find(opened.channel);
    if (box == inboxes_.end())
      return "a datagram for a channel that nobody reads";
    auto& [on_arrival, waiting] = box->second;
    if (waiting.size() >= most_waiting)
      return "a channel's reader is too slow";
    if (waiting.empty())
      wake = on_arrival;
    waiting.push_back({{sender, one.from}, one.at, {opened.payload.begin(), opened.payload.end()}});
  }
  if (wake)
    wake();
  return {};
}

} // namespace dci

#include "actors/membership/service.hpp"

#include <chrono>
#include <random>

#include "net/datagram/datagram.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

constexpr std::size_t senders_remembered = 65'536;

random_source any_source() {
  std::random_device device;
  return random_source(std::uint64_t{device()} << 32 | device());
}

// A node that starts again counts on from where it was, as long as its clock was not set back: then
// others drop what it says until the clock is where it was.
std::uint64_t first_counter() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

expected<node_key> key_of(const membership_config& config) {
  return config.key.empty() ? node_key::generate() : node_key::load(config.key);
}

member_info info_of(const presence& p, bool suspected) {
  return {to_string(p.node.id), to_string(p.node.where), p.incarnation, suspected};
}

} // namespace

expected<std::unique_ptr<membership_service>>
membership_service::start(const membership_config& config, node_time now,
                          std::function<void()> on_arrival) {
  DCI_ASSIGN(const auto listen, parse_address(config.listen));
  if (!is_loopback(listen))
    return fail(errc::unsupported,
                "membership on " + to_string(listen) +
                    " would be open to strangers, and certificates are not asked "
                    "for yet: listen on a loopback address");
  if (config.period_ms < 10)
    return fail(errc::bad_config, "period_ms must be 10 at least");
  std::vector<endpoint> seeds;
  for (const auto& text : config.seeds) {
    DCI_ASSIGN(const auto seed, parse_address(text));
    DCI_ASSIGN(seeds.emplace_back(), resolve(seed));
  }
  DCI_ASSIGN(auto key, key_of(config));
  DCI_ASSIGN(auto port, datagram_port::open(listen, std::move(on_arrival)));
  membership_settings settings;
  settings.period = std::chrono::milliseconds(config.period_ms);
  auto out = std::unique_ptr<membership_service>(
      new membership_service(std::move(key), settings, port->where(), now));
  out->port_ = std::move(port);
  for (const auto& seed : seeds)
    if (seed != out->port_->where())
      out->swim_.join({{}, seed}, now, out->out_);
  out->flush();
  return out;
}

membership_service::membership_service(node_key key, const membership_settings& settings,
                                       const endpoint& where, node_time now)
    : key_(std::move(key)), seal_(key_), settings_(settings),
      swim_({key_.id(), where}, settings_, seal_, any_source(), now), seen_(senders_remembered),
      counter_(first_counter()) {
}

membership_service::~membership_service() {
  if (!port_)
    return;
  swim_.leave(out_);
  flush();
}

node_time membership_service::turn(node_time now) {
  for (const auto& one : port_->take())
    take(one, now);
  if (swim_.next_tick() <= now)
    swim_.tick(now, out_);
  flush();
  return swim_.next_tick();
}

void membership_service::take(const received_datagram& one, node_time now) {
  ++received_;
  const auto opened = open_datagram(one.bytes, key_.id());
  if (!opened)
    return refuse(opened.error().message);
  const auto sender = id_of(opened->sender);
  if (!seen_.is_new(sender, opened->counter))
    return refuse("a datagram came before");
  auto message = unpack_message(opened->payload);
  if (!message) {
    spdlog::debug("membership: from {}: {}", to_string(one.from), message.error().message);
    return refuse("a message cannot be read");
  }
  swim_.receive({sender, one.from}, *message, now, out_);
}

void membership_service::send(const contact& to, const membership_message& message) {
  const auto whom = to.id == node_id{} ? std::nullopt : std::optional(to.id);
  const auto bytes =
      seal_datagram(key_, whom, datagram_channel::membership, ++counter_, pack_message(message));
  if (!bytes)
    return refuse(bytes.error().message);
  // What is lost here is lost as on any network.
  port_->send(to.where, *bytes);
  ++sent_;
  bytes_sent_ += bytes->size();
}

void membership_service::flush() {
  for (const auto& [to, message] : out_.sends)
    send(to, message);
  for (const auto reason : out_.refused)
    refuse(reason);
  for (const auto& event : out_.events)
    spdlog::debug("membership: {} {}", short_name(event.node.id), to_string(event.change));
  out_.clear();
}

membership_description membership_service::describe() const {
  membership_description out;
  out.self = info_of(swim_.self(), false);
  for (std::size_t i = 0; i < swim_.members().size(); ++i) {
    const auto& member = swim_.members().at(i);
    out.members.push_back(info_of(member, swim_.is_suspected(member.node.id)));
  }
  out.datagrams_sent = sent_;
  out.bytes_sent = bytes_sent_;
  out.datagrams_received = received_;
  for (const auto& [reason, times] : refused_)
    out.refused.push_back({reason, times});
  if (const auto dropped = port_->dropped(); dropped > 0)
    out.refused.push_back({"a datagram is too long, or too many came at once", dropped});
  return out;
}

} // namespace dci

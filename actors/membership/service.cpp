#include "actors/membership/service.hpp"

#include <chrono>
#include <utility>

#include "net/address.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/seed.hpp"

namespace dci {
namespace {

member_info info_of(const presence& p, bool suspected) {
  return {to_string(p.node.id), to_string(p.node.where), p.incarnation, suspected};
}

} // namespace

expected<std::unique_ptr<membership_service>>
membership_service::start(const membership_config& config, std::shared_ptr<node_link> link,
                          node_time now, std::function<void()> on_arrival) {
  if (config.period_ms < 10)
    return fail(errc::bad_config, "period_ms must be 10 at least");
  std::vector<endpoint> seeds;
  for (const auto& text : config.seeds) {
    DCI_ASSIGN(const auto seed, parse_address(text));
    DCI_ASSIGN(seeds.emplace_back(), resolve(seed));
  }
  membership_settings settings;
  settings.period = std::chrono::milliseconds(config.period_ms);
  auto out =
      std::unique_ptr<membership_service>(new membership_service(std::move(link), settings, now));
  DCI_TRY(out->link_->serve(datagram_channel::membership, on_arrival));
  out->serves_ = true;
  for (const auto& seed : seeds)
    if (seed != out->link_->self().where)
      out->swim_.join({{}, seed}, now, out->out_);
  out->flush();
  if (!config.lan.empty()) {
    DCI_ASSIGN(const auto group, parse_address(config.lan));
    DCI_ASSIGN(out->lan_, lan_beacon::open(group, out->link_->self().where,
                                           [to = out.get(), on_arrival](const endpoint& who) {
                                             {
                                               const std::lock_guard lock(to->mutex_);
                                               if (to->heard_.size() < lan_neighbours::most)
                                                 to->heard_.push_back(who);
                                             }
                                             on_arrival();
                                           }));
  }
  return out;
}

membership_service::membership_service(std::shared_ptr<node_link> link,
                                       const membership_settings& settings, node_time now)
    : link_(std::move(link)), seal_(link_->key()), settings_(settings),
      swim_(link_->self(), settings_, seal_, random_source(machine_seed()), now) {
}

membership_service::~membership_service() {
  if (!serves_)
    return;
  swim_.leave(out_);
  flush();
  link_->stop_serving(datagram_channel::membership);
}

node_time membership_service::turn(node_time now) {
  for (const auto& one : link_->take(datagram_channel::membership))
    take(one, now);
  ask_neighbours(now);
  if (swim_.next_tick() <= now)
    swim_.tick(now, out_);
  flush();
  return swim_.next_tick();
}

// As a seed, but not for ever; those that are members already need no asking.
void membership_service::ask_neighbours(node_time now) {
  std::vector<endpoint> heard;
  {
    const std::lock_guard lock(mutex_);
    heard.swap(heard_);
  }
  for (const auto& who : heard) {
    bool is_member = false;
    for (std::size_t i = 0; i < swim_.members().size() && !is_member; ++i)
      is_member = swim_.members().at(i).node.where == who;
    if (is_member || swim_.is_joining(who))
      continue;
    const auto answer = neighbours_.take(who, now);
    if (answer == lan_neighbours::answer::too_many)
      link_->refuse("too many nodes say that they are of the local network");
    if (answer == lan_neighbours::answer::ask)
      swim_.try_join({{}, who}, now, out_);
  }
}

std::vector<member_event> membership_service::take_events() {
  return std::exchange(events_, {});
}

std::vector<membership_service::seen_round_trip> membership_service::take_round_trips() {
  return std::exchange(round_trips_, {});
}

void membership_service::take(const arrival& one, node_time now) {
  auto message = unpack_message(one.payload);
  if (!message) {
    spdlog::debug("membership: from {}: {}", to_string(one.from.where), message.error().message);
    return link_->refuse("a message cannot be read");
  }
  swim_.receive(one.from, *message, now, out_);
  // It may have waited for this turn.
  const auto arrived =
      node_time(std::chrono::duration_cast<node_clock::duration>(one.at.time_since_epoch()));
  for (const auto& answer : std::exchange(out_.answers, {}))
    round_trips_.push_back({answer.node, arrived - answer.asked});
}

void membership_service::flush() {
  for (const auto& [to, message] : out_.sends)
    link_->send(to, datagram_channel::membership, pack_message(message));
  for (const auto reason : out_.refused)
    link_->refuse(reason);
  for (auto& event : out_.events) {
    spdlog::debug("membership: {} {}", short_name(event.node.id), to_string(event.change));
    events_.push_back(std::move(event));
  }
  out_.clear();
}

membership_description membership_service::describe() const {
  membership_description out;
  out.self = info_of(swim_.self(), false);
  for (std::size_t i = 0; i < swim_.members().size(); ++i) {
    const auto& member = swim_.members().at(i);
    out.members.push_back(info_of(member, swim_.is_suspected(member.node.id)));
  }
  return out;
}

} // namespace dci

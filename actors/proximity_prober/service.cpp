#include "actors/proximity_prober/service.hpp"

#include <utility>

#include "actors/proximity_prober/wire.hpp"
#include "runtime/base/seed.hpp"
#include "runtime/base/turns.hpp"

namespace dci {
namespace {

constexpr auto channel = datagram_channel::proximity;

} // namespace

expected<std::unique_ptr<prober_service>> prober_service::start(const prober_settings& settings,
                                                                std::shared_ptr<node_link> link,
                                                                std::function<void()> on_arrival) {
  auto out = std::unique_ptr<prober_service>(new prober_service(settings, std::move(link)));
  DCI_TRY(out->link_->serve(channel, std::move(on_arrival)));
  out->serves_ = true;
  return out;
}

prober_service::prober_service(const prober_settings& settings, std::shared_ptr<node_link> link)
    : link_(std::move(link)),
      machine_(settings, random_source(machine_seed()), steady_node_time()) {
}

prober_service::~prober_service() {
  if (serves_)
    link_->stop_serving(channel);
}

node_time prober_service::turn() {
  for (const auto& one : link_->take(channel))
    take(one);
  flush(); // an echo does not wait for anything
  machine_.tick(steady_node_time(), out_);
  flush();
  return machine_.next_tick();
}

void prober_service::take(const arrival& one) {
  const auto message = unpack_proximity(one.payload);
  if (!message)
    return link_->refuse("a probe or an echo cannot be read");
  const auto arrived =
      node_time(std::chrono::duration_cast<node_clock::duration>(one.at.time_since_epoch()));
  machine_.receive(one.from, *message, arrived, out_);
}

void prober_service::flush() {
  for (const auto& [to, message] : out_.sends)
    link_->send(to, channel, pack_proximity(message));
  for (const auto& [to, datagrams] : out_.trains) {
    std::vector<byte_vector> packed;
    for (const auto& one : datagrams)
      packed.push_back(pack_proximity(one));
    const std::vector<byte_view> views(packed.begin(), packed.end());
    machine_.left(to.id, std::chrono::duration_cast<node_clock::duration>(
                             link_->send_train(to, channel, views)));
  }
  for (const auto reason : out_.refused)
    link_->refuse(reason);
  out_.clear();
}

} // namespace dci

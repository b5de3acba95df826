#include "apps/dci-bench/hop.hpp"

#include <chrono>
#include <future>
#include <thread>

#include <caf/io/middleman.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocols.hpp"
#include "apps/dci-bench/socket_ring.hpp"
#include "net/free_port.hpp"
#include "runtime/base/thread_place.hpp"
#include "runtime/host/child_process.hpp"
#include "runtime/host/system_config.hpp"

namespace dci {
namespace {

using clock = std::chrono::steady_clock;
using hop_actor = caf::typed_actor<caf::reacts_to<step_frame>>;

constexpr std::uint32_t processes = 3;
constexpr std::chrono::seconds join_wait{20};
constexpr std::chrono::seconds longest_round{60};
constexpr const char* loopback = "127.0.0.1";

/// Hands on what comes: a stage that computes nothing.
hop_actor::behavior_type hand_on(hop_actor::pointer self, hop_actor next) {
  return {[self, next, thread = thread_place("caf.multiplexer")](step_frame& pass) mutable {
    thread.work();
    thread.wait();
    self->send(next, std::move(pass));
  }};
}

expected<hop_actor> connect(caf::actor_system& system, std::uint16_t port) {
  const auto deadline = clock::now() + join_wait;
  while (true) {
    auto found = system.middleman().remote_actor<hop_actor>(loopback, port);
    if (found)
      return *found;
    if (clock::now() > deadline)
      return fail(errc::unreachable, "no hop peer at port " + std::to_string(port));
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

step_frame message_of(std::uint32_t bytes) {
  const auto numbers = bytes / 4;
  hidden_step step{session_id{1}, step_id{0}, 0, {1}, 1, {}};
  step.rows = activation::own(1, numbers, std::vector<float>(numbers, 0.5f));
  return {epoch_id{1}, 0, 1, hidden_pass{epoch_id{1}, 1, {std::move(step)}}};
}

/// Microseconds of a hop, one for each turn.
using hop_times = std::vector<double>;

double hop_us(clock::time_point start) {
  return std::chrono::duration<double, std::micro>(clock::now() - start).count() / processes;
}

/// What the first actor of the ring shares with the thread that measures; set before
/// a round's first message.
struct round_of_turns {
  hop_actor next;
  std::uint32_t left = 0;
  hop_times times;
  std::promise<void> done;
};

/// Starts a turn when the last one has come round.
hop_actor::behavior_type take_turns(hop_actor::pointer self,
                                    std::shared_ptr<round_of_turns> round) {
  return {[self, round, start = clock::time_point{},
           thread = thread_place("caf.multiplexer")](step_frame& pass) mutable {
    thread.work();
    thread.wait();
    if (start != clock::time_point{})
      round->times.push_back(hop_us(start));
    start = {};
    if (round->left-- == 0)
      return round->done.set_value();
    start = clock::now();
    self->send(round->next, std::move(pass));
  }};
}

expected<hop_times> actor_turns(const hop_actor& first, round_of_turns& round,
                                const hop_flags& flags) {
  round.left = flags.turns;
  round.times.clear();
  round.done = {};
  caf::anon_send(first, message_of(flags.bytes));
  if (round.done.get_future().wait_for(longest_round) != std::future_status::ready)
    return fail(errc::timed_out, "the ring of actors stands still");
  return round.times;
}

expected<hop_times> socket_turns(const socket_ring& ring, const hop_flags& flags) {
  std::vector<std::byte> bytes(flags.bytes);
  hop_times out;
  for (std::uint32_t i = 0; i < flags.turns; ++i) {
    const auto start = clock::now();
    if (!ring.send(bytes) || !ring.receive(bytes))
      return fail(errc::peer_lost, "the ring of sockets broke");
    out.push_back(hop_us(start));
  }
  return out;
}

expected<std::vector<child_process>> start_peers(const std::vector<std::uint16_t>& ports,
                                                 std::uint32_t bytes) {
  std::vector<child_process> out;
  const auto actor = [&](std::uint32_t i) { return std::to_string(ports[2 * (i % processes)]); };
  const auto socket = [&](std::uint32_t i) {
    return std::to_string(ports[2 * (i % processes) + 1]);
  };
  for (std::uint32_t i = 1; i < processes; ++i) {
    DCI_ASSIGN(auto child,
               child_process::start(own_program(), {"hop-peer", actor(i), socket(i), actor(i + 1),
                                                    socket(i + 1), std::to_string(bytes)}));
    out.push_back(std::move(child));
  }
  return out;
}

} // namespace

expected<measurement> measure_hop(const hop_flags& flags) {
  if (flags.bytes < 4 || flags.bytes % 4 != 0 || flags.turns == 0 || flags.rounds == 0)
    return fail(errc::usage, "--bytes is a multiple of 4, --turns and --rounds go from 1");
  DCI_ASSIGN(const auto ports, free_loopback_ports(2 * processes));
  DCI_ASSIGN(const auto sockets, socket_ring::listen(ports[1]));
  system_config config;
  caf::actor_system system{config};
  const auto round = std::make_shared<round_of_turns>();
  const auto first = system.spawn<caf::detached>(take_turns, round);
  if (!system.middleman().publish(first, ports[0], loopback, true))
    return fail(errc::unreachable, "cannot listen on port " + std::to_string(ports[0]));
  DCI_ASSIGN(const auto peers, start_peers(ports, flags.bytes));
  // Each peer listens once it has reached the next one; the last one's next is here.
  DCI_ASSIGN(round->next, connect(system, ports[2]));
  DCI_TRY(sockets->join(ports[3], join_wait));
  std::vector<double> medians, references;
  hop_times all;
  for (std::uint32_t i = 0; i <= flags.rounds; ++i) {
    DCI_ASSIGN(const auto times, actor_turns(first, *round, flags));
    DCI_ASSIGN(const auto plain, socket_turns(*sockets, flags));
    if (i == 0)
      continue;
    medians.push_back(percentile(times, 0.5));
    references.push_back(percentile(plain, 0.5));
    all.insert(all.end(), times.begin(), times.end());
  }
  caf::anon_send_exit(first, caf::exit_reason::user_shutdown);
  round->next = nullptr;
  measurement out;
  out.what = "hop of " + std::to_string(flags.bytes) + " bytes";
  out.rounds = flags.rounds;
  out.processes = processes;
  const auto median = spread_of(medians);
  out.p50_us = median.median;
  out.p99_us = percentile(all, 0.99);
  out.relative_spread = median.relative;
  out.reference = "threads on plain TCP";
  out.reference_p50_us = spread_of(references).median;
  out.ratio = *out.p50_us / *out.reference_p50_us;
  return out;
}

result run_hop_peer(const hop_peer_flags& flags) {
  DCI_ASSIGN(const auto sockets, socket_ring::listen(flags.socket_port));
  std::thread plain([&] {
    std::vector<std::byte> bytes(flags.bytes);
    if (sockets->join(flags.next_socket_port, join_wait))
      while (sockets->receive(bytes) && sockets->send(bytes))
        continue;
  });
  system_config config;
  caf::actor_system system{config};
  DCI_ASSIGN(auto next, connect(system, flags.next_actor_port));
  const auto here = system.spawn<caf::detached>(hand_on, next);
  if (!system.middleman().publish(here, flags.actor_port, loopback, true))
    return fail(errc::unreachable, "cannot listen on port " + std::to_string(flags.actor_port));
  plain.join(); // until the first process is gone
  return {};
}

} // namespace dci

// dci-bench: measures the engine and its rings on this machine.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "apps/dci-bench/engine.hpp"
#include "apps/dci-bench/hop.hpp"
#include "apps/dci-bench/load.hpp"
#include "apps/dci-bench/rings.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/version.hpp"
#include "runtime/host/exit_watchdog.hpp"

namespace {

using dci::expected;
using dci::measurement;

void add_engine_flags(CLI::App& verb, dci::engine_flags& flags) {
  verb.add_option("--model", flags.model, "the model's folder or .gguf file")->required();
  verb.add_option("--rounds", flags.rounds, "rounds; the median counts")->capture_default_str();
  verb.add_option("--threads", flags.threads, "compute threads; by default one a core");
  verb.add_option("--backend", flags.backend, "native or torch")->capture_default_str();
}

void add_decoding_flags(CLI::App& verb, dci::engine_flags& flags) {
  add_engine_flags(verb, flags);
  verb.add_option("--tokens", flags.tokens, "tokens of one round")->capture_default_str();
  verb.add_option("--instructions", flags.instructions,
                  "such as AVX2; by default the best this machine has");
}

void add_ring_flags(CLI::App& verb, dci::ring_bench_flags& flags) {
  verb.add_option("--model", flags.model, "the model's folder or .gguf file")->required();
  verb.add_option("--tokens", flags.tokens, "tokens of one round")->capture_default_str();
  verb.add_option("--rounds", flags.rounds, "rounds; the median counts")->capture_default_str();
  verb.add_option("--threads", flags.engine.threads, "compute threads of each process");
  verb.add_option("--backend", flags.engine.backend, "native or torch")->capture_default_str();
  verb.add_option("--instructions", flags.engine.instructions,
                  "such as AVX2; by default the best this machine has");
}

int finish(const expected<measurement>& measured, bool json) {
  if (!measured) {
    std::fprintf(stderr, "dci-bench: %s\n", measured.error().message.c_str());
    return dci::exit_code(measured.error().code);
  }
  dci::print(*measured, json);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"dci-bench: measures the engine and its rings on this machine"};
  app.set_version_flag("--version", std::string{dci::version});
  app.require_subcommand(1);
  app.fallthrough();
  bool json = false;
  app.add_flag("--json", json, "print one JSON object a measurement");

  dci::engine_flags decoding, prefilling, loading;
  decoding.tokens = 128;
  prefilling.tokens = 512;
  auto* decode = app.add_subcommand("decode", "tokens one after the other");
  add_decoding_flags(*decode, decoding);
  auto* prefill = app.add_subcommand("prefill", "a prompt at once");
  add_decoding_flags(*prefill, prefilling);
  auto* load = app.add_subcommand("load", "reading and packing the weights");
  add_engine_flags(*load, loading);

  dci::ring_bench_flags ring_flags, session_flags, speculation_flags;
  auto* ring = app.add_subcommand("ring", "one session through several processes");
  add_ring_flags(*ring, ring_flags);
  ring->add_option("--starts", ring_flags.starts, "how often both sides start anew")
      ->capture_default_str();
  ring->add_option("--processes", ring_flags.processes, "stages, one a process")
      ->capture_default_str();
  auto* sessions = app.add_subcommand("sessions", "several sessions at once");
  add_ring_flags(*sessions, session_flags);
  sessions->add_option("--sessions", session_flags.sessions, "how many")->capture_default_str();
  speculation_flags.engine.speculation = "prompt_lookup";
  speculation_flags.rounds = 3;
  auto* speculate = app.add_subcommand("speculate", "guessing ahead in a ring of slow links");
  add_ring_flags(*speculate, speculation_flags);
  speculate->add_option("--processes", speculation_flags.processes, "stages, one a process")
      ->capture_default_str();
  speculate->add_option("--delay", speculation_flags.delay_ms, "milliseconds a hop takes longer")
      ->capture_default_str();
  speculate->add_option("--prompt", speculation_flags.prompt, "the text to continue")
      ->capture_default_str();
  speculate->add_option("--speculation", speculation_flags.engine.speculation,
                        "prompt_lookup or draft");
  speculate->add_option("--draft", speculation_flags.engine.draft, "the smaller model");

  dci::hop_flags hop_flags;
  auto* hop = app.add_subcommand("hop", "handing an activation from actor to actor");
  hop->add_option("--bytes", hop_flags.bytes, "of the activation")->capture_default_str();
  hop->add_option("--turns", hop_flags.turns, "turns of one round")->capture_default_str();
  hop->add_option("--rounds", hop_flags.rounds, "rounds")->capture_default_str();
  dci::hop_peer_flags peer_flags;
  auto* peer = app.add_subcommand("hop-peer", "")->group(""); // started by hop itself
  peer->add_option("actor", peer_flags.actor_port)->required();
  peer->add_option("socket", peer_flags.socket_port)->required();
  peer->add_option("next-actor", peer_flags.next_actor_port)->required();
  peer->add_option("next-socket", peer_flags.next_socket_port)->required();
  peer->add_option("bytes", peer_flags.bytes)->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const auto code = app.exit(e);
    return code == 0 ? 0 : dci::exit_code(dci::errc::usage);
  }
  (void)dci::start_logging("off", "dci-bench");
  if (*peer) {
    const auto served = dci::run_hop_peer(peer_flags);
    if (!served)
      std::fprintf(stderr, "dci-bench: %s\n", served.error().message.c_str());
    dci::end_process(served ? 0 : dci::exit_code(served.error().code));
  }
  const auto measured = [&]() -> expected<measurement> {
    if (*decode)
      return dci::measure_decode(decoding);
    if (*prefill)
      return dci::measure_prefill(prefilling);
    if (*load)
      return dci::measure_load(loading);
    if (*ring)
      return dci::measure_ring(ring_flags);
    if (*sessions)
      return dci::measure_sessions(session_flags);
    if (*speculate)
      return dci::measure_speculation(speculation_flags);
    return dci::measure_hop(hop_flags);
  }();
  dci::end_process(finish(measured, json));
}

#include "apps/dci-bench/rings.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include "apps/dci-bench/bench_ring.hpp"

namespace dci {
namespace {

// Each side's tokens per second, round by round and in turn, after one that does not count.
struct contest {
  std::vector<double> ours, reference;

  template <class Ours, class Reference>
  result run(std::uint32_t rounds, Ours&& one, Reference&& other) {
    for (std::uint32_t i = 0; i <= rounds; ++i) {
      DCI_ASSIGN(const auto a, one());
      DCI_ASSIGN(const auto b, other());
      if (i > 0) {
        ours.push_back(a);
        reference.push_back(b);
      }
    }
    return {};
  }

  void add(const contest& other) {
    ours.insert(ours.end(), other.ours.begin(), other.ours.end());
    reference.insert(reference.end(), other.reference.begin(), other.reference.end());
  }

  double ratio() const {
    return spread_of(ours).median / spread_of(reference).median;
  }

  void write(measurement& out) const {
    const auto rate = spread_of(ours);
    out.tokens_per_s = rate.median;
    out.relative_spread = rate.relative;
    out.reference_tokens_per_s = spread_of(reference).median;
    out.ratio = ratio();
  }
};

expected<measurement> begin(const ring_bench_flags& flags, const char* what) {
  if (const auto wrong = check(flags.engine))
    return fail(errc::usage, wrong->path.substr(1) + ": " + wrong->message);
  if (flags.tokens < 2 || flags.rounds == 0 || flags.sessions == 0)
    return fail(errc::usage, "--tokens goes from 2, --rounds and --sessions from 1");
  measurement out;
  out.what = what;
  out.model = flags.model.string();
  out.backend = flags.engine.backend;
  if (flags.engine.instructions != "auto")
    out.instructions = flags.engine.instructions;
  out.threads = flags.engine.threads == 0 ? std::max(1u, std::thread::hardware_concurrency())
                                          : flags.engine.threads;
  out.tokens = flags.tokens;
  out.rounds = flags.rounds;
  return out;
}

/// Tokens per second after the first one.
expected<double> one_session(bench_ring& ring, std::uint32_t tokens) {
  DCI_ASSIGN(const auto out, ring.run(1, tokens, ""));
  return (tokens - 1) / out.after_first;
}

} // namespace

expected<measurement> measure_ring(const ring_bench_flags& flags) {
  DCI_ASSIGN(auto out, begin(flags, "ring"));
  if (flags.starts == 0)
    return fail(errc::usage, "--starts goes from 1");
  contest rates;
  std::vector<double> ratios;
  for (std::uint32_t i = 0; i < flags.starts; ++i) {
    std::optional<bench_ring> ring, single;
    for (const bool is_ring : {i % 2 == 0, i % 2 == 1}) {
      const auto processes = is_ring ? flags.processes : 1;
      auto& side = is_ring ? ring : single;
      DCI_ASSIGN(side, bench_ring::start(flags.model, flags.engine, processes));
    }
    contest here;
    DCI_TRY(here.run(
        flags.rounds, [&] { return one_session(*ring, flags.tokens); },
        [&] { return one_session(*single, flags.tokens); }));
    ratios.push_back(here.ratio());
    rates.add(here);
  }
  rates.write(out);
  out.ratio = spread_of(ratios).median;
  out.starts = flags.starts;
  out.processes = flags.processes;
  out.reference = "one process";
  return out;
}

expected<measurement> measure_sessions(const ring_bench_flags& flags) {
  DCI_ASSIGN(auto out, begin(flags, "sessions"));
  DCI_ASSIGN(auto ring, bench_ring::start(flags.model, flags.engine, 1));
  contest rates;
  DCI_TRY(rates.run(
      flags.rounds,
      [&]() -> expected<double> {
        DCI_ASSIGN(const auto all, ring.run(flags.sessions, flags.tokens, ""));
        return flags.sessions * flags.tokens / all.seconds;
      },
      [&]() -> expected<double> {
        DCI_ASSIGN(const auto all, ring.run(1, flags.tokens, ""));
        return flags.tokens / all.seconds;
      }));
  rates.write(out);
  out.sessions = flags.sessions;
  out.reference = "one session";
  return out;
}

expected<measurement> measure_speculation(const ring_bench_flags& flags) {
  DCI_ASSIGN(auto out, begin(flags, "speculate"));
  auto plain_engine = flags.engine;
  plain_engine.speculation = "off";
  plain_engine.draft.clear();
  const std::chrono::milliseconds delay{flags.delay_ms};
  DCI_ASSIGN(auto guessing, bench_ring::start(flags.model, flags.engine, flags.processes, delay));
  DCI_ASSIGN(auto plain, bench_ring::start(flags.model, plain_engine, flags.processes, delay));
  contest rates;
  std::vector<std::vector<token_id>> said;
  const auto side = [&](bench_ring& ring) -> expected<double> {
    DCI_ASSIGN(auto all, ring.run(1, flags.tokens, flags.prompt));
    if (!said.empty() && said != all.tokens)
      return fail(errc::check_failed, "the tokens with speculation differ from those without");
    said = std::move(all.tokens);
    return (flags.tokens - 1) / all.after_first;
  };
  DCI_TRY(rates.run(
      flags.rounds, [&] { return side(guessing); }, [&] { return side(plain); }));
  rates.write(out);
  out.processes = flags.processes;
  out.reference = "without speculation (" + std::to_string(flags.delay_ms) + " ms a hop)";
  return out;
}

} // namespace dci

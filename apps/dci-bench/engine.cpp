#include "apps/dci-bench/engine.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "tensors/backend/backend.hpp"
#include "tensors/decoder/sampling.hpp"
#include "tensors/kernels/targets.hpp"
#include "tensors/native/memory_reader.hpp"

namespace dci {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t read_bytes = std::size_t{1} << 30;

struct engine {
  std::unique_ptr<layer_range> range;
  measurement base;

  static expected<engine> load(const engine_flags& flags, const char* what) {
    engine out;
    DCI_ASSIGN(const auto kind, backend_from(flags.backend));
    const auto threads =
        flags.threads == 0 ? std::max(1u, std::thread::hardware_concurrency()) : flags.threads;
    set_threads(threads);
    DCI_ASSIGN(const auto model, open_model(flags.model));
    if (flags.tokens == 0 || flags.tokens > model->config.context || flags.rounds == 0)
      return fail(errc::bad_request, "--tokens goes from 1 to the model's context, " +
                                         std::to_string(model->config.context) +
                                         ", and --rounds from 1");
    DCI_ASSIGN(out.range, load_range(kind, model, {0, model->config.layers}));
    DCI_TRY(set_instructions(flags.instructions));
    out.base.instructions =
        flags.instructions == "auto" ? kernels::supported_targets().front() : flags.instructions;
    out.base.what = what;
    out.base.model = flags.model.string();
    out.base.backend = flags.backend;
    out.base.threads = threads;
    out.base.tokens = flags.tokens;
    out.base.rounds = flags.rounds;
    out.base.weight_gb = static_cast<double>(out.range->info().weight_bytes) / 1e9;
    return out;
  }

  std::vector<token_id> prompt(std::uint32_t count) const {
    std::vector<token_id> out(count);
    for (std::uint32_t i = 0; i < count; ++i)
      out[i] = static_cast<token_id>((i * 7919u + 1) % range->info().vocab);
    return out;
  }

  /// The likeliest token after these.
  expected<token_id> step(std::span<const token_id> tokens, kv_cache& cache) const {
    DCI_ASSIGN(const auto rows, range->forward(tokens, cache));
    DCI_ASSIGN(const auto logits, range->logits(rows, rows.rows() - 1));
    return sample(logits, {}, {}, 0);
  }

  // One round that does not count warms caches and page tables.
  expected<measurement> rounds(const std::function<result()>& round) const {
    static const memory_reader memory(read_bytes);
    std::vector<double> rates, reads;
    for (std::uint32_t i = 0; i <= base.rounds; ++i) {
      reads.push_back(memory.gb_per_s(base.threads));
      const auto start = clock::now();
      DCI_TRY(round());
      const std::chrono::duration<double> taken = clock::now() - start;
      if (i > 0)
        rates.push_back(base.tokens / taken.count());
    }
    auto out = base;
    const auto rate = spread_of(rates);
    out.tokens_per_s = rate.median;
    out.relative_spread = rate.relative;
    out.read_gb_per_s = spread_of(reads).median;
    return out;
  }
};

} // namespace

expected<measurement> measure_decode(const engine_flags& flags) {
  DCI_ASSIGN(const auto all, engine::load(flags, "decode"));
  DCI_ASSIGN(auto out, all.rounds([&]() -> result {
    DCI_ASSIGN(const auto cache, all.range->make_cache(flags.tokens));
    token_id next = 1;
    for (std::uint32_t i = 0; i < flags.tokens; ++i) {
      DCI_ASSIGN(next, all.step({&next, 1}, *cache));
    }
    return {};
  }));
  out.bandwidth_reached = *out.tokens_per_s * *out.weight_gb / *out.read_gb_per_s;
  return out;
}

expected<measurement> measure_prefill(const engine_flags& flags) {
  DCI_ASSIGN(const auto all, engine::load(flags, "prefill"));
  const auto prompt = all.prompt(flags.tokens);
  return all.rounds([&]() -> result {
    DCI_ASSIGN(const auto cache, all.range->make_cache(flags.tokens));
    DCI_TRY(all.step(prompt, *cache));
    return {};
  });
}

} // namespace dci

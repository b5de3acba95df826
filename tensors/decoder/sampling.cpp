#include "tensors/decoder/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tensors/kernels/argmax.hpp"

namespace dci {

namespace {

struct candidate {
  double value; // a logit first, then a weight: e^((logit - highest) / temperature)
  token_id id;
};

// The order of a heap whose top is the likeliest, equals by id.
bool less_likely(const candidate& a, const candidate& b) {
  return a.value != b.value ? a.value < b.value : a.id > b.id;
}

// The finaliser of splitmix64 (Steele, Lea and Flood, 2014).
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

expected<token_id> likeliest(std::span<const float> logits) {
  if (logits.empty())
    return fail(errc::bad_request, "sampling: there are no logits");
  const auto best = kernels::largest_of(logits.data(), logits.size());
  if (std::isfinite(best.value))
    return static_cast<token_id>(best.index);
  if (best.value == -std::numeric_limits<float>::infinity())
    return fail(errc::not_finite, "sampling: every logit is minus infinity");
  const auto bad = std::ranges::find_if(
      logits, [](float x) { return std::isnan(x) || x == std::numeric_limits<float>::infinity(); });
  return fail(errc::not_finite, "sampling: the logit of token " +
                                    std::to_string(bad - logits.begin()) + " is NaN or infinite");
}

expected<std::vector<candidate>> candidates_of(std::span<const float> logits) {
  if (logits.empty())
    return fail(errc::bad_request, "sampling: there are no logits");
  std::vector<candidate> out;
  out.reserve(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i]) || logits[i] == std::numeric_limits<float>::infinity())
      return fail(errc::not_finite,
                  "sampling: the logit of token " + std::to_string(i) + " is NaN or infinite");
    out.push_back({logits[i], static_cast<token_id>(i)});
  }
  return out;
}

result penalise(std::vector<candidate>& candidates, std::span<const token_id> history,
                double penalty) {
  if (penalty == 1)
    return {};
  std::vector<token_id> seen(history.begin(), history.end());
  std::ranges::sort(seen);
  const auto repeats = std::ranges::unique(seen);
  seen.erase(repeats.begin(), repeats.end());
  for (const auto id : seen) {
    if (id < 0 || static_cast<std::size_t>(id) >= candidates.size())
      return fail(errc::bad_request,
                  "sampling: token " + std::to_string(id) + " of the history has no logit");
    auto& value = candidates[static_cast<std::size_t>(id)].value;
    value = value > 0 ? value / penalty : value * penalty;
  }
  return {};
}

double sum_of(const std::vector<candidate>& candidates) {
  double sum = 0;
  for (const auto& one : candidates)
    sum += one.value;
  return sum;
}

// What top-k, top-p and min-p leave, likeliest first.
std::vector<candidate> filtered(std::vector<candidate> weights, const sampling_settings& settings) {
  const auto by_k = settings.top_k > 0 && settings.top_k < weights.size();
  if (!by_k && settings.top_p >= 1 && settings.min_p <= 0)
    return weights;
  // A heap: what is dropped need not be sorted.
  std::ranges::make_heap(weights, less_likely);
  std::vector<candidate> kept;
  const auto take = [&] {
    std::ranges::pop_heap(weights, less_likely);
    kept.push_back(weights.back());
    weights.pop_back();
  };
  if (by_k) {
    while (kept.size() < settings.top_k)
      take();
    weights = std::exchange(kept, {});
    std::ranges::make_heap(weights, less_likely);
  }
  const auto enough = settings.top_p * sum_of(weights);
  double before = 0; // of the likelier ones
  while (!weights.empty()) {
    const auto value = weights.front().value;
    // top-p = 1 keeps all, whatever the rounding of the sum.
    if (!kept.empty() &&
        ((settings.top_p < 1 && before >= enough) || value < settings.min_p * kept.front().value))
      break;
    before += value;
    take();
  }
  return kept;
}

result in_range(bool good, const char* name, const char* range) {
  if (good)
    return {};
  return fail(errc::bad_request, std::string("sampling: ") + name + " must be " + range);
}

} // namespace

result sampling_settings::validate() const {
  // Written so that a NaN fails.
  DCI_TRY(in_range(temperature >= 0 && temperature <= 1000, "temperature", "from 0 to 1000"));
  DCI_TRY(in_range(top_p > 0 && top_p <= 1, "top_p", "above 0 and at most 1"));
  DCI_TRY(in_range(min_p >= 0 && min_p <= 1, "min_p", "from 0 to 1"));
  return in_range(repetition_penalty >= 0.01 && repetition_penalty <= 100, "repetition_penalty",
                  "from 0.01 to 100");
}

double random_unit(std::uint64_t seed, std::uint64_t position) {
  constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15;
  const auto start = mix(seed + golden_ratio);
  return static_cast<double>(mix(start + (position + 1) * golden_ratio) >> 11) * 0x1p-53;
}

expected<token_id> sample(std::span<const float> logits, std::span<const token_id> history,
                          const sampling_settings& settings, std::uint64_t position) {
  DCI_TRY(settings.validate());
  if (settings.temperature == 0 && settings.repetition_penalty == 1)
    return likeliest(logits);
  DCI_ASSIGN(auto candidates, candidates_of(logits));
  DCI_TRY(penalise(candidates, history, settings.repetition_penalty));
  const auto best = *std::ranges::max_element(candidates, less_likely);
  if (best.value == -std::numeric_limits<double>::infinity())
    return fail(errc::not_finite, "sampling: every logit is minus infinity");
  if (settings.temperature == 0)
    return best.id;
  for (auto& one : candidates)
    one.value = std::exp((one.value - best.value) / settings.temperature);
  const auto kept = filtered(std::move(candidates), settings);
  const auto target = random_unit(settings.seed, position) * sum_of(kept);
  double passed = 0;
  auto last = best.id;
  for (const auto& one : kept) {
    if (one.value == 0)
      continue;
    last = one.id;
    passed += one.value;
    if (target < passed)
      break;
  }
  return last;
}

} // namespace dci

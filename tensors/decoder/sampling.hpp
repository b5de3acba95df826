// Choosing the next token: a pure function, so that every replica of a ring
// chooses the same one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// The defaults are greedy: the highest logit, the lowest id among equals.
struct sampling_settings {
  double temperature = 0;        ///< 0 for greedy; the filters below then do not matter
  std::uint32_t top_k = 0;       ///< keep the k likeliest; 0 for all
  double top_p = 1;              ///< keep the likeliest until they have this probability
  double min_p = 0;              ///< drop what is less likely than this times the likeliest
  double repetition_penalty = 1; ///< above 1 makes tokens of the history less likely
  std::uint64_t seed = 0;

  /// Errors: bad_request naming the setting that is out of its range.
  result validate() const;

  static constexpr std::string_view type_name = "sampling_settings";
  static constexpr auto fields() {
    using self = sampling_settings;
    return std::tuple{
        field("temperature", &self::temperature, "0: the likeliest token always"),
        field("top_k", &self::top_k, "keep the k likeliest; 0: all"),
        field("top_p", &self::top_p, "keep the likeliest until they have this probability"),
        field("min_p", &self::min_p, "drop what is less likely than this times the likeliest"),
        field("repetition_penalty", &self::repetition_penalty, "above 1: avoid repeating tokens"),
        field("seed", &self::seed, "same seed, same answer"),
    };
  }
};

/// In [0, 1), with 53 random bits: the splitmix64 stream that starts at the
/// mixed seed, at place `position`. Counter-based, so nothing is carried from
/// one token to the next.
double random_unit(std::uint64_t seed, std::uint64_t position);

/// The next token after `history`, which is prompt and answer so far. logits:
/// one for each token of the vocabulary; minus infinity rules one out.
/// position: the place of the new token in the session, which with the seed
/// fixes the random number.
///
/// The filters come in Hugging Face's order: repetition penalty (a history
/// token's logit divided by it if positive, else multiplied), temperature, top-k,
/// top-p, min-p; what is left is drawn from by its probabilities. Sums are in
/// double and run from the likeliest down, equals by id; with no filter on, by
/// id. At least one token is always left.
///
/// Errors: bad_request for settings that do not validate, no logits or a history
/// id beyond them; not_finite for a logit that is NaN or plus infinity, or if
/// all are minus infinity.
expected<token_id> sample(std::span<const float> logits, std::span<const token_id> history,
                          const sampling_settings& settings, std::uint64_t position);

} // namespace dci

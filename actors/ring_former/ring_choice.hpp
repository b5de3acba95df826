// Which nodes form a ring, and in which order: the one round whose links cost least in all.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/random.hpp"

namespace dci {

/// What a link between two candidates costs, such as its one-way latency or 1 - score. Not below
/// 0; infinite, or no number, where the two must not be neighbours. Need not be the same both ways.
class link_costs {
 public:
  /// cost(from, to) for all pairs; from == to is not asked.
  link_costs(std::uint32_t candidates,
             const std::function<double(std::uint32_t, std::uint32_t)>& cost);

  std::uint32_t size() const {
    return size_;
  }
  double operator()(std::uint32_t from, std::uint32_t to) const {
    return costs_[std::size_t{from} * size_ + to];
  }
  /// All links of a closed ring.
  double around(const std::vector<std::uint32_t>& ring) const;

 private:
  std::uint32_t size_;
  std::vector<double> costs_;
};

/// Up to so many candidates are tried exactly.
inline constexpr std::uint32_t most_candidates_exact = 14;
inline constexpr std::uint32_t most_ring_candidates = 2000;
/// Of one that somebody asks for.
inline constexpr std::uint32_t most_ring_stages = 256;

/// The ring of `stages` candidates with the least cost; exact for few candidates, by local search
/// from many beginnings for more. The first stage is the candidate with the lowest number.
/// stages: from 1 to the number of candidates. Errors: bad_request for another number of
/// stages and for too many candidates, not_found where every ring has a link of infinite cost.
expected<std::vector<std::uint32_t>> choose_ring(const link_costs& costs, std::uint32_t stages,
                                                 random_source random);

/// By trying all sets and orders (dynamic programming over sets, Held and Karp 1962). For up to
/// most_candidates_exact candidates.
expected<std::vector<std::uint32_t>> exact_ring(const link_costs& costs, std::uint32_t stages);

} // namespace dci

// Measured round trips, as files have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"

namespace dci {

/// A square matrix.
struct round_trips {
  std::uint32_t size = 0;
  std::vector<float> ms; ///< [size][size]; 0 where unknown

  float between(std::uint32_t from, std::uint32_t to) const {
    return ms[std::size_t{from} * size + to];
  }
};

/// One row a line, numbers parted by tabs or spaces; "nan" and "-" are unknown, as is 0. scale:
/// what the numbers are multiplied with to be milliseconds. Errors: bad_file, naming the line,
/// for a matrix that is not square, smaller than 2 or larger than 5000, that says nothing at all,
/// and for what is no number or below 0 or above ten minutes.
expected<round_trips> parse_round_trips(std::string_view text, double scale);
/// The same from a file of at most 256 MiB; errors name it.
expected<round_trips> read_round_trips(const std::string& file, double scale);

/// Matrices measured one after the other. first: the file of the first one, whose name without its
/// ending ends with a number; the others count up from it, without a gap, up to 1000 of them.
/// Errors: those of read_round_trips(), and bad_file for another name and for matrices of different
/// sizes.
expected<std::vector<round_trips>> read_slices(const std::string& first, double scale);

/// Without the nodes behind the first `size`.
round_trips first_of(const round_trips& all, std::uint32_t size);

} // namespace dci

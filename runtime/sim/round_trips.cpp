#include "runtime/sim/round_trips.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>

#include "runtime/base/files.hpp"

namespace dci {

namespace {

constexpr std::uint32_t most_nodes = 5000;
constexpr std::size_t most_slices = 1000;
constexpr double most_ms = 600'000;
constexpr std::size_t most_bytes = std::size_t{256} << 20;
constexpr std::string_view blanks = " \t\r";

// Takes the first word off.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const auto word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

// 0 where it says that it is unknown.
std::optional<double> number_of(std::string_view word) {
  if (word == "-" || word == "nan" || word == "NaN")
    return 0;
  double number = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (problem != std::errc() || end != word.data() + word.size() || !std::isfinite(number))
    return {};
  return number;
}

tl::unexpected<error> bad_line(std::size_t line, const std::string& what) {
  return fail(errc::bad_file, "line " + std::to_string(line) + ": " + what);
}

} // namespace

expected<round_trips> parse_round_trips(std::string_view text, double scale) {
  round_trips out;
  std::size_t rows = 0, line_number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line_number;
    std::uint32_t columns = 0;
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
      if (++columns > most_nodes)
        return bad_line(line_number, "more than " + std::to_string(most_nodes) + " columns");
      const auto number = number_of(word);
      if (!number)
        return bad_line(line_number, "\"" + std::string(word.substr(0, 40)) + "\" is no number");
      if (*number < 0 || *number * scale > most_ms)
        return bad_line(line_number, std::string(word) + " is no round trip: those are from 0 to " +
                                         "ten minutes");
      out.ms.push_back(static_cast<float>(*number * scale));
    }
    if (columns == 0)
      continue;
    if (rows++ == 0)
      out.size = columns;
    if (columns != out.size)
      return bad_line(line_number, std::to_string(columns) + " columns, the first row has " +
                                       std::to_string(out.size));
    if (rows > out.size)
      return bad_line(line_number, "more rows than columns: the matrix must be square");
  }
  if (rows != out.size || rows < 2)
    return fail(errc::bad_file, std::to_string(rows) + " rows of " + std::to_string(out.size) +
                                    " columns: a square matrix of at least two is needed");
  for (std::uint32_t i = 0; i < out.size; ++i)
    out.ms[std::size_t{i} * out.size + i] = 0;
  if (std::ranges::all_of(out.ms, [](float ms) { return ms == 0; }))
    return fail(errc::bad_file, "no round trip is above 0");
  return out;
}

round_trips first_of(const round_trips& all, std::uint32_t size) {
  round_trips out{size, {}};
  for (std::uint32_t row = 0; row < size; ++row)
    for (std::uint32_t column = 0; column < size; ++column)
      out.ms.push_back(all.between(row, column));
  return out;
}

expected<round_trips> read_round_trips(const std::string& file, double scale) {
  DCI_ASSIGN(const auto text, read_file(file, most_bytes));
  auto out = parse_round_trips(text, scale);
  if (!out)
    return fail(in_context(file, out.error()));
  return out;
}

expected<std::vector<round_trips>> read_slices(const std::string& first, double scale) {
  namespace fs = std::filesystem;
  const fs::path path(first);
  const auto stem = path.stem().string();
  const auto name = stem.substr(0, stem.find_last_not_of("0123456789") + 1);
  std::uint32_t number = 0;
  const auto digits = std::string_view(stem).substr(name.size());
  if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc())
    return fail(errc::bad_file, first + ": the name of the first slice must end with its number, "
                                        "as in name_1.tsv");
  std::vector<round_trips> out;
  auto file = path;
  do {
    DCI_ASSIGN(auto one, read_round_trips(file.string(), scale));
    if (!out.empty() && one.size != out.front().size)
      return fail(errc::bad_file, file.string() + ": " + std::to_string(one.size) +
                                      " nodes, the first slice has " +
                                      std::to_string(out.front().size));
    out.push_back(std::move(one));
    file = path.parent_path() /
           (name + std::to_string(std::uint64_t{number} + out.size()) + path.extension().string());
  } while (out.size() < most_slices && fs::exists(file));
  return out;
}

} // namespace dci

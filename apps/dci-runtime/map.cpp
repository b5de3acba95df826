#include <cstdio>
#include <functional>

#include "actors/gossip/map.hpp"
#include "apps/dci-runtime/verbs.hpp"
#include "runtime/base/files.hpp"
#include "runtime/base/heat_map.hpp"
#include "runtime/base/json_codec.hpp"
#include "runtime/host/ask.hpp"
#include "runtime/host/credentials.hpp"
#include "runtime/host/host.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds longest_wait{10};
constexpr std::size_t most_columns = 24; // of the matrix in a terminal

expected<network_map> fetch(const map_flags& flags) {
  DCI_ASSIGN(const auto where, parse_address(flags.host));
  host_options own;
  DCI_ASSIGN(own.tls, load_credentials(flags.credentials));
  DCI_ASSIGN(const auto here, host::start(std::move(own)));
  DCI_ASSIGN(const auto node, here->dial(where, longest_wait));
  DCI_ASSIGN(const auto found, here->find(node, flags.actor));
  return ask<network_map>(here->system(), caf::actor_cast<gossip_actor>(found.actor),
                          gossip_describe_request{}, longest_wait);
}

struct figures {
  std::size_t measured = 0, guessed = 0, unknown = 0;
};
figures count(const proximity_matrix& matrix) {
  figures out;
  for (std::size_t i = 0; i < matrix.size(); ++i)
    for (std::size_t j = 0; j < matrix.size(); ++j)
      if (i != j) {
        const auto cell = matrix.at(i, j);
        ++(!cell ? out.unknown : cell->is_guess ? out.guessed : out.measured);
      }
  return out;
}

heat_map picture(const network_map& map, const proximity_matrix& matrix) {
  heat_map out;
  out.title = "Round trips between " + std::to_string(map.nodes.size()) + " nodes";
  out.unit = "ms";
  for (const auto& node : map.nodes)
    out.names.push_back(node.id.substr(0, 8));
  out.at = [&](std::size_t row, std::size_t column) -> std::optional<heat_cell> {
    const auto cell = matrix.at(row, column);
    if (!cell)
      return {};
    return heat_cell{cell->round_trip_ms, cell->is_guess};
  };
  return out;
}

// "12.3", "~45.6" for a guess.
std::string text_of(const std::optional<matrix_cell>& cell) {
  if (!cell)
    return ".";
  char out[32];
  std::snprintf(out, sizeof(out), "%s%.*f", cell->is_guess ? "~" : "",
                cell->round_trip_ms < 100 ? 1 : 0, cell->round_trip_ms);
  return out;
}

// "94.1", ">829" for one that may be more, "2.1!" for one that is narrow.
std::string text_of(const std::optional<bandwidth_cell>& cell) {
  if (!cell)
    return ".";
  char out[32];
  std::snprintf(out, sizeof(out), "%s%.*f%s", cell->at_least ? ">" : "",
                cell->mbit_per_s < 100 ? 1 : 0, cell->mbit_per_s, cell->narrow ? "!" : "");
  return out;
}

// text(row, column): of a cell.
void print_matrix(const network_map& map, const std::vector<std::size_t>& order,
                  const std::function<std::string(std::size_t, std::size_t)>& text) {
  std::printf("%-3s %-8s  %-21s %6s", "", "node", "address", "age s");
  for (std::size_t i = 0; i < order.size(); ++i)
    std::printf(" %6zu", i + 1);
  std::puts("");
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& node = map.nodes[order[i]];
    std::printf("%-3zu %-8s  %-21s ", i + 1, node.id.substr(0, 8).c_str(), node.address.c_str());
    node.reported ? std::printf("%6.1f", node.age_s) : std::printf("%6s", "?");
    for (const auto other : order)
      std::printf(" %6s", text(order[i], other).c_str());
    std::puts("");
  }
}

void print_bandwidths(const network_map& map, const proximity_matrix& matrix,
                      const std::vector<std::size_t>& order) {
  std::size_t known = 0, narrow = 0;
  for (const auto i : order)
    for (const auto j : order)
      if (const auto cell = matrix.bandwidth_at(i, j)) {
        ++known;
        narrow += cell->narrow ? 1 : 0;
      }
  std::printf("\nbandwidths in Mbit/s, from row to column: %zu measured (> or more), %zu of them "
              "below %g (!)\n",
              known, narrow, map.least_mbit_per_s);
  if (known > 0)
    print_matrix(map, order, [&](std::size_t from, std::size_t to) {
      return text_of(matrix.bandwidth_at(from, to));
    });
}

void print_devices(const network_map& map, const std::vector<std::size_t>& order) {
  std::printf("\n%-3s %-8s  tier  TFLOPS  Q8_0 TOPS  read GB/s  free GB  takes work\n", "", "node");
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& node = map.nodes[order[i]];
    if (!node.reported)
      continue;
    const auto& is = node.device;
    const std::string tier(to_string(device_tier{is.tier}));
    std::printf("%-3zu %-8s  %-4s %7.2f %10.2f %10.1f %8.1f  %s\n", i + 1,
                node.id.substr(0, 8).c_str(), tier.c_str(), is.tflops_f32, is.tops_int8,
                is.memory_gb_per_s, is.memory_free_gb, node.policy.takes_work ? "yes" : "no");
  }
}

} // namespace

result map(const common_flags& common, const map_flags& flags) {
  DCI_ASSIGN(const auto known, fetch(flags));
  if (common.json) {
    std::puts(to_json_value(known).dump().c_str());
    return {};
  }
  const proximity_matrix matrix(known);
  const auto [measured, guessed, unknown] = count(matrix);
  std::printf("%zu nodes, round trips in ms: %zu measured, %zu guessed (~), %zu unknown (.)\n",
              known.nodes.size(), measured, guessed, unknown);
  auto drawn = picture(known, matrix);
  const auto order = by_nearness(drawn);
  if (known.nodes.size() <= most_columns) {
    print_matrix(known, order,
                 [&](std::size_t from, std::size_t to) { return text_of(matrix.at(from, to)); });
    print_bandwidths(known, matrix, order);
    print_devices(known, order);
  }
  if (flags.svg.empty()) {
    if (known.nodes.size() > most_columns)
      std::puts("too many for a table: --svg FILE draws them, --json prints them");
    return {};
  }
  auto sorted = drawn;
  for (std::size_t i = 0; i < order.size(); ++i)
    sorted.names[i] = drawn.names[order[i]];
  sorted.at = [&](std::size_t row, std::size_t column) {
    return drawn.at(order[row], order[column]);
  };
  DCI_TRY(write_file(flags.svg, to_svg(sorted)));
  std::printf("heat map: %s\n", flags.svg.c_str());
  return {};
}

} // namespace dci

#include "runtime/sim/pictures.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>

namespace dci {

namespace {

// One bar for each report in each category.
template <class Report>
chart bars(
    const std::vector<Report>& reports, std::string title, std::string y,
    const std::function<std::string(const Report&)>& name,
    const std::vector<std::pair<std::string, std::function<double(const Report&)>>>& categories) {
  chart out;
  out.title = std::move(title);
  out.y = std::move(y);
  out.as_bars = true;
  for (const auto& [category, value] : categories)
    out.categories.push_back(category);
  for (const auto& one : reports) {
    chart_series series{name(one), {}};
    for (std::size_t i = 0; i < categories.size(); ++i)
      series.points.emplace_back(i, categories[i].second(one));
    out.series.push_back(std::move(series));
  }
  return out;
}

template <class Report>
std::string where(const std::vector<Report>& reports) {
  return reports.empty()
             ? ""
             : reports.front().network + ", " + std::to_string(reports.front().nodes) + " nodes";
}

std::string short_number(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%g", value);
  return out;
}

chart over_alpha(const std::vector<alpha_beta_report>& reports, std::string title, std::string y,
                 double alpha_beta_report::*time, double scale) {
  chart out{std::move(title), "alpha: 0 is bandwidth alone, 1 is latency alone", std::move(y), {}};
  out.log_y = true;
  for (const auto& one : reports) {
    const auto least = one.least_mbit > 0
                           ? ", no link under " + short_number(one.least_mbit) + " Mbit/s"
                           : std::string();
    const auto name = (one.alpha ? "by score" : "by " + one.chosen_by) + least;
    if (out.series.empty() || out.series.back().name != name)
      out.series.push_back({name, {}});
    auto& points = out.series.back().points;
    if (one.formed == 0)
      continue;
    if (one.alpha)
      points.emplace_back(*one.alpha, one.*time * scale);
    else
      points = {{0, one.*time * scale}, {1, one.*time * scale}};
  }
  return out;
}

struct figure {
  std::string title, y;
  bool log_y = false;
  std::vector<std::pair<std::string, std::function<double(const conditions_report&)>>> series;
};

double share(std::uint32_t some, std::uint32_t all) {
  return all == 0 ? 0 : 100.0 * some / all;
}

std::vector<figure> figures() {
  using report = conditions_report;
  return {
      {"Ring", "ms a token", true, {{"", [](const report& r) { return r.token_ms; }}}},
      {"Lookups",
       "% right",
       false,
       {{"asked again", [](const report& r) { return share(r.correct_after_retry, r.lookups); }},
        {"at first try", [](const report& r) { return share(r.correct, r.lookups); }}}},
      {"Deaths noticed",
       "s after",
       true,
       {{"99 of 100", [](const report& r) { return r.p99_detection_s; }},
        {"median", [](const report& r) { return r.median_detection_s; }}}},
  };
}

chart under(const std::vector<conditions_report>& reports, const figure& what,
            const std::string& changed, const std::string& unit) {
  chart out{what.title, unit, what.y, {}};
  out.log_y = what.log_y;
  for (const auto& [name, value] : what.series)
    out.series.push_back({name, {}});
  for (const auto& one : reports) {
    if (one.changed != changed && one.changed != "nothing")
      continue;
    const auto at = static_cast<double>(out.categories.size());
    out.categories.push_back(one.changed == "nothing" ? "none" : short_number(one.value));
    for (std::size_t i = 0; i < what.series.size(); ++i)
      out.series[i].points.emplace_back(at, what.series[i].second(one));
  }
  return out;
}

} // namespace

picture picture_of(const std::vector<chord_report>& reports) {
  using report = chord_report;
  return {{bars<report>(reports, "Lookups: " + where(reports), "ms",
                        [](const report& r) { return r.lookups_by + ", " + r.fingers; },
                        {{"mean", &report::mean_latency_ms},
                         {"median", &report::median_latency_ms},
                         {"99 of 100", &report::p99_latency_ms}})},
          1};
}

picture picture_of(const std::vector<records_report>& reports) {
  using report = records_report;
  const auto share = [](std::uint32_t report::*what) {
    return [what](const report& r) { return 100.0 * (r.*what) / std::max(r.reads, 1u); };
  };
  return {{bars<report>(reports, "Values read: " + where(reports), "% of reads",
                        [](const report&) { return ""; },
                        {{"at first try", share(&report::read_at_first_try)},
                         {"after retry", share(&report::read_after_retry)}})},
          1};
}

picture picture_of(const std::vector<membership_report>& reports) {
  using report = membership_report;
  return {{bars<report>(reports, "Deaths noticed: " + where(reports), "s after",
                        [](const report&) { return ""; },
                        {{"median", &report::median_detection_s},
                         {"99 of 100", &report::p99_detection_s},
                         {"slowest", &report::max_detection_s}})},
          1};
}

picture picture_of(const std::vector<gossip_report>& reports) {
  using report = gossip_report;
  const auto no_name = [](const report&) { return ""; };
  return {
      {bars<report>(reports, "Age of reports: " + where(reports), "s", no_name,
                    {{"mean", &report::mean_age_s}, {"oldest", &report::max_age_s}}),
       bars<report>(reports, "Relative error when looked at", "share of the round trip", no_name,
                    {{"reported, median", &report::median_link_error},
                     {"own, median", &report::median_own_link_error},
                     {"guessed, median", &report::median_guess_error}})},
      2};
}

picture picture_of(const std::vector<coordinates_report>& reports) {
  using report = coordinates_report;
  return {{bars<report>(reports, "Guessed round trips: " + where(reports), "relative error",
                        [](const report&) { return ""; },
                        {{"median", &report::median_relative_error},
                         {"9 of 10", &report::p90_relative_error},
                         {"median of measured", &report::median_of_measured}})},
          1};
}

picture picture_of(const std::vector<ring_report>& reports) {
  chart out{"Rings: " + where(reports), "chosen by", "ms, all links one way", {"random"}};
  out.as_bars = true;
  chart_series series;
  if (!reports.empty())
    series.points.emplace_back(0, reports.front().random_ring_latency_ms);
  for (const auto& one : reports) {
    series.points.emplace_back(out.categories.size(), one.ring_latency_ms);
    out.categories.push_back(one.chosen_by);
  }
  out.series.push_back(std::move(series));
  return {{std::move(out)}, 1};
}

picture picture_of(const std::vector<alpha_beta_report>& reports) {
  return {{over_alpha(reports, "Decoding: " + where(reports), "ms a token",
                      &alpha_beta_report::decode_ms, 1),
           over_alpha(reports, "Prefilling: " + where(reports), "s a prompt",
                      &alpha_beta_report::prefill_ms, 1e-3)},
          2};
}

picture picture_of(const std::vector<conditions_report>& reports) {
  picture out{{}, 4};
  // Deaths make no token slower.
  const figure lost_answers{"Answers", "% lost", false, {{"", [](const conditions_report& r) {
                                                            return 100 * r.answers_lost;
                                                          }}}};
  for (const auto& what : figures()) {
    out.charts.push_back(under(reports, what, "latency_ms", "ms more on each link"));
    out.charts.push_back(under(reports, what, "mbit_per_s", "Mbit/s"));
    out.charts.push_back(under(reports, what, "loss", "share of packets lost"));
    out.charts.push_back(under(reports, what.y == "ms a token" ? lost_answers : what,
                               "replaced_per_hour", "deaths an hour and node"));
  }
  return out;
}

} // namespace dci

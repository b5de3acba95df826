#include "net/identity/renewal.hpp"

#include <algorithm>

#include "net/identity/certificate_maker.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds first_pause{5}, shortest_pause{1};
constexpr std::chrono::minutes longest_pause{10}, longest_when_ended{1};
/// At least so many pauses fit into the time that is left.
constexpr int tries_to_come = 8;

wall_time due(const certificate& c) {
  const auto made = c.not_before + clock_tolerance;
  const auto begin = made < c.not_after ? made : c.not_before;
  return begin + (c.not_after - begin) * 2 / 3;
}

} // namespace

wall_time renewal_due(std::span<const certificate> certificates) {
  auto out = wall_time::max();
  for (const auto& one : certificates)
    out = std::min(out, due(one));
  return out;
}

wall_time first_end(std::span<const certificate> certificates) {
  auto out = wall_time::max();
  for (const auto& one : certificates)
    out = std::min(out, one.not_after);
  return out;
}

std::chrono::seconds pause_after(unsigned failures, std::chrono::seconds left) {
  std::chrono::seconds out = first_pause;
  for (unsigned i = 1; i < failures && out < longest_pause; ++i)
    out *= 2;
  if (left.count() <= 0)
    return std::min<std::chrono::seconds>(out, longest_when_ended);
  return std::min<std::chrono::seconds>(
      {out, longest_pause, std::max(shortest_pause, left / tries_to_come)});
}

std::string span_text(std::chrono::seconds span) {
  using namespace std::chrono;
  const auto of = [](auto count, const char* unit) { return std::to_string(count) + unit; };
  if (span < minutes{1})
    return of(span.count(), " s");
  if (span < hours{1})
    return of(floor<minutes>(span).count(), " min");
  if (span < days{1})
    return of(floor<hours>(span).count(), " h ") +
           of(floor<minutes>(span % hours{1}).count(), " min");
  return of(floor<days>(span).count(), " d ") + of(floor<hours>(span % days{1}).count(), " h");
}

} // namespace dci

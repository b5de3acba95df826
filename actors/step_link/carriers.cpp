#include "actors/step_link/carriers.hpp"

namespace dci {

std::string_view to_string(transport t) noexcept {
  switch (t) {
    case transport::any:
      return "auto";
    case transport::caf:
      return "caf";
    case transport::zmq:
      return "zmq";
  }
  return "unknown";
}

std::optional<transport> transport_from(std::string_view name) noexcept {
  for (const auto t : {transport::any, transport::caf, transport::zmq})
    if (to_string(t) == name)
      return t;
  return {};
}

std::string_view to_string(carrier c) noexcept {
  switch (c) {
    case carrier::none:
      return "none";
    case carrier::inside:
      return "inside";
    case carrier::caf:
      return "caf";
    case carrier::zmq:
      return "zmq";
  }
  return "unknown";
}

carriers::carriers(transport allowed, bool caf_is_up, time_point now)
    : allowed_(allowed), caf_(caf_is_up), since_(now) {
  choose(now);
  changes_ = 0;
}

carriers carriers::inside() {
  carriers out;
  out.in_use_ = carrier::inside;
  return out;
}

bool carriers::may(carrier c) const {
  return allowed_ == transport::any || (c == carrier::caf && allowed_ == transport::caf) ||
         (c == carrier::zmq && allowed_ == transport::zmq);
}

bool carriers::caf(bool is_up, time_point now) {
  caf_ = is_up;
  return choose(now);
}

bool carriers::zmq(bool is_up, time_point now) {
  zmq_ = is_up;
  return choose(now);
}

bool carriers::choose(time_point now) {
  const auto best = in_use_ == carrier::inside  ? carrier::inside
                    : caf_ && may(carrier::caf) ? carrier::caf
                    : zmq_ && may(carrier::zmq) ? carrier::zmq
                                                : carrier::none;
  if (best == in_use_)
    return false;
  in_use_ = best;
  since_ = now;
  if (best == carrier::none)
    return false;
  ++changes_;
  return true;
}

} // namespace dci

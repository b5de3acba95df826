#include "actors/errors.hpp"

#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace dci {
namespace {

constexpr auto our_category = caf::atom("dci");

} // namespace

caf::error to_caf(const error& e) {
  return caf::make_error(e.code, e.message);
}

error from_caf(const caf::error& e) {
  if (!e)
    return {errc::none, ""};
  if (e.category() == our_category) {
    auto code = static_cast<errc>(e.code());
    if (to_string(code) == "unknown")
      code = errc::bad_message;
    if (e.context().match_elements<std::string>())
      return {code, e.context().get_as<std::string>(0)};
    return {code, std::string{meaning(code)}};
  }
  if (e == caf::sec::request_timeout)
    return {errc::timed_out, "no answer in time"};
  if (e == caf::sec::request_receiver_down || e.category() == caf::atom("exit"))
    return {errc::peer_lost, reason_text(e)};
  if (e == caf::sec::unexpected_message || e == caf::sec::unexpected_response)
    return {errc::bad_request, "this actor does not understand that message"};
  if (e == caf::sec::cannot_connect_to_node || e == caf::sec::no_route_to_receiving_node)
    return {errc::unreachable, "nobody answers there"};
  return {errc::internal, caf::to_string(e)};
}

std::string reason_text(const caf::error& reason) {
  if (!reason)
    return "finished";
  if (reason == caf::exit_reason::remote_link_unreachable)
    return "its process died or does not answer";
  if (reason == caf::exit_reason::user_shutdown)
    return "stopped";
  if (reason == caf::exit_reason::kill)
    return "killed";
  if (reason == caf::exit_reason::unknown || reason == caf::sec::request_receiver_down)
    return "it is gone";
  if (reason.category() == our_category)
    return from_caf(reason).message;
  return caf::to_string(reason);
}

} // namespace dci

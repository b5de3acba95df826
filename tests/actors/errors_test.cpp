// Our errors on their way through CAF.
#include <doctest/doctest.h>

#include <vector>

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include "actors/errors.hpp"

using namespace dci;

TEST_CASE("every code and its message come back as they were") {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("testing"));
  caf::actor_system system{config};
#define DCI_CODE(name, exit, text) errc::name,
  for (const auto code : {DCI_ERRC_LIST(DCI_CODE)}) {
    CAPTURE(to_string(code));
    const error sent{code, "message of " + std::string{to_string(code)} + ": \xc3\xa4\n"};
    auto carried = to_caf(sent);
    CHECK(carried);
    CHECK(from_caf(carried) == sent);
    std::vector<char> bytes;
    caf::binary_serializer sink(system, bytes);
    REQUIRE_FALSE(sink(carried));
    caf::error arrived;
    caf::binary_deserializer source(system, bytes);
    REQUIRE_FALSE(source(arrived));
    CHECK(from_caf(arrived) == sent);
  }
#undef DCI_CODE
}

TEST_CASE("errors of CAF get a code of ours") {
  using caf::sec;
  CHECK(from_caf(sec::request_timeout).code == errc::timed_out);
  CHECK(from_caf(sec::request_receiver_down).code == errc::peer_lost);
  CHECK(from_caf(caf::exit_reason::kill) == error{errc::peer_lost, "killed"});
  CHECK(from_caf(caf::exit_reason::remote_link_unreachable).code == errc::peer_lost);
  CHECK(from_caf(sec::unexpected_message).code == errc::bad_request);
  CHECK(from_caf(sec::cannot_connect_to_node).code == errc::unreachable);
  CHECK(from_caf(sec::bad_function_call).code == errc::internal);
  CHECK_FALSE(from_caf(sec::bad_function_call).message.empty());
  CHECK(from_caf({}) == error{errc::none, ""});
}

TEST_CASE("an error of ours without text, or of a later version, still means something") {
  CHECK(from_caf(caf::make_error(errc::context_full)) ==
        error{errc::context_full, std::string{meaning(errc::context_full)}});
  CHECK(from_caf(caf::make_error(errc::context_full, 5)).message == meaning(errc::context_full));
  CHECK(from_caf({200, caf::atom("dci"), caf::make_message(std::string{"new"})}) ==
        error{errc::bad_message, "new"});
}

TEST_CASE("why an actor is gone, in words") {
  CHECK(reason_text({}) == "finished");
  CHECK(reason_text(caf::exit_reason::user_shutdown) == "stopped");
  CHECK(reason_text(caf::exit_reason::kill) == "killed");
  CHECK(reason_text(caf::exit_reason::remote_link_unreachable) ==
        "its process died or does not answer");
  CHECK(reason_text(caf::exit_reason::unknown) == "it is gone");
  CHECK(reason_text(to_caf({errc::bad_file, "config.json is damaged"})) ==
        "config.json is damaged");
  CHECK_FALSE(reason_text(caf::exit_reason::unhandled_exception).empty());
}

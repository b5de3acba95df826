// Messages of links as ZeroMQ frames.
#include <doctest/doctest.h>

#include "actors/step_link/wire.hpp"
#include "tests/actors/samples.hpp"

using namespace dci;
using namespace dci::test;

namespace {

template <std::size_t... I>
std::vector<step_message> one_of_each(std::index_sequence<I...>) {
  sample_maker make(nullptr);
  std::vector<step_message> out;
  const auto add = [&]<std::size_t Kind>() { make.fill(out.emplace_back().emplace<Kind>()); };
  (add.template operator()<I>(), ...);
  return out;
}
std::vector<step_message> one_of_each() {
  return one_of_each(std::make_index_sequence<std::variant_size_v<step_message>>{});
}

step_frame with_rows() {
  hidden_pass pass{epoch_id{1}, 1, {}};
  pass.steps.push_back(
      {session_id{1}, step_id{0}, 0, {7}, 1, activation::own(1, 4, {1.f, -2.f, 0.5f, 1e30f})});
  pass.steps.push_back({session_id{2},
                        step_id{0},
                        0,
                        {7, 8},
                        1,
                        activation::own(2, 4, {1, 2, 3, 4, 5, 6, 7, 8}, true)});
  return {epoch_id{1}, 0, 3, std::move(pass)};
}

} // namespace

TEST_CASE("every message comes back as it went") {
  for (const auto& message : one_of_each()) {
    const step_frame sent{epoch_id{3}, 4, std::uint64_t{1} << 40, message};
    const auto back = unpack_link_message(pack_link_message(sent));
    REQUIRE_MESSAGE(back, (back ? "" : back.error().message));
    const auto& frame = std::get<step_frame>(*back);
    CHECK(frame.epoch == sent.epoch);
    CHECK(frame.link == sent.link);
    CHECK(frame.number == sent.number);
    CHECK(same(frame.message, sent.message));
  }
  const link_report_event report{epoch_id{3}, 4, 99, true, false};
  const auto back = unpack_link_message(pack_link_message(report));
  REQUIRE(back);
  CHECK(same(std::get<link_report_event>(*back), report));
}

TEST_CASE("numbers stand behind the header, as they are") {
  const auto frame = pack_link_message(with_rows());
  CHECK(frame.payload.size() == 4 * 4 + 8 * 2); // F32, then F16
  CHECK(frame.header.size() < 100);
}

TEST_CASE("frames that were damaged are refused, and say where") {
  const auto whole = pack_link_message(with_rows());
  for (std::size_t size = 0; size < whole.header.size(); ++size) {
    auto cut = whole;
    cut.header.resize(size);
    CHECK_FALSE(unpack_link_message(cut));
  }
  auto shorter = whole;
  shorter.payload.pop_back();
  auto back = unpack_link_message(shorter);
  REQUIRE_FALSE(back);
  CHECK(back.error().code == errc::bad_message);
  CHECK(back.error().message.find("31 bytes") != std::string::npos);
  auto longer = whole;
  longer.payload.push_back(0);
  CHECK_FALSE(unpack_link_message(longer));
  // A header of one message with the numbers of another.
  auto other = pack_link_message(step_frame{epoch_id{1}, 0, 1, turn_event{epoch_id{1}, 1, {}}});
  other.payload = whole.payload;
  CHECK_FALSE(unpack_link_message(other));
}

#include "actors/authority/wire.hpp"

#include <doctest/doctest.h>

using namespace dci;

TEST_CASE("what nodes and authorities say comes back as it was") {
  const auto asked = unpack_certify_request(pack_certify_request({{1, 2, 3}, "secret"}));
  REQUIRE(asked);
  CHECK(asked->request == byte_vector{1, 2, 3});
  CHECK(asked->token == "secret");
  const auto given = unpack_certify_answer(pack_certify_answer(certify_reply{{9}}));
  REQUIRE(given);
  CHECK(std::get<certify_reply>(*given).certificate == byte_vector{9});
  const auto no = unpack_certify_answer(pack_certify_answer(certify_refusal{"refused", "not you"}));
  REQUIRE(no);
  CHECK(std::get<certify_refusal>(*no).message == "not you");
}

TEST_CASE("what is cut off, or something else, is refused by name") {
  const auto whole = pack_certify_request({{1, 2, 3}, "secret"});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = unpack_certify_request(byte_view(whole).first(size));
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::bad_message);
  }
  const auto wrong = unpack_certify_answer(whole);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message.find("certify_answer") != std::string::npos);
}

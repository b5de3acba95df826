#include <doctest/doctest.h>

#include "net/frames/zap.hpp"

namespace dci {
namespace {

using texts = std::vector<std::string>;

std::vector<byte_vector> question() {
  std::vector<byte_vector> out;
  for (const std::string part : {"1.0", "17", "frames", "127.0.0.1", "", "CURVE"})
    out.emplace_back(part.begin(), part.end());
  out.emplace_back(32, 0xab);
  return out;
}

texts answer(const std::vector<byte_vector>& asked, std::string_view reason) {
  return answer_zap(std::vector<byte_view>(asked.begin(), asked.end()), [&](const curve_key& key) {
    CHECK(key[31] == 0xab);
    return reason;
  });
}

TEST_CASE("who is admitted is let in and named, others are not") {
  std::string digits;
  for (int i = 0; i < 32; ++i)
    digits += "ab";
  CHECK(answer(question(), "") == texts{"1.0", "17", "200", "welcome", digits, ""});
  CHECK(answer(question(), "not_admitted") == texts{"1.0", "17", "300", "not_admitted", "", ""});
  CHECK(answer(question(), "revoked") == texts{"1.0", "17", "400", "revoked", "", ""});
}

TEST_CASE("no other mechanism and no other question lets anybody in") {
  auto asked = question();
  asked[5] = {'N', 'U', 'L', 'L'};
  CHECK(answer(asked, "") == texts{"1.0", "17", "400", "malformed", "", ""});
  asked = question();
  asked[6].pop_back();
  CHECK(answer(asked, "") == texts{"1.0", "17", "400", "malformed", "", ""});
  asked = question();
  asked.emplace_back();
  CHECK(answer(asked, "") == texts{"1.0", "17", "400", "malformed", "", ""});
  CHECK(answer({}, "") == texts{"1.0", "", "400", "malformed", "", ""});
}

} // namespace
} // namespace dci

#include "net/frames/zap.hpp"

#include <algorithm>

namespace dci {
namespace {

constexpr std::size_t request_at = 1, mechanism_at = 5, key_at = 6, parts = 7;

std::string text_of(byte_view bytes) {
  return {bytes.begin(), bytes.end()};
}

} // namespace

std::vector<std::string> answer_zap(std::span<const byte_view> asked, const key_judge& against) {
  const auto request = asked.size() > request_at ? text_of(asked[request_at]) : "";
  const auto answer = [&](const char* status, std::string_view text, std::string user) {
    return std::vector<std::string>{"1.0", request, status, std::string{text}, std::move(user), ""};
  };
  curve_key key{};
  if (asked.size() != parts || text_of(asked[mechanism_at]) != "CURVE" ||
      asked[key_at].size() != key.size())
    return answer("400", "malformed", "");
  std::ranges::copy(asked[key_at], key.begin());
  const auto reason = against(key);
  if (reason.empty())
    return answer("200", "welcome", to_hex(key));
  // Of 300 the peer learns nothing and tries again, as he must who wrote before he was admitted.
  // 400 ends it: that is for those whose certificates do not hold.
  return answer(reason == "not_admitted" ? "300" : "400", reason, "");
}

} // namespace dci

#include "net/identity/admission.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "net/identity/private_file.hpp"

namespace dci {
namespace {

constexpr std::size_t most_token_bytes = 1024;

} // namespace

result admission_rule::decide_again(const enrolment_request& asked, const held_certificates&,
                                    wall_time now) const {
  return decide(asked, now);
}

listed_nodes::listed_nodes(std::unordered_set<node_id> nodes) : nodes_(std::move(nodes)) {
}

result listed_nodes::decide(const enrolment_request& asked, wall_time) const {
  const auto id = asked.request.id();
  if (!nodes_.contains(id))
    return fail(errc::refused, "node " + to_string(id) +
                                   " is not on the authority's list; ask its operator to add it");
  return {};
}

shared_token::shared_token(const digest& hash) : hash_(hash) {
}

shared_token::digest shared_token::hash_of(std::string_view secret) {
  digest out{};
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), out.data());
  return out;
}

expected<shared_token> shared_token::of(std::string_view secret) {
  if (secret.size() < shortest)
    return fail(errc::bad_config, "an enrolment token of " + std::to_string(secret.size()) +
                                      " bytes can be guessed; make one of at least " +
                                      std::to_string(shortest));
  return shared_token{hash_of(secret)};
}

result shared_token::decide(const enrolment_request& asked, wall_time) const {
  const auto hash = hash_of(asked.token);
  if (CRYPTO_memcmp(hash.data(), hash_.data(), hash.size()) != 0)
    return fail(errc::refused, "node " + to_string(asked.request.id()) +
                                   " gave a wrong enrolment token; ask the authority's operator "
                                   "for the current one");
  return {};
}

result shared_token::decide_again(const enrolment_request& asked, const held_certificates& held,
                                  wall_time now) const {
  if (!asked.token.empty() || held.all == 0)
    return decide(asked, now);
  if (held.young >= most_young)
    return fail(errc::refused, "node " + to_string(asked.request.id()) + " holds " +
                                   std::to_string(held.young) +
                                   " certificates that are not half over; it gets more with the "
                                   "enrolment token only");
  return {};
}

expected<std::string> read_enrolment_token(const std::filesystem::path& file) {
  DCI_ASSIGN(auto token, read_private_file(file, most_token_bytes));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r'))
    token.pop_back();
  return token;
}

} // namespace dci

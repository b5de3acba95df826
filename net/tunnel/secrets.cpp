#include "net/tunnel/secrets.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace dci {

result draw_secret(std::span<std::uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
    return fail(errc::internal, "this machine has no random bytes to give");
  return {};
}

bool is_same_secret(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace dci

#include "net/identity/node_key.hpp"

#include <string>

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "net/identity/openssl_ptr.hpp"
#include "net/identity/pem.hpp"
#include "net/identity/private_file.hpp"
#include "net/identity/x509_parts.hpp"

namespace dci {

namespace {

/// Overwrites a secret when it goes out of scope.
template <class Container>
class wiped {
 public:
  explicit wiped(Container& secret) : secret_(secret) {
  }
  ~wiped() {
    OPENSSL_cleanse(secret_.data(), secret_.size());
  }
  wiped(const wiped&) = delete;
  wiped& operator=(const wiped&) = delete;

 private:
  Container& secret_;
};

} // namespace

node_id id_of(const public_key& key) {
  node_id out;
  SHA256(key.data(), key.size(), out.bytes.data());
  return out;
}

void node_key::free_pair::operator()(evp_pkey_st* pair) const noexcept {
  EVP_PKEY_free(pair);
}

expected<node_key> node_key::of(evp_pkey_st* pair) {
  node_key out;
  out.pair_.reset(pair);
  DCI_ASSIGN(out.public_, ed25519_half(pair));
  return out;
}

expected<node_key> node_key::generate() {
  const clean_errors clean;
  auto* pair = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (pair == nullptr)
    return fail_openssl("no Ed25519 key can be made");
  return of(pair);
}

expected<node_key> node_key::parse(std::string_view place, std::string_view pem) {
  const clean_errors clean;
  DCI_ASSIGN(auto der, from_pem(place, pem_kind::private_key, pem));
  const wiped wipe_der(der);
  const auto info = whole_der<pkcs8_ptr>(der, d2i_PKCS8_PRIV_KEY_INFO);
  auto* pair = info ? EVP_PKCS82PKEY(info.get()) : nullptr;
  if (pair == nullptr)
    return fail(errc::bad_file,
                std::string{place} + ": " + openssl_failure("not a private key in PKCS#8"));
  auto key = of(pair);
  if (!key)
    return fail(in_context(place, key.error()));
  return key;
}

expected<node_key> node_key::load(const std::filesystem::path& path) {
  DCI_ASSIGN(auto text, read_private_file(path, max_key_file_bytes));
  const wiped wipe_text(text);
  return parse(path.string(), text);
}

result node_key::save(const std::filesystem::path& path) const {
  const clean_errors clean;
  // OpenSSL overwrites a memory BIO's bytes when it is freed.
  const bio_ptr text{BIO_new(BIO_s_mem())};
  if (!text || PEM_write_bio_PKCS8PrivateKey(text.get(), pair_.get(), nullptr, nullptr, 0, nullptr,
                                             nullptr) != 1)
    return fail_openssl("a private key cannot be written as PEM");
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &bytes);
  return create_file(path, {bytes, static_cast<std::size_t>(size)}, file_readers::owner);
}

expected<key_signature> node_key::sign(byte_view bytes) const {
  const clean_errors clean;
  const digest_context_ptr context{EVP_MD_CTX_new()};
  key_signature out{};
  auto size = out.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pair_.get()) != 1 ||
      EVP_DigestSign(context.get(), out.data(), &size, bytes.data(), bytes.size()) != 1 ||
      size != out.size())
    return fail_openssl("nothing can be signed");
  return out;
}

bool node_key::verify(const public_key& key, byte_view bytes, byte_view signature) {
  const clean_errors clean;
  const auto pair = ed25519_pkey(key);
  const digest_context_ptr context{EVP_MD_CTX_new()};
  return pair && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pair.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(),
                          bytes.size()) == 1;
}

} // namespace dci

#include "net/identity/x509_parts.hpp"

#include <algorithm>
#include <ctime>

#include <openssl/crypto.h>

namespace dci {

namespace {

constexpr int max_serial_bytes = 20; // RFC 5280, 4.1.2.2

} // namespace

expected<public_key> ed25519_half(EVP_PKEY* pair) {
  public_key out{};
  auto size = out.size();
  if (pair == nullptr || EVP_PKEY_get_base_id(pair) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(pair, out.data(), &size) != 1 || size != out.size())
    return fail(errc::unsupported, "not an Ed25519 key; nodes and authorities have no other kind");
  return out;
}

pkey_ptr ed25519_pkey(const public_key& key) {
  return pkey_ptr{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size())};
}

std::optional<std::string> common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
    return {};
  const auto* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
}

x509_name_ptr name_of(const std::string& common_name) {
  x509_name_ptr name{X509_NAME_new()};
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
  if (name && X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8, text,
                                         static_cast<int>(common_name.size()), -1, 0) != 1)
    name.reset();
  return name;
}

std::optional<wall_time> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  // OpenSSL reads null as now.
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
    return {};
  const std::chrono::year_month_day day{std::chrono::year{parts.tm_year + 1900},
                                        std::chrono::month{static_cast<unsigned>(parts.tm_mon) + 1},
                                        std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
  if (!day.ok())
    return {};
  return std::chrono::sys_days{day} + std::chrono::hours{parts.tm_hour} +
         std::chrono::minutes{parts.tm_min} + std::chrono::seconds{parts.tm_sec};
}

asn1_time_ptr asn1_time(wall_time time) {
  return asn1_time_ptr{ASN1_TIME_set(nullptr, time.time_since_epoch().count())};
}

std::optional<std::string> serial_text(const ASN1_INTEGER* serial) {
  if (serial == nullptr || ASN1_STRING_length(serial) > max_serial_bytes)
    return {};
  const bignum_ptr number{ASN1_INTEGER_to_BN(serial, nullptr)};
  if (!number || BN_is_negative(number.get()) || BN_is_zero(number.get()))
    return {};
  const openssl_ptr<char, [](char* p) { OPENSSL_free(p); }> digits{BN_bn2hex(number.get())};
  if (!digits)
    return {};
  std::string out{digits.get()};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

asn1_integer_ptr serial_number(const std::string& text) {
  BIGNUM* raw = nullptr;
  BN_hex2bn(&raw, text.c_str());
  const bignum_ptr number{raw};
  return asn1_integer_ptr{number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr};
}

} // namespace dci

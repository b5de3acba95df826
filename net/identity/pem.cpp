#include "net/identity/pem.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "net/identity/openssl_ptr.hpp"

namespace dci {

namespace {

// Base64 makes four characters of three bytes; the largest object is a revocation list.
constexpr std::size_t max_pem_bytes = 2 * max_revocation_list_bytes;

const char* label_of(pem_kind kind) {
  switch (kind) {
    case pem_kind::private_key:
      return PEM_STRING_PKCS8INF;
    case pem_kind::certificate:
      return PEM_STRING_X509;
    case pem_kind::certificate_request:
      return PEM_STRING_X509_REQ;
    case pem_kind::revocation_list:
      return PEM_STRING_X509_CRL;
  }
  return "";
}

/// What PEM_read_bio allocates; a private key's bytes are overwritten at the end.
struct pem_parts {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;

  pem_parts() = default;
  pem_parts(const pem_parts&) = delete;
  pem_parts& operator=(const pem_parts&) = delete;
  ~pem_parts() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  }
};

std::string_view unread(BIO* bio) {
  char* rest = nullptr;
  const auto size = BIO_get_mem_data(bio, &rest);
  return {rest, static_cast<std::size_t>(size)};
}

} // namespace

expected<std::string> to_pem(pem_kind kind, byte_view der) {
  const clean_errors clean;
  const bio_ptr bio{BIO_new(BIO_s_mem())};
  if (!bio ||
      PEM_write_bio(bio.get(), label_of(kind), "", der.data(), static_cast<long>(der.size())) <= 0)
    return fail_openssl("a PEM text cannot be written");
  return std::string{unread(bio.get())};
}

expected<byte_vector> from_pem(std::string_view place, pem_kind kind, std::string_view text) {
  const clean_errors clean;
  const std::string label = label_of(kind);
  const auto bad = [&](const std::string& why) {
    return fail(errc::bad_file, std::string{place} + ": " + why +
                                    "; it must be one PEM text that begins with -----BEGIN " +
                                    label + "-----");
  };
  if (text.size() > max_pem_bytes)
    return bad(std::to_string(text.size()) + " bytes, more than the limit of " +
               std::to_string(max_pem_bytes));
  // OpenSSL would skip lines before it.
  if (!text.starts_with("-----BEGIN " + label + "-----"))
    return bad("not PEM of that kind");
  const bio_ptr bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  pem_parts parts;
  if (!bio || PEM_read_bio(bio.get(), &parts.name, &parts.header, &parts.data, &parts.size) != 1)
    return bad(openssl_failure("damaged PEM"));
  if (label != parts.name || *parts.header != '\0')
    return bad("not PEM of that kind, or encrypted");
  if (unread(bio.get()).find_first_not_of(" \t\r\n") != std::string_view::npos)
    return bad("something follows the PEM text");
  return byte_vector(parts.data, parts.data + parts.size);
}

expected<std::vector<byte_vector>> all_from_pem(std::string_view place, pem_kind kind,
                                                std::string_view text) {
  const auto end = std::string{"-----END "} + label_of(kind) + "-----";
  std::vector<byte_vector> out;
  do {
    const auto at = text.find(end);
    const auto size = at == std::string_view::npos ? text.size() : at + end.size();
    DCI_ASSIGN(out.emplace_back(), from_pem(place, kind, text.substr(0, size)));
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n", size)));
  } while (!text.empty());
  return out;
}

bool looks_like_pem(std::string_view text) {
  return text.starts_with("-----BEGIN ");
}

} // namespace dci

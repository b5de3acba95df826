// OpenSSL's objects as unique_ptrs, and its error queue. For the sources of
// net/ only: no other header includes an OpenSSL header.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "runtime/base/error.hpp"

namespace dci {

template <auto Free>
struct openssl_deleter {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};

template <class T, auto Free>
using openssl_ptr = std::unique_ptr<T, openssl_deleter<Free>>;

using bio_ptr = openssl_ptr<BIO, BIO_free>;
using bignum_ptr = openssl_ptr<BIGNUM, BN_free>;
using digest_context_ptr = openssl_ptr<EVP_MD_CTX, EVP_MD_CTX_free>;
using pkey_ptr = openssl_ptr<EVP_PKEY, EVP_PKEY_free>;
using pkcs8_ptr = openssl_ptr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using asn1_integer_ptr = openssl_ptr<ASN1_INTEGER, ASN1_INTEGER_free>;
using asn1_enumerated_ptr = openssl_ptr<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;
using asn1_time_ptr = openssl_ptr<ASN1_TIME, ASN1_TIME_free>;
using general_names_ptr = openssl_ptr<GENERAL_NAMES, GENERAL_NAMES_free>;
using x509_ptr = openssl_ptr<X509, X509_free>;
using x509_name_ptr = openssl_ptr<X509_NAME, X509_NAME_free>;
using x509_extension_ptr = openssl_ptr<X509_EXTENSION, X509_EXTENSION_free>;
using x509_request_ptr = openssl_ptr<X509_REQ, X509_REQ_free>;
using x509_crl_ptr = openssl_ptr<X509_CRL, X509_CRL_free>;
using x509_revoked_ptr = openssl_ptr<X509_REVOKED, X509_REVOKED_free>;

/// OpenSSL's queue of errors is empty before and after. A stale error would
/// make the next TLS call of this thread look as if it had failed.
class clean_errors {
 public:
  clean_errors() {
    ERR_clear_error();
  }
  ~clean_errors() {
    ERR_clear_error();
  }
  clean_errors(const clean_errors&) = delete;
  clean_errors& operator=(const clean_errors&) = delete;
};

/// Why the last call of OpenSSL failed: "what: reason". Empties the queue.
std::string openssl_failure(std::string_view what);

/// What cannot fail unless memory is short or OpenSSL is broken: errc::internal.
[[nodiscard]] tl::unexpected<error> fail_openssl(std::string_view what);

} // namespace dci

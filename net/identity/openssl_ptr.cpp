#include "net/identity/openssl_ptr.hpp"

namespace dci {

std::string openssl_failure(std::string_view what) {
  std::string out{what};
  // The first error is the cause of those after it. Its reason is a fixed text; its data may be
  // the input's and is not shown.
  if (const char* reason = ERR_reason_error_string(ERR_peek_error()))
    out.append(": ").append(reason);
  ERR_clear_error();
  return out;
}

tl::unexpected<error> fail_openssl(std::string_view what) {
  return fail(errc::internal, openssl_failure(what) + "; check the installation of OpenSSL 3");
}

} // namespace dci

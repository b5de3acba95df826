#include <cstdio>

#include "apps/dci-runtime/verbs.hpp"
#include "net/identity/certificate_request.hpp"
#include "net/identity/node_key.hpp"
#include "net/identity/pem.hpp"
#include "runtime/base/files.hpp"
#include "runtime/base/json_codec.hpp"

namespace dci {

result keygen(const common_flags& common, const keygen_flags& flags) {
  auto request_file = flags.key;
  request_file += ".request.pem";
  DCI_ASSIGN(const auto key, node_key::generate());
  DCI_ASSIGN(const auto der, certificate_request::make(key));
  DCI_ASSIGN(const auto request, to_pem(pem_kind::certificate_request, der));
  DCI_TRY(key.save(flags.key)); // never over another one
  DCI_TRY(write_file(request_file, request));
  const auto id = to_string(key.id());
  if (common.json)
    std::puts(json{{"id", id}, {"key", flags.key.string()}, {"request", request_file.string()}}
                  .dump()
                  .c_str());
  else
    std::printf("node %s\nkey: %s (keep it to yourself)\nrequest for a certificate: %s\n",
                id.c_str(), flags.key.c_str(), request_file.c_str());
  return {};
}

} // namespace dci

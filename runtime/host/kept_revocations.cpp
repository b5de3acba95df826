#include "runtime/host/kept_revocations.hpp"

#include "net/identity/pem.hpp"
#include "net/identity/private_file.hpp"
#include "runtime/base/files.hpp"
#include "runtime/base/log.hpp"

namespace dci {

std::filesystem::path kept_revocations_file(const std::filesystem::path& credentials) {
  return std::filesystem::path{credentials}.replace_extension(".revocations");
}

result add_kept_revocations(tls_context& to, const std::filesystem::path& credentials) {
  const auto file = kept_revocations_file(credentials);
  std::error_code failed;
  if (!std::filesystem::exists(file, failed))
    return {};
  const auto most = to.revocations().size() * 2 * max_revocation_list_bytes;
  DCI_ASSIGN(const auto text, read_file(file, most));
  DCI_ASSIGN(const auto all, all_from_pem(file.string(), pem_kind::revocation_list, text));
  for (const auto& der : all)
    if (const auto added = to.add_revocations(der); !added) {
      if (added.error().code != errc::refused)
        return fail(errc::bad_file, file.string() + ": " + added.error().message +
                                        "; restore it from a backup, or remove it and tell the "
                                        "host again who was revoked");
      spdlog::warn("{}: {}", file.string(), added.error().message);
    }
  return {};
}

result keep_revocations(tls_context& of, const std::filesystem::path& credentials) {
  DCI_TRY(add_kept_revocations(of, credentials));
  std::string text;
  for (const auto& held : of.revocations())
    if (held.der) {
      DCI_ASSIGN(const auto pem, to_pem(pem_kind::revocation_list, *held.der));
      text += pem;
    }
  if (text.empty())
    return {};
  return replace_file(kept_revocations_file(credentials), text, file_readers::everyone);
}

} // namespace dci

// A node's credentials, as one small file names them.
//
//   key = "alpha.key"               # made by dci-runtime keygen
//   certificates = ["alpha.crt"]    # of that key; of several authorities where several must vouch
//   authorities = ["HOST:PORT"]     # optional: where dci-runtime enroll asks for them, and where a
//                                   # running host gets newer ones before they end
//   roots = ["authority.crt"]       # whom this node trusts to vouch for others
//   needed = 1                      # how many of them must
//   revocations = ["revoked.crl"]   # optional: lists that are known already
//   domain = ["ID", ...]            # optional: the nodes of this trust domain, as keygen shows
//   them;
//                                   # absent: all that are vouched for. Others are strangers: they
//                                   # meet membership, probes and gates, and speak no CAF
//
// Relative paths start at the file's folder. Lists that a host has believed while it ran are kept
// beside the file (kept_revocations.hpp) and known at its next start.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "net/address.hpp"
#include "net/tls/tls_context.hpp"

namespace dci {

/// null where the path is empty. Errors: bad_file, bad_config and bad_topology, which begin with
/// the place.
expected<std::shared_ptr<tls_context>> load_credentials(const std::filesystem::path& file);

/// The files of a node's own certificates.
struct certificate_files {
  std::vector<std::filesystem::path> paths;
  bool names_authorities = false; ///< that can be asked for newer ones
};
/// Errors: as load_credentials.
expected<certificate_files> load_certificate_files(const std::filesystem::path& file);
/// What is in them. Errors: the same.
expected<std::vector<certificate>> load_own_certificates(const certificate_files& files);

/// What is needed to get the certificates that such a file names.
struct enrolment_plan {
  std::shared_ptr<const node_key> key;
  std::filesystem::path output; ///< where the certificates belong
  std::vector<address> authorities;
  std::vector<certificate> roots;
  std::size_t needed = 1;
};
/// Errors: those of load_credentials; bad_config where it names no authorities, or several files of
/// certificates.
expected<enrolment_plan> load_enrolment_plan(const std::filesystem::path& file);

} // namespace dci

// Keeps a running host's certificates good: shows those that its files hold when somebody has
// replaced them, and asks the authorities for newer ones before they end, where the credentials
// file names any. Keeps the revocation lists that the host has believed, too. On a thread of its
// own, since authorities and disks may be slow.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/descriptor.hpp"
#include "runtime/host/credentials.hpp"

namespace dci {

class certificate_keeper {
 public:
  struct settings {
    std::string host;                  ///< for the log
    std::filesystem::path credentials; ///< as load_credentials reads it
    /// How often the files are looked at.
    std::chrono::milliseconds between_looks = std::chrono::minutes{1};
  };

  certificate_keeper(settings with, std::shared_ptr<tls_context> shows);
  /// Does not wait for authorities.
  ~certificate_keeper();
  certificate_keeper(const certificate_keeper&) = delete;
  certificate_keeper& operator=(const certificate_keeper&) = delete;

  /// Why there are no newer certificates, where there should be; empty: nothing is wrong. From any
  /// thread.
  std::string trouble() const;

 private:
  using clock = std::chrono::steady_clock;
  using stamp = std::pair<std::filesystem::file_time_type, std::uintmax_t>;

  void serve();
  void look_at_files();
  result show_files(const certificate_files& files);
  void keep_new_revocations();
  bool is_due();
  void renew_if_due();
  void renewal_failed(const error& why);
  void set(std::string& trouble, std::string text);

  settings with_;
  std::shared_ptr<tls_context> shows_;
  descriptor stop_;
  std::vector<stamp> seen_; ///< of the files, when they were read
  bool names_authorities_ = false;
  bool has_warned_ = false; ///< that the end comes near and nobody is to be asked
  unsigned failures_ = 0;   ///< one after the other
  wall_time due_;           ///< when to ask for newer ones than those of this version
  std::optional<std::uint64_t> version_;
  clock::time_point next_look_{}, next_try_{};
  std::uint64_t kept_ = 0;   ///< the generation of the revocations on the disk
  mutable std::mutex mutex_; ///< over what follows
  std::string wrong_files_, wrong_renewal_;
  std::thread thread_; // last: it uses the others
};

} // namespace dci

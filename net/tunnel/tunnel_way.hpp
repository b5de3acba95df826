// The way of a node's datagrams through a tunnel: at the entry they leave by a door, and at that
// door they come in.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "net/datagram/datagram_detour.hpp"
#include "net/tunnel/words.hpp"

namespace dci {

class tunnel_way : public datagram_detour {
 public:
  std::optional<std::pair<endpoint, std::vector<std::uint8_t>>>
  wrap(const endpoint& to, const std::vector<std::uint8_t>& bytes) override;
  bool unwrap(received_datagram& one) override;
  void use(sender sends) override;
  /// By a port that is open.
  bool is_used() const;

  /// By the exit: the door is open, and its datagrams go there. Says at once where they come from.
  void open(const endpoint& entry, const flow_token& token);
  void close();
  /// Says where they come from, so that what is between keeps the way open.
  void keep_open();

  struct figures {
    std::uint64_t came = 0, bytes_in = 0, bytes_out = 0;
    std::map<std::string, std::uint64_t> refused;
  };
  figures so_far() const;

 private:
  struct open_way {
    endpoint entry;
    flow_token token;
  };

  mutable std::mutex mutex_;
  std::optional<open_way> now_;
  figures figures_;
  mutable std::mutex sending_; ///< over sends_
  sender sends_;
};

} // namespace dci

// Finding nodes on the local network: each says by multicast where it listens.
//
//   "DCIL"  version  ip[16]  port[2]
//
// Nothing in it is proved, and nothing need be: who hears it asks that address as any seed, and
// what comes back is signed. A beacon counts only if it comes from the address that it names.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "net/descriptor.hpp"
#include "net/endpoint.hpp"
#include "net/identity/bytes.hpp"

namespace dci {

byte_vector pack_beacon(const endpoint& where);
/// Errors: bad_message.
expected<endpoint> unpack_beacon(byte_view bytes);

class lan_beacon {
 public:
  using hearer = std::function<void(const endpoint&)>;

  /// Between two beacons, after the first few, which come sooner.
  static constexpr std::chrono::seconds pause{10};

  /// group: an IPv4 multicast address, and the port that all use. own: what is told; it is said on
  /// the network of that address, or on the default one where it is not this machine's. hears: on
  /// the beacon's thread, of every beacon but our own. Errors: bad_config for a group that is none;
  /// unsupported for an own address that is not IPv4; unreachable.
  static expected<std::unique_ptr<lan_beacon>> open(const address& group, const endpoint& own,
                                                    hearer hears);
  /// No call of hears is under way or comes afterwards.
  ~lan_beacon();
  lan_beacon(const lan_beacon&) = delete;
  lan_beacon& operator=(const lan_beacon&) = delete;

 private:
  lan_beacon(descriptor socket, descriptor stop, const endpoint& group, const endpoint& own,
             hearer hears);
  void serve();
  void say() const;
  void hear();

  descriptor socket_, stop_;
  endpoint group_, own_;
  hearer hears_;
  std::thread thread_; // last: it uses the others
};

} // namespace dci

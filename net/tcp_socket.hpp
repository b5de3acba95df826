// TCP sockets that do not block.
#pragma once

#include <string>

#include "net/descriptor.hpp"
#include "net/endpoint.hpp"

namespace dci {

/// For an address like this one; none where the system has none left.
descriptor tcp_socket(const endpoint& where);
/// What is written is sent, however short it is.
void send_at_once(int socket);
/// Notices within about a minute that the other end is gone without a word.
void notice_silence(int socket);
/// what: who listens, for the message. Errors: unreachable.
expected<descriptor> listen_tcp(const endpoint& where, int most_waiting, const std::string& what);
/// Where a listener of any port has ended up. Errors: unreachable.
expected<endpoint> own_endpoint(int socket);
/// The next caller and where he is; none where there is none, errno says why.
descriptor accept_tcp(int listener, endpoint& from);
/// Begins to connect: whether that goes well, the first read or write tells.
descriptor begin_to_connect(const endpoint& to);

} // namespace dci

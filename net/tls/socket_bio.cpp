#include "net/tls/socket_bio.hpp"

#include <cerrno>

#include <sys/socket.h>

namespace dci {
namespace {

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int write_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto count =
      send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0 && would_block())
    BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int read_socket(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto count = recv(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (count < 0 && would_block())
    BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* methods() {
  static const auto made = [] {
    auto* out = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
    if (out != nullptr) {
      BIO_meth_set_write(out, write_socket);
      BIO_meth_set_read(out, read_socket);
      BIO_meth_set_ctrl(out, control);
    }
    return out;
  }();
  return made;
}

} // namespace

bio_ptr socket_bio(int socket) {
  bio_ptr out(methods() == nullptr ? nullptr : BIO_new(methods()));
  if (out) {
    BIO_set_data(out.get(), reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
    BIO_set_init(out.get(), 1);
  }
  return out;
}

} // namespace dci

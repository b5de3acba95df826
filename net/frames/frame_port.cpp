#include "net/frames/frame_port.hpp"

#include <mutex>
#include <thread>

#include "net/frames/frame_loop.hpp"

namespace dci {
namespace {

// HOST:PORT, where the port may be 0.
expected<address> parse_listen(const std::string& text) {
  if (!text.ends_with(":0"))
    return parse_address(text);
  DCI_ASSIGN(auto out, parse_address(text.substr(0, text.size() - 1) + "1"));
  out.port = 0;
  return out;
}

} // namespace

struct frame_port::parts {
  frame_admittance admits;
  subscribers heard;
  drop_counter dropped;
  std::shared_ptr<tls_context> credentials;
  std::mutex mutex;
  frame_contact contact;
  std::uint64_t version = 0; ///< of the certificates in it
  std::unique_ptr<frame_loop> loop;
  std::thread thread; // last: it uses the others

  explicit parts(std::shared_ptr<tls_context> own) : admits(own), credentials(std::move(own)) {
  }
  void show(std::string address) {
    version = credentials ? credentials->shown_version() : 0;
    contact = make_contact(std::move(address), loop->key(), credentials.get());
  }
};

expected<std::unique_ptr<frame_port>> frame_port::open(settings with) {
  DCI_ASSIGN(const auto listen, parse_listen(with.listen));
  if (!is_loopback(listen) && !with.credentials)
    return fail(errc::unsupported, "a frame port at " + with.listen +
                                       " would be open to strangers: give its host credentials, or "
                                       "listen on a loopback address");
  if (!with.told.empty())
    DCI_TRY(parse_address(with.told));
  auto all = std::make_unique<parts>(with.credentials);
  DCI_ASSIGN(all->loop, frame_loop::open(listen, {all->admits, all->heard, all->dropped}));
  all->show(with.told.empty() ? all->loop->where() : with.told);
  all->thread = std::thread([loop = all->loop.get()] { loop->run(); });
  return std::unique_ptr<frame_port>(new frame_port(std::move(all)));
}

frame_port::frame_port(std::unique_ptr<parts> all) : parts_(std::move(all)) {
}

frame_port::~frame_port() {
  parts_->loop->stop();
  parts_->thread.join();
}

frame_contact frame_port::contact() const {
  const std::lock_guard lock(parts_->mutex);
  if (const auto& own = parts_->credentials; own && own->shown_version() != parts_->version)
    parts_->show(parts_->contact.address);
  return parts_->contact;
}

result frame_port::admit(const frame_contact& peer) {
  return parts_->admits.admit(peer);
}

result frame_port::admit_stranger(const frame_contact& peer, const std::string& only_to) {
  if (only_to.empty())
    return fail(errc::bad_request, "a stranger is heard by one name");
  return parts_->admits.admit(peer, only_to);
}

void frame_port::subscribe(std::string name, handler hears) {
  parts_->heard.add(std::move(name), std::move(hears));
}

void frame_port::unsubscribe(const std::string& name) {
  parts_->heard.remove(name);
}

void frame_port::send(const frame_contact& to, frame content) {
  auto peer = peer_of(to);
  if (const auto where = parts_->admits.address_of(peer); !where)
    parts_->dropped.add(where.error());
  else
    post({std::move(peer), {}}, std::move(content));
}

void frame_port::reply(const frame_route& by, frame content) {
  post(by, std::move(content));
}

void frame_port::post(frame_route by, frame content) {
  if (const auto fine = check_frame(content); !fine)
    parts_->dropped.add(fine.error().counted);
  else
    parts_->loop->post(std::move(by), std::move(content));
}

bool frame_port::is_connected(const frame_contact& peer) const {
  return parts_->loop->is_connected(peer_of(peer));
}

std::map<std::string, std::uint64_t> frame_port::dropped() const {
  return parts_->dropped.all();
}

} // namespace dci

#include "net/tls/tls_question.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>

namespace dci {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::size_t length_bytes = 4;

int left_ms(clock::time_point end) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

// A length, most significant byte first, and so many bytes.
byte_vector framed(const byte_vector& content) {
  byte_vector out;
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(content.size() >> shift));
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

// What is being read or written of such a message.
class message_in {
 public:
  // done: all of it is there.
  tls_step read(tls_session& from) {
    while (true) {
      if (bytes_.size() >= length_bytes) {
        const auto wanted = length_bytes + length();
        if (length() > most_question_bytes)
          return tls_step::failed;
        if (bytes_.size() == wanted)
          return tls_step::done;
      }
      const auto wanted = bytes_.size() < length_bytes ? length_bytes : length_bytes + length();
      byte_vector more(wanted - bytes_.size());
      std::size_t count = 0;
      const auto step = from.read(more.data(), more.size(), count);
      if (step != tls_step::done)
        return step;
      bytes_.insert(bytes_.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(count));
    }
  }
  byte_vector content() const {
    return {bytes_.begin() + length_bytes, bytes_.end()};
  }

 private:
  std::size_t length() const {
    std::size_t out = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
      out = out << 8 | bytes_[i];
    return out;
  }
  byte_vector bytes_;
};

class message_out {
 public:
  explicit message_out(const byte_vector& content) : bytes_(framed(content)) {
  }
  tls_step write(tls_session& to) {
    while (sent_ < bytes_.size()) {
      std::size_t count = 0;
      const auto step = to.write(bytes_.data() + sent_, bytes_.size() - sent_, count);
      if (step != tls_step::done)
        return step;
      sent_ += count;
    }
    return tls_step::done;
  }

 private:
  byte_vector bytes_;
  std::size_t sent_ = 0;
};

short events_of(tls_step step) {
  return step == tls_step::wait_to_write ? POLLOUT : POLLIN;
}

// Until the step is done. Errors: why the session failed; timed_out; cancelled.
template <class Step>
result finish(tls_link& link, clock::time_point end, int stop, Step step) {
  while (true) {
    const auto now = step();
    if (now == tls_step::done)
      return {};
    if (now == tls_step::failed)
      return fail(link.session->why().message.empty()
                      ? error{errc::bad_message, link.peer_address + " says more than it may"}
                      : link.session->why());
    DCI_TRY(wait_for_socket(link.socket.get(), events_of(now), end, stop, link.peer_address));
  }
}

} // namespace

expected<byte_vector> tls_ask(const std::shared_ptr<tls_context>& context, const address& to,
                              const byte_vector& question, tls_patience patience) {
  if (question.size() > most_question_bytes)
    return fail(errc::bad_message, "a question is too long");
  const auto end = clock::now() + patience.longest;
  DCI_ASSIGN(auto link, tls_dial(context, to, patience));
  message_out asks(question);
  DCI_TRY(finish(link, end, patience.stop, [&] { return asks.write(*link.session); }));
  message_in hears;
  DCI_TRY(finish(link, end, patience.stop, [&] { return hears.read(*link.session); }));
  return hears.content();
}

struct tls_answerer::caller {
  std::uint64_t number = 0;
  tls_link link;
  clock::time_point end;
  short events = POLLIN; ///< 0 while his answer is being thought of
  message_in asks;
  std::optional<message_out> is_told;
};

// What other threads bring.
struct tls_answerer::arrivals {
  descriptor wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::mutex mutex;
  bool ends = false;
  std::vector<tls_link> links;
  std::vector<std::pair<std::uint64_t, byte_vector>> answers;

  template <class Change>
  void change(Change how) {
    {
      const std::lock_guard lock(mutex);
      how();
    }
    eventfd_write(wake.get(), 1);
  }
};

expected<std::unique_ptr<tls_answerer>> tls_answerer::open(std::shared_ptr<tls_context> context,
                                                           const address& listen, handler hears) {
  auto arrived = std::make_shared<arrivals>();
  if (arrived->wake.get() < 0)
    return fail(errc::internal, "no descriptor is left for an eventfd");
  DCI_ASSIGN(auto listener, tls_listener::open(std::move(context), listen, [arrived](tls_link one) {
               arrived->change([&] { arrived->links.push_back(std::move(one)); });
             }));
  return std::unique_ptr<tls_answerer>(
      new tls_answerer(std::move(arrived), std::move(listener), std::move(hears)));
}

tls_answerer::tls_answerer(std::shared_ptr<arrivals> arrived,
                           std::unique_ptr<tls_listener> listener, handler hears)
    : hears_(std::move(hears)), arrived_(std::move(arrived)), listener_(std::move(listener)),
      thread_([this] { serve(); }) {
}

tls_answerer::~tls_answerer() {
  arrived_->change([&] { arrived_->ends = true; });
  thread_.join();
}

void tls_answerer::serve() {
  while (true) {
    std::vector<pollfd> watched{{arrived_->wake.get(), POLLIN, 0}};
    auto end = clock::now() + longest_talk;
    for (const auto& one : callers_) {
      watched.push_back({one.link.socket.get(), one.events, 0});
      end = std::min(end, one.end);
    }
    if (poll(watched.data(), watched.size(), left_ms(end)) < 0 && errno != EINTR)
      return;
    std::size_t at = 1;
    std::erase_if(callers_, [&](caller& one) {
      return (watched[at++].revents != 0 && is_over(one)) || one.end <= clock::now();
    });
    if (!take_arrivals())
      return;
  }
}

// False when it is time to end.
bool tls_answerer::take_arrivals() {
  eventfd_t count = 0;
  eventfd_read(arrived_->wake.get(), &count);
  const std::lock_guard lock(arrived_->mutex);
  for (auto& link : arrived_->links)
    if (callers_.size() < most_callers)
      callers_.push_back(
          {++last_caller_, std::move(link), clock::now() + longest_talk, POLLIN, {}, {}});
  arrived_->links.clear();
  for (const auto& [number, content] : arrived_->answers)
    for (auto& one : callers_)
      if (one.number == number && !one.is_told) {
        one.is_told.emplace(content);
        one.events = POLLOUT;
      }
  arrived_->answers.clear();
  return !arrived_->ends;
}

bool tls_answerer::is_over(caller& one) {
  if (one.is_told) {
    const auto step = one.is_told->write(*one.link.session);
    one.events = events_of(step);
    return step == tls_step::done || step == tls_step::failed;
  }
  if (one.events == 0)
    return true; // he hung up
  const auto step = one.asks.read(*one.link.session);
  if (step == tls_step::done) {
    one.events = 0;
    hears_(one.asks.content(), [to = arrived_, number = one.number](byte_vector content) {
      if (content.size() <= most_question_bytes)
        to->change([&] { to->answers.emplace_back(number, std::move(content)); });
    });
    return false;
  }
  one.events = events_of(step);
  return step == tls_step::failed;
}

} // namespace dci

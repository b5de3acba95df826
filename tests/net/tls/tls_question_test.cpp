// Questions of callers without certificates.
#include "net/tls/tls_question.hpp"

#include <future>

#include <poll.h>

#include "tests/net/tls/tls_fixture.hpp"

namespace dci::test {
namespace {

wall_time fixed_now() {
  return now;
}

/// An authority that says every question backwards.
struct oracle {
  signer is{"oracle"};
  std::unique_ptr<tls_answerer> door;

  explicit oracle(tls_answerer::handler hears = backwards) {
    const std::shared_ptr<const node_key> key(std::shared_ptr<void>{}, &is.key); // lives longer
    const auto context = must(tls_context::open_to_anybody(key, is.root, fixed_now));
    door = must(tls_answerer::open(context, {"127.0.0.1", 0}, std::move(hears)));
  }
  static void backwards(byte_vector question, const tls_answerer::answer& say) {
    say({question.rbegin(), question.rend()});
  }
};

std::shared_ptr<tls_context> caller(const signer& trusts, wall_time when = now) {
  return must(tls_context::without_certificates(must(trust_store::of({trusts.root})),
                                                [when] { return when; }));
}

const byte_vector word{1, 2, 3};
const byte_vector word_backwards{3, 2, 1};

TEST_CASE("who has no certificate may ask, and knows who answers") {
  const oracle o;
  CHECK(must(tls_ask(caller(o.is), o.door->where(), word, 10s)) == word_backwards);
  CHECK(must(tls_ask(caller(o.is), o.door->where(), {}, 10s)).empty());
  const byte_vector longest(most_question_bytes, 7);
  CHECK(must(tls_ask(caller(o.is), o.door->where(), longest, 10s)) == longest);
  const auto too_long =
      tls_ask(caller(o.is), o.door->where(), byte_vector(most_question_bytes + 1), 10s);
  CHECK(too_long.error().code == errc::bad_message);
}

TEST_CASE("an authority that is not trusted, or whose time is over, is asked nothing") {
  std::atomic<int> heard = 0;
  const oracle o([&](byte_vector question, const tls_answerer::answer& say) {
    ++heard;
    oracle::backwards(std::move(question), say);
  });
  const signer other("oracle"); // by the same name
  const auto stranger = tls_ask(caller(other), o.door->where(), word, 10s);
  CHECK(has(why(stranger), "not one of those that are trusted here"));
  CHECK(stranger.error().code == errc::refused);
  const auto late = tls_ask(caller(o.is, now + 24h * 366), o.door->where(), word, 10s);
  CHECK(has(why(late), "expired"));
  // A node of this authority is not the authority.
  const tls_node node(o.is, o.is, fixed_now);
  auto listener = must(tls_listener::open(node.context, {"127.0.0.1", 0}, [](tls_link) {}));
  CHECK(tls_ask(caller(o.is), listener->where(), word, 10s).error().code == errc::refused);
  CHECK(heard == 0);
  CHECK(must(tls_ask(caller(o.is), o.door->where(), word, 10s)) == word_backwards);
}

TEST_CASE("callers who ask nothing, or claim 4 GiB, do not keep others waiting") {
  const oracle o;
  std::vector<descriptor> silent;
  for (int i = 0; i < 10; ++i)
    silent.push_back(plain_socket(o.door->where()));
  const auto context = caller(o.is);
  std::vector<tls_link> quiet;
  for (int i = 0; i < 10; ++i)
    quiet.push_back(must(tls_dial(context, o.door->where(), 10s)));
  auto greedy = must(tls_dial(context, o.door->where(), 10s));
  CHECK(say(*greedy.session, "\xff\xff\xff\xff more than there may be"));
  CHECK(must(tls_ask(context, o.door->where(), word, 10s)) == word_backwards);
  // He hears nothing but the end.
  std::string said = "(nothing yet)";
  for (int i = 0; i < 100 && said == "(nothing yet)"; ++i) {
    said = next_word(*greedy.session);
    pollfd one{greedy.socket.get(), POLLIN, 0};
    poll(&one, 1, 100);
  }
  CHECK(has(said, "closed the connection"));
}

TEST_CASE("an answer may come later, from another thread, or not at all") {
  std::promise<tls_answerer::answer> asked;
  auto o = std::make_unique<oracle>(
      [&](byte_vector, tls_answerer::answer say) { asked.set_value(std::move(say)); });
  const auto context = caller(o->is);
  auto answer = std::async(std::launch::async,
                           [&, to = o->door->where()] { return tls_ask(context, to, word, 10s); });
  auto tell = asked.get_future().get();
  std::thread([&] { tell(word_backwards); }).join();
  CHECK(must(answer.get()) == word_backwards);
  o.reset();
  tell(word); // nobody hears it

  const oracle mute([](byte_vector, const tls_answerer::answer&) {});
  const auto never = tls_ask(caller(mute.is), mute.door->where(), word, 200ms);
  CHECK(never.error().code == errc::timed_out);
}

} // namespace
} // namespace dci::test

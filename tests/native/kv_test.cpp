// Pages of keys and values: promised, shared, kept and forgotten.
#include <doctest/doctest.h>

#include <numeric>

#include "tensors/native/kv.hpp"

using namespace dci;

namespace {

const kv_shape small{{8}, 2, 1};

std::vector<token_id> ids(std::size_t count, token_id first = 0) {
  std::vector<token_id> out(count);
  std::iota(out.begin(), out.end(), first);
  return out;
}

struct fixture {
  explicit fixture(std::uint64_t pages)
      : budget(std::make_shared<kv_budget>(pages * small.page_bytes())),
        pool(std::make_shared<kv_pool>(small, pages)) {
  }
  // A session of so many positions, of which the prompt is written.
  std::unique_ptr<native_kv_cache> session(std::uint32_t positions,
                                           std::span<const token_id> prompt) {
    auto promise = budget->promise((positions + 31) / 32 * small.page_bytes(), "test");
    REQUIRE(promise);
    return std::make_unique<native_kv_cache>(nullptr, pool, std::move(*promise), positions, prompt);
  }
  static float& at(native_kv_cache& cache, std::uint32_t position) {
    return reinterpret_cast<float*>(cache.page(1, 0, position))[position % 32];
  }
  // Writes the rest of the prompt: each position's own number.
  static void fill(native_kv_cache& cache, std::span<const token_id> prompt) {
    const auto from = cache.length();
    cache.reserve(static_cast<std::uint32_t>(prompt.size()) - from);
    for (auto p = from; p < prompt.size(); ++p)
      at(cache, p) = static_cast<float>(prompt[p]);
    cache.commit(static_cast<std::uint32_t>(prompt.size()) - from, prompt.subspan(from));
  }
  static bool holds(native_kv_cache& cache, std::span<const token_id> prompt) {
    for (std::uint32_t p = 0; p < cache.length(); ++p)
      if (at(cache, p) != static_cast<float>(prompt[p]))
        return false;
    return true;
  }

  std::shared_ptr<kv_budget> budget;
  std::shared_ptr<kv_pool> pool;
};

} // namespace

TEST_CASE("a session begins with the full pages that another one of the same tokens left") {
  fixture f(20);
  const auto prompt = ids(100);
  auto first = f.session(120, prompt);
  CHECK(first->length() == 0);
  f.fill(*first, prompt);
  // While the first lives, and after it.
  for (int i = 0; i < 2; ++i) {
    auto second = f.session(120, prompt);
    CHECK(second->length() == 96);
    CHECK(f.holds(*second, prompt));
    first.reset();
  }
  // At least one token is left to compute.
  CHECK(f.session(120, std::span(prompt).first(96))->length() == 64);
  CHECK(f.session(120, std::span(prompt).first(97))->length() == 96);
  CHECK(f.session(120, std::span(prompt).first(31))->length() == 0);
  // Pages are the same only if all before them are.
  auto other = prompt;
  other[40] = 7;
  CHECK(f.session(120, other)->length() == 32);
  other[0] = 7;
  CHECK(f.session(120, other)->length() == 0);
}

TEST_CASE("who writes into a page that others know writes into a copy") {
  fixture f(20);
  const auto prompt = ids(64);
  auto first = f.session(120, prompt);
  f.fill(*first, prompt);
  auto second = f.session(120, ids(65));
  REQUIRE(second->length() == 64);
  second->truncate(40);
  auto other = ids(64);
  std::fill(other.begin() + 40, other.end(), 99);
  f.fill(*second, other);
  CHECK(f.holds(*first, prompt));
  CHECK(f.holds(*second, other));
  // Both kinds of second page are known now.
  other.push_back(1);
  CHECK(f.session(120, other)->length() == 64);
  CHECK(f.session(120, ids(65))->length() == 64);
}

TEST_CASE("two sessions that compute the same share its pages afterwards") {
  fixture f(20);
  const auto prompt = ids(70);
  auto a = f.session(100, prompt), b = f.session(100, prompt);
  f.fill(*a, prompt);
  f.fill(*b, prompt);
  CHECK(a->page(0, 0, 63) == b->page(0, 0, 63));
  CHECK(a->page(0, 0, 64) != b->page(0, 0, 64));
}

TEST_CASE("known pages are forgotten when their memory is needed, those longest unused first") {
  fixture f(4);
  for (const token_id start : {0, 1000}) {
    auto one = f.session(64, ids(64, start));
    f.fill(*one, ids(64, start));
  }
  { auto refreshed = f.session(64, ids(64, 0)); }
  {
    auto newcomer = f.session(64, ids(64, 2000));
    f.fill(*newcomer, ids(64, 2000));
    CHECK(f.holds(*newcomer, ids(64, 2000)));
  }
  CHECK(f.session(96, ids(65, 2000))->length() == 64);
  CHECK(f.session(96, ids(65, 1000))->length() < 64);
  CHECK(f.session(96, ids(65, 0))->length() >= 32);
}

TEST_CASE("tokens that were not told make no page known") {
  fixture f(20);
  const auto prompt = ids(70);
  auto one = f.session(100, prompt);
  one->reserve(64);
  one->commit(64, {});
  CHECK(f.session(100, prompt)->length() == 0);
}

TEST_CASE("what was promised is there, and no more is promised") {
  const auto budget = std::make_shared<kv_budget>(1000);
  auto first = budget->promise(600, "stage 1");
  REQUIRE(first);
  auto second = budget->promise(401, "stage 1");
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::busy);
  CHECK(second.error().message.find("stage 1") == 0);
  second = budget->promise(1001, "stage 1");
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::context_full);
  CHECK(second.error().message.find("kv_memory") != std::string::npos);
  second = budget->promise(400, "stage 1");
  CHECK(second);
  first->reset();
  CHECK(budget->promise(600, "stage 1"));
  CHECK(std::make_shared<kv_budget>(0)->promise(std::uint64_t{1} << 60, "x"));
}

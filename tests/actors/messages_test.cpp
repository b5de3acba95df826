// Every message type on the wire: there and back, cut short, and damaged.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include "tests/actors/samples.hpp"

using namespace dci;
using namespace dci::test;

namespace {

struct config : caf::actor_system_config {
  config() {
    add_message_types<caf::id_block::dci>();
    set("scheduler.policy", caf::atom("testing"));
  }
};

/// An actor system, and an actor to be mentioned in messages.
struct wire {
  config settings;
  caf::actor_system system{settings};
  caf::scoped_actor someone{system};
  actor_ref ref = caf::actor_cast<actor_ref>(caf::actor{someone});

  template <class T>
  std::vector<char> bytes_of(T& x) {
    std::vector<char> out;
    caf::binary_serializer sink(system, out);
    const auto failed = sink(x);
    CHECK_MESSAGE(!failed, caf::to_string(failed));
    return out;
  }
  /// Errors are values; anything thrown is a broken promise.
  template <class T>
  caf::error read(const std::vector<char>& bytes, T& x) {
    try {
      caf::binary_deserializer source(system, bytes);
      if (auto failed = source(x))
        return failed;
      return source.remaining() == 0 ? caf::error{} : caf::make_error(caf::sec::runtime_error);
    } catch (const std::exception& e) {
      FAIL_CHECK("reading threw " << e.what());
      return caf::sec::runtime_error;
    }
  }
};

/// Calls f.operator()<T>() for every type with fields of the block in protocols.hpp.
template <class F>
void for_each_message(F&& f) {
  using block = caf::id_block::dci;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (
        [&] {
          using type = typename caf::type_by_id<block::begin + I>::type;
          if constexpr (reflected<type>) // a link_handle does not travel
            f.template operator()<type>();
        }(),
        ...);
  }
  (std::make_index_sequence<block::end - block::begin>{});
}

} // namespace

TEST_CASE("a field list names every member once, in order, by its own name") {
  int types = 0;
  for_each_message([&]<class T>() {
    CAPTURE(T::type_name);
    static_assert(field_count<T> == member_count<T>(), "fields() must list every member");
    CHECK(std::string{caf::type_name<T>::value} == "dci::" + std::string{T::type_name});
    T x{};
    const auto declared = members(x);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (
          [&] {
            constexpr auto field = std::get<I>(T::fields());
            CAPTURE(field.name);
            CHECK(static_cast<void*>(&(x.*(field.member))) ==
                  static_cast<void*>(&std::get<I>(declared)));
            CHECK(field.name == source_name<member_of<T, I>>());
            CHECK_FALSE(field.doc.empty());
          }(),
          ...);
    }
    (std::make_index_sequence<field_count<T>>{});
    ++types;
  });
  CHECK(types == 110);
}

TEST_CASE("every message arrives as it was sent") {
  wire w;
  for_each_message([&]<class T>() {
    CAPTURE(T::type_name);
    T sent{};
    sample_maker(w.ref).fill(sent);
    if constexpr (field_count < T >> 0)
      REQUIRE_FALSE(same(sent, T{}));
    T got{};
    const auto failed = w.read(w.bytes_of(sent), got);
    CHECK_MESSAGE(!failed, caf::to_string(failed));
    CHECK(same(sent, got));
    // As CAF sends it: with the type's name in front.
    auto message = caf::make_message(sent);
    caf::message arrived;
    REQUIRE_FALSE(w.read(w.bytes_of(message), arrived));
    REQUIRE(arrived.match_elements<T>());
    CHECK(same(sent, arrived.get_as<T>(0)));
  });
}

TEST_CASE("empty values arrive empty") {
  wire w;
  for_each_message([&]<class T>() {
    CAPTURE(T::type_name);
    T sent{};
    T got{};
    sample_maker(w.ref).fill(got);
    CHECK_FALSE(w.read(w.bytes_of(sent), got));
    CHECK(same(sent, got));
  });
}

TEST_CASE("a message that is cut short is an error, wherever it is cut") {
  wire w;
  for_each_message([&]<class T>() {
    CAPTURE(T::type_name);
    T sent{};
    sample_maker(w.ref).fill(sent);
    const auto whole = w.bytes_of(sent);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      T got{};
      CHECK(w.read({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, got));
    }
  });
}

TEST_CASE("damaged bytes give an error or a value, nothing else") {
  wire w;
  std::mt19937 draw(7);
  int errors = 0;
  for_each_message([&]<class T>() {
    CAPTURE(T::type_name);
    T sent{};
    sample_maker(w.ref).fill(sent);
    const auto whole = w.bytes_of(sent);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      CAPTURE(at);
      // Each byte changed, and a size claimed that no machine has room for.
      auto flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << draw() % 8));
      auto random = whole;
      for (int i = 0; i < 3; ++i)
        random[draw() % random.size()] = static_cast<char>(draw());
      auto huge = whole;
      std::fill_n(huge.begin() + static_cast<std::ptrdiff_t>(at),
                  std::min<std::size_t>(8, whole.size() - at), '\xff');
      for (const auto* bytes : {&flipped, &random, &huge}) {
        T got{};
        errors += w.read(*bytes, got) ? 1 : 0;
      }
    }
  });
  CHECK(errors > 0);
}

TEST_CASE("an activation whose bytes do not fit its shape is refused") {
  wire w;
  const auto read = [&](std::uint32_t rows, std::uint32_t cols, std::vector<std::uint8_t> bytes) {
    auto out = w.bytes_of(rows);
    for (const auto& part : {w.bytes_of(cols), w.bytes_of(bytes)})
      out.insert(out.end(), part.begin(), part.end());
    activation got;
    auto failed = w.read(out, got);
    return std::pair{std::move(failed), got};
  };
  const auto [fine, rows] = read(2, 2, std::vector<std::uint8_t>(16));
  CHECK_FALSE(fine);
  CHECK(rows.rows() == 2);
  for (const std::size_t size : {0, 1, 4, 12, 15, 17, 20, 64}) {
    CAPTURE(size);
    const auto [failed, got] = read(2, 2, std::vector<std::uint8_t>(size));
    CHECK(failed);
    CHECK(got.empty());
  }
  CHECK(read(0, 0, std::vector<std::uint8_t>(4)).first);
  // Sizes whose product would wrap round.
  CHECK(read(1u << 31, 1u << 31, {}).first);
  CHECK(read(0xffffffff, 0xffffffff, std::vector<std::uint8_t>(4)).first);
}

TEST_CASE("a large activation arrives bit for bit") {
  wire w;
  std::vector<float> values(700 * 500);
  std::mt19937 draw(3);
  for (auto& x : values) {
    const auto bits = static_cast<std::uint32_t>(draw()) & 0xff7fffffu; // no NaN, no infinity
    std::memcpy(&x, &bits, sizeof(x));
  }
  hidden_step sent{session_id{1}, step_id{3}, 4, {7, 8}, 2, activation::own(700, 500, values)};
  hidden_step got;
  REQUIRE_FALSE(w.read(w.bytes_of(sent), got));
  CHECK(std::memcmp(got.rows.values().data(), values.data(), values.size() * sizeof(float)) == 0);
}

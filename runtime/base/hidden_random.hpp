// Numbers that others may see, and yet not run on from: what comes next, or came before, is known
// to who has the key only. A seed repeats a run here, too.
#pragma once

#include <bit>
#include <cstdint>

#include "runtime/base/random.hpp"

namespace dci {

/// SipHash-2-4 (Aumasson and Bernstein, INDOCRYPT 2012) of 0, 1, 2, ... under a key. Where
/// random_source shows its state in every number, this shows nothing of its key.
class hidden_random {
 public:
  /// The source must not be drawn from by anybody else, or be shown.
  explicit hidden_random(random_source key) : k0_(key.next()), k1_(key.next()) {
  }
  hidden_random(std::uint64_t k0, std::uint64_t k1) : k0_(k0), k1_(k1) {
  }

  std::uint64_t next() {
    return of(count_++);
  }
  /// Of any number; does not count.
  std::uint64_t of(std::uint64_t message) const {
    constexpr std::uint64_t last = std::uint64_t{8} << 56; // eight bytes in all
    state s{k0_ ^ 0x736f6d6570736575u, k1_ ^ 0x646f72616e646f6du, k0_ ^ 0x6c7967656e657261u,
            k1_ ^ 0x7465646279746573u};
    for (const auto word : {message, last}) {
      s.d ^= word;
      s.round();
      s.round();
      s.a ^= word;
    }
    s.c ^= 0xff;
    for (int i = 0; i < 4; ++i)
      s.round();
    return s.a ^ s.b ^ s.c ^ s.d;
  }

 private:
  struct state {
    std::uint64_t a, b, c, d;

    void round() {
      a += b;
      b = std::rotl(b, 13) ^ a;
      a = std::rotl(a, 32);
      c += d;
      d = std::rotl(d, 16) ^ c;
      a += d;
      d = std::rotl(d, 21) ^ a;
      c += b;
      b = std::rotl(b, 17) ^ c;
      c = std::rotl(c, 32);
    }
  };

  std::uint64_t k0_, k1_, count_ = 0;
};

} // namespace dci

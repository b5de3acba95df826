// The strings of a vocabulary and their ids, both ways.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/ids.hpp"

namespace dci::text {

/// Where a string lies in the buffer that holds them all, and the id it has.
struct token_entry {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
  token_id id = 0;
};

/// Ids decide how large tables are, so one far beyond the number of tokens is refused.
inline bool is_absurd_id(token_id id, std::size_t tokens) {
  return id < 0 || static_cast<std::size_t>(id) >= 2 * tokens + 1024;
}

/// Immutable after build. A look-up costs one hash and usually one comparison.
class token_table {
 public:
  token_table() = default;
  /// Takes over the buffer. The ids are not negative. Where a string or an id comes twice, the
  /// first one is found, and `clash` names the entry that came second.
  token_table(std::string buffer, std::vector<token_entry> entries);

  /// The id of a string, or -1.
  token_id find(std::string_view text) const;
  /// The string of an id; empty with `known` false where there is none.
  std::string_view text_of(token_id id) const;
  bool known(token_id id) const {
    return id >= 0 && static_cast<std::size_t>(id) < by_id_.size() && by_id_[slot(id)] != 0;
  }
  /// One more than the largest id.
  std::size_t id_limit() const {
    return by_id_.size();
  }
  const std::vector<token_entry>& entries() const {
    return entries_;
  }
  std::string_view text_of(const token_entry& e) const {
    return std::string_view(buffer_).substr(e.begin, e.size);
  }
  /// Index of an entry that repeats an earlier string or id, or the number of entries.
  std::size_t clash() const {
    return clash_;
  }

 private:
  static std::size_t slot(token_id id) {
    return static_cast<std::size_t>(id);
  }

  std::string buffer_;
  std::vector<token_entry> entries_;
  std::vector<std::uint32_t> by_text_; // open addressing: index into entries_ plus one, 0 is free
  std::vector<std::uint32_t> by_id_;   // the same, by id
  std::size_t clash_ = 0;
};

} // namespace dci::text

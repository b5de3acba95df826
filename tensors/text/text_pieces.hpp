// A text on its way to the model: cut into pieces, of which some are tokens already.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/ids.hpp"

namespace dci::text {

struct text_piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  /// The token this piece is, or no_token.
  token_id token = -1;
  /// The piece starts where the whole input starts.
  bool at_start = false;
};
inline constexpr token_id no_token = -1;

/// One buffer and ranges in it, so that cutting copies nothing. Steps that rewrite text build a new
/// buffer.
struct text_pieces {
  std::string text;
  std::vector<text_piece> list;

  std::string_view of(const text_piece& p) const {
    return std::string_view(text).substr(p.begin, p.end - p.begin);
  }
};

/// Rebuilds the buffer: `rewrite(piece, buffer)` appends a piece's new text. Tokens stay, and
/// pieces that became empty disappear.
template <class Rewrite>
void rewrite_pieces(text_pieces& pieces, Rewrite rewrite) {
  std::string buffer;
  buffer.reserve(pieces.text.size() + pieces.text.size() / 8 + 16);
  std::vector<text_piece> kept;
  kept.reserve(pieces.list.size());
  for (const text_piece& p : pieces.list) {
    text_piece moved = p;
    moved.begin = buffer.size();
    if (p.token == no_token)
      rewrite(p, buffer);
    moved.end = buffer.size();
    if (moved.end > moved.begin || p.token != no_token)
      kept.push_back(moved);
  }
  pieces.text = std::move(buffer);
  pieces.list = std::move(kept);
}

} // namespace dci::text

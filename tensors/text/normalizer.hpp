// The "normalizer" of a tokenizer.json: rewrites text before it is cut.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tensors/text/json_at.hpp"

namespace dci::text {

/// Steps applied in turn.
class normalizer {
 public:
  /// Reads Prepend, Replace, Lowercase, Strip, NFC, NFD, NFKC, NFKD and Sequence of these. Errors:
  /// bad_file; unsupported for other types.
  static expected<normalizer> read(const json_at& json);

  /// True when it changes nothing.
  bool empty() const {
    return steps_.empty();
  }
  /// Rewrites valid UTF-8 in place. Errors: as regex::find_all.
  result apply(std::string& text) const;

 private:
  result add(const json_at& json, int depth);

  std::vector<std::function<result(std::string&)>> steps_;
};

} // namespace dci::text

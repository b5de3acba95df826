// The "post_processor" of a tokenizer.json: the tokens put before and behind a text.
#pragma once

#include <functional>
#include <vector>

#include "runtime/base/ids.hpp"
#include "tensors/text/json_at.hpp"

namespace dci::text {

struct post_processor {
  std::vector<token_id> before;
  std::vector<token_id> after;

  /// Reads ByteLevel (which adds nothing), TemplateProcessing for a single text, BertProcessing,
  /// RobertaProcessing and Sequence of these; `known` tells which ids there are. Errors: bad_file;
  /// unsupported for other types.
  static expected<post_processor> read(const json_at& json,
                                       const std::function<bool(token_id)>& known);
};

} // namespace dci::text

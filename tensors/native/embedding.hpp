// Token and position tables, read where they lie in the mapped file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"
#include "tensors/files/model_weights.hpp"

namespace dci {

class native_embedding {
 public:
  native_embedding() = default;
  native_embedding(model_weight tokens, std::optional<model_weight> positions)
      : tokens_(std::move(tokens)), positions_(std::move(positions)) {
  }

  /// The row of a token at a position, as F32.
  void row(token_id token, std::uint32_t position, std::span<float> out) const;

 private:
  model_weight tokens_;
  std::optional<model_weight> positions_;
};

} // namespace dci

// A range's weights as tensors, by name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/ATen.h>

#include "tensors/decoder/layer_range.hpp"
#include "tensors/files/model_files.hpp"
#include "tensors/files/model_tensors.hpp"

namespace dci {

/// Weights by their names in model_tensors.hpp, all F32 and contiguous.
class weight_set {
 public:
  using map = std::map<std::string, at::Tensor, std::less<>>;

  explicit weight_set(std::shared_ptr<const map> tensors, std::string prefix = "")
      : tensors_(std::move(tensors)), prefix_(std::move(prefix)) {
  }

  /// The weight, or an undefined tensor where the model has none (a bias).
  at::Tensor get(std::string_view name) const {
    const auto found = tensors_->find(prefix_ + std::string(name));
    return found == tensors_->end() ? at::Tensor() : found->second;
  }
  /// The same weights, with names looked up behind this prefix.
  weight_set within(const std::string& prefix) const {
    return weight_set(tensors_, prefix_ + prefix);
  }
  std::uint64_t bytes() const;

 private:
  std::shared_ptr<const map> tensors_;
  std::string prefix_;
};

/// Reads and checks those of blocks [first, last), with the embedding and the head
/// where they belong to them. Errors: as load_torch_range.
expected<weight_set> load_weights(const model_files& model, layer_span layers,
                                  const progress_fn& progress);

} // namespace dci

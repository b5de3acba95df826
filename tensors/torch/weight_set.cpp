#include "tensors/torch/weight_set.hpp"

#include <bit>
#include <cstring>

#include "tensors/files/model_weights.hpp"

namespace dci {

namespace {

at::ScalarType scalar_type(dtype type) {
  switch (type) {
    case dtype::F16:
      return at::kHalf;
    case dtype::BF16:
      return at::kBFloat16;
    default:
      return at::kFloat;
  }
}

// This back end is for comparison: it takes plain numbers, laid out as safetensors has them.
result check_layout(const model_weight& weight, const tensor_spec& wanted) {
  const auto refuse = [&](const std::string& what) {
    return fail(errc::unsupported, weight.place + ": " + what + " need the native back end");
  };
  if (is_quantized(weight.view().type))
    return refuse(std::string(to_string(weight.view().type)) + " numbers");
  if (weight.interleaved_heads != 0)
    return refuse("interleaved heads");
  if (wanted.conv1d && !weight.transposed)
    return refuse("matrices that are not transposed");
  return {};
}

// A tensor over the mapped bytes, which it keeps alive. Bytes that do not lie
// on a multiple of their numbers' size are copied: operators may not read them.
at::Tensor view_of(const weight& source) {
  const auto bytes = source.view->bytes;
  const auto options = at::TensorOptions().dtype(scalar_type(source.view->type));
  const auto address = std::bit_cast<std::uintptr_t>(bytes.data());
  if (address % block_bytes(source.view->type) != 0) {
    auto copy = at::empty(source.view->shape, options);
    std::memcpy(copy.data_ptr(), bytes.data(), bytes.size());
    return copy;
  }
  // from_blob takes a pointer to mutable data; nobody writes through it.
  auto* const data = const_cast<std::byte*>(bytes.data());
  return at::from_blob(
      data, source.view->shape, [file = source.file](void*) {}, options);
}

expected<at::Tensor> load_one(const model_files& model, const tensor_spec& wanted) {
  DCI_ASSIGN(const auto found, find_weight(model, wanted));
  DCI_TRY(check_layout(found, wanted));
  DCI_TRY(check_finite(found));
  return view_of(found.source).to(at::kFloat);
}

} // namespace

std::uint64_t weight_set::bytes() const {
  std::uint64_t total = 0;
  for (const auto& [name, tensor] : *tensors_)
    total += tensor.nbytes();
  return total;
}

expected<weight_set> load_weights(const model_files& model, layer_span layers,
                                  const progress_fn& progress) {
  const auto wanted = tensors_of(model.config, layers);
  const auto total = static_cast<double>(count_of(wanted));
  auto tensors = std::make_shared<weight_set::map>();
  double done = 0;
  for (const auto& spec : wanted) {
    DCI_ASSIGN(auto tensor, load_one(model, spec));
    done += static_cast<double>(tensor.numel());
    tensors->emplace(spec.name, std::move(tensor));
    if (progress)
      progress(done / total);
  }
  return weight_set(std::move(tensors));
}

} // namespace dci

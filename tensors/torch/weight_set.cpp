#include "tensors/torch/weight_set.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "tensors/files/in_quotes.hpp"
#include "tensors/torch/finite.hpp"

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

// A tensor over the mapped bytes, which it keeps alive. Bytes that do not lie
// on a multiple of their numbers' size are copied: operators may not read them.
at::Tensor view_of(const weight& source) {
  const auto bytes = source.view->bytes;
  const auto options = at::TensorOptions().dtype(scalar_type(source.view->type));
  const auto address = std::bit_cast<std::uintptr_t>(bytes.data());
  if (address % (bits_of(source.view->type) / 8) != 0) {
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
  const auto prefixed = std::string(outer_prefix(model.config)) + wanted.name;
  const auto& name = model.tensors->contains(prefixed) ? prefixed : wanted.name;
  DCI_ASSIGN(const auto found, model.tensors->find(name));
  const auto& view = *found.view;
  const auto place = found.file->path().string() + ": tensor " + in_quotes(name) + ": ";
  if (!is_weight_type(view.type))
    return fail(errc::unsupported,
                place + std::string(to_string(view.type)) + "; weights must be F32, F16 or BF16");
  if (view.shape != wanted.shape)
    return fail(errc::bad_file, place + "has shape " + shape_text(view.shape) +
                                    ", but config.json makes it " + shape_text(wanted.shape));
  const auto tensor = view_of(found).to(at::kFloat);
  const auto count = static_cast<std::size_t>(tensor.numel());
  const auto bad = first_non_finite({tensor.data_ptr<float>(), count});
  if (bad != count)
    return fail(errc::not_finite, place + "number " + std::to_string(bad) + " of " +
                                      std::to_string(count) + " is NaN or infinite");
  return tensor;
}

} // namespace

std::uint64_t weight_set::bytes() const {
  std::uint64_t total = 0;
  for (const auto& [name, tensor] : *tensors_)
    total += tensor.nbytes();
  return total;
}

std::vector<tensor_spec> tensors_of(const model_config& config, layer_span layers) {
  std::vector<tensor_spec> out;
  if (layers.first == 0)
    out = embedding_tensors(config);
  for (auto layer = layers.first; layer < layers.last; ++layer)
    for (auto spec : block_tensors(config)) {
      spec.name.insert(0, block_prefix(config, layer));
      out.push_back(std::move(spec));
    }
  if (layers.last == config.layers)
    for (auto& spec : head_tensors(config))
      if (std::ranges::find(out, spec.name, &tensor_spec::name) == out.end())
        out.push_back(std::move(spec));
  return out;
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

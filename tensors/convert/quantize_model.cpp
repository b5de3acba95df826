#include "tensors/convert/quantize_model.hpp"

#include <algorithm>

#include "tensors/convert/config_keys.hpp"
#include "tensors/convert/tokenizer_keys.hpp"
#include "tensors/files/gguf_names.hpp"
#include "tensors/files/head_rows.hpp"
#include "tensors/files/model_weights.hpp"
#include "tensors/files/read_row.hpp"
#include "tensors/files/write_row.hpp"

namespace dci {

namespace {

bool is_llama(architecture kind) {
  return kind == architecture::llama || kind == architecture::mistral;
}

// Query and key rows of the llama family, whose heads GGUF wants interleaved.
std::uint32_t heads_of(const model_config& config, std::string_view name) {
  if (!is_llama(config.kind))
    return 0;
  if (name.find("self_attn.q_proj.") != std::string_view::npos)
    return config.heads;
  return name.find("self_attn.k_proj.") != std::string_view::npos ? config.kv_heads : 0;
}

// The rows of a weight as F32, [outputs, inputs], in the order of our layers.
class rows {
 public:
  rows(const model_weight& weight, std::size_t outputs, std::size_t inputs)
      : weight_(weight), outputs_(outputs), inputs_(inputs) {
    if (!weight.transposed)
      return;
    turned_.resize(outputs * inputs);
    std::vector<float> line(outputs);
    for (std::size_t k = 0; k < inputs; ++k) {
      read_row(weight.view(), k, line);
      for (std::size_t o = 0; o < outputs; ++o)
        turned_[o * inputs + k] = line[o];
    }
  }

  void read(std::size_t row, std::span<float> out) const {
    if (turned_.empty())
      read_row(weight_.view(), row, out);
    else
      std::copy_n(turned_.begin() + static_cast<std::ptrdiff_t>(row * inputs_), inputs_,
                  out.begin());
  }
  std::size_t count() const {
    return outputs_;
  }
  std::size_t inputs() const {
    return inputs_;
  }

 private:
  const model_weight& weight_;
  std::size_t outputs_;
  std::size_t inputs_;
  std::vector<float> turned_; // of a transposed one
};

result write_weight(const model_files& model, const tensor_spec& spec, dtype type,
                    const std::vector<std::int64_t>& shape, std::span<std::byte> out) {
  DCI_ASSIGN(const auto weight, find_weight(model, spec));
  DCI_TRY(check_finite(weight));
  const bool is_vector = shape.size() == 1;
  // A vector of heads is moved number by number, a matrix row by row.
  const auto heads = heads_of(model.config, spec.name);
  const rows source(weight, is_vector ? 1 : static_cast<std::size_t>(shape.front()),
                    static_cast<std::size_t>(shape.back()));
  const auto order = interleaved_rows(heads, model.config.head_dim);
  const std::size_t row_bytes = out.size() / source.count();
  std::vector<float> row(source.inputs());
  for (std::size_t i = 0; i < source.count(); ++i) {
    source.read(i, row);
    if (is_vector && heads != 0) {
      const auto halves = row;
      for (std::size_t k = 0; k < row.size(); ++k)
        row[order[k]] = halves[k];
    }
    const auto to = is_vector || heads == 0 ? i : order[i];
    if (!write_row(type, row, out.data() + to * row_bytes))
      return fail(errc::not_finite, weight.place + ": row " + std::to_string(i) +
                                        " has a number too large for " +
                                        std::string(to_string(type)));
  }
  return {};
}

dtype type_of(const tensor_spec& spec, const std::vector<std::int64_t>& shape, dtype to) {
  if (shape.size() == 1 || spec.name == "wpe.weight")
    return dtype::F32;
  return shape.back() % block_numbers(to) == 0 ? to : dtype::F16;
}

} // namespace

result quantize_model(const model_files& model, dtype to, const std::filesystem::path& out,
                      const std::function<void(double)>& progress) {
  if (!is_writable(to))
    return fail(errc::unsupported,
                std::string(to_string(to)) + " cannot be written, only F32, F16, Q8_0 and Q4_0");
  if (!weights::in_folder(model.dir))
    return fail(errc::unsupported, model.dir.string() + ": is no folder with safetensors");
  gguf_writer writer;
  DCI_TRY(add_config(model, to, writer));
  DCI_TRY(add_tokenizer(model, writer));
  for (const auto& spec : tensors_of(model.config, {0, model.config.layers})) {
    const auto name = name_in_gguf(model.config.kind, spec.name);
    if (!name)
      return fail(errc::internal, "no name in GGUF for " + spec.name);
    auto shape = spec.shape;
    if (spec.conv1d)
      std::ranges::reverse(shape);
    const auto type = type_of(spec, shape, to);
    writer.add_tensor(*name, type, shape, [&model, spec, type, shape](std::span<std::byte> bytes) {
      return write_weight(model, spec, type, shape, bytes);
    });
  }
  return writer.write(out, progress);
}

} // namespace dci

#include "tensors/native/load.hpp"

#include <cmath>
#include <map>
#include <new>

#include "tensors/decoder/range_checks.hpp"
#include "tensors/decoder/rope.hpp"
#include "tensors/files/head_rows.hpp"
#include "tensors/files/model_weights.hpp"
#include "tensors/files/read_row.hpp"
#include "tensors/kernels/pack.hpp"
#include "tensors/native/range.hpp"

namespace dci {

namespace {

// Of what is_weight_type holds for, as find_weight makes sure.
kernels::weight_format format_of(dtype type) {
  switch (type) {
    case dtype::F16:
      return kernels::weight_format::f16;
    case dtype::BF16:
      return kernels::weight_format::bf16;
    case dtype::Q8_0:
      return kernels::weight_format::q8_0;
    case dtype::Q4_0:
      return kernels::weight_format::q4_0;
    case dtype::Q4_K:
      return kernels::weight_format::q4_k;
    case dtype::Q6_K:
      return kernels::weight_format::q6_k;
    default:
      return kernels::weight_format::f32;
  }
}

kernels::nonlinearity nonlinearity_of(activation_function kind) {
  switch (kind) {
    case activation_function::gelu:
      return kernels::nonlinearity::gelu;
    case activation_function::gelu_tanh:
      return kernels::nonlinearity::gelu_tanh;
    case activation_function::silu:
      break;
  }
  return kernels::nonlinearity::silu;
}

// Finds weights by name and packs them on all threads.
class loader {
 public:
  loader(const model_files& model, layer_span layers, const progress_fn& progress)
      : model_(model), progress_(progress) {
    for (auto& spec : tensors_of(model.config, layers)) {
      total_ += static_cast<double>(dci::count_of({spec}));
      wanted_.emplace(spec.name, std::move(spec));
    }
  }

  bool has(const std::string& name) const {
    return wanted_.contains(name);
  }

  expected<model_weight> table(const std::string& name) {
    DCI_ASSIGN(auto found, find_weight(model_, wanted_.at(name)));
    DCI_TRY(check_finite(found));
    count(found);
    return found;
  }

  // Empty where the model has none of that name.
  expected<std::vector<float>> vector(const std::string& name) {
    std::vector<float> out;
    if (!has(name))
      return out;
    DCI_ASSIGN(const auto found, table(name));
    out.resize(dci::count_of(found.view()));
    read_row(found.view(), 0, out);
    if (found.interleaved_heads != 0) {
      const auto stored = out;
      const auto rows = rows_of(found);
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = stored[rows[i]];
    }
    return out;
  }

  expected<native_norm> norm(const std::string& name) {
    native_norm out;
    out.eps = static_cast<float>(model_.config.norm_eps);
    DCI_ASSIGN(out.weight, vector(name + ".weight"));
    DCI_ASSIGN(out.bias, vector(name + ".bias"));
    return out;
  }

  /// Part `part` of `parts` of a matrix's outputs, in the order our layers want them.
  expected<native_linear> linear(const std::string& name, std::uint32_t part = 0,
                                 std::uint32_t parts = 1) {
    native_linear out;
    DCI_ASSIGN(const auto found, find_weight(model_, wanted_.at(name + ".weight")));
    const bool transposed = found.transposed;
    const auto& shape = found.view().shape;
    const auto all = static_cast<std::uint32_t>(shape[transposed ? 1 : 0]);
    const auto inputs = static_cast<std::uint32_t>(shape[transposed ? 0 : 1]);
    const auto format = format_of(found.view().type);
    const auto outputs = all / parts;
    const auto skipped =
        outputs * part * kernels::stored_row_bytes(format, transposed ? 1 : inputs);
    out.weight = kernels::packed_matrix(format, outputs, inputs, arena_);
    const auto rows = rows_of(found);
    if (!pack(out.weight, {format, found.view().bytes.data() + skipped, transposed, all,
                           rows.empty() ? nullptr : rows.data()}))
      return fail(check_finite(found).error());
    DCI_ASSIGN(auto bias, vector(name + ".bias"));
    if (!bias.empty())
      out.bias.assign(bias.begin() + outputs * part, bias.begin() + outputs * (part + 1));
    if (part == 0)
      count(found);
    return out;
  }

 private:
  // The stored row of each output; empty where they are in our order.
  std::vector<std::uint32_t> rows_of(const model_weight& weight) const {
    return interleaved_rows(weight.interleaved_heads, model_.config.head_dim);
  }

  // False when a weight is not finite.
  bool pack(kernels::packed_matrix& matrix, const kernels::weight_source& source) {
    compute_lock compute;
    auto& team = compute.team();
    std::atomic<bool> good = true;
    team.run([&](std::uint32_t thread) {
      const auto [first, last] = share_of(matrix.panels(), thread, team.size());
      if (kernels::pack_panels(matrix, source, first, last))
        good = false;
    });
    return good;
  }

  void count(const model_weight& weight) {
    done_ += static_cast<double>(dci::count_of(weight.view()));
    if (progress_)
      progress_(std::min(1.0, done_ / total_));
  }

  const model_files& model_;
  const progress_fn& progress_;
  std::map<std::string, tensor_spec> wanted_;
  kernels::buffer_arena arena_;
  double total_ = 0;
  double done_ = 0;
};

block_shape shape_of(const model_config& config, std::uint32_t layer) {
  block_shape out;
  out.heads = config.heads;
  out.kv_heads = config.kv_heads;
  out.head_dim = config.head_dim;
  out.window = config.sliding_window;
  out.rotary = config.kind != architecture::gpt2;
  out.activation = nonlinearity_of(config.activation);
  double scale = config.scale_attention ? 1 / std::sqrt(double{1} * config.head_dim) : 1;
  if (config.scale_attention_by_layer)
    scale /= layer + 1;
  out.scale = static_cast<float>(scale);
  return out;
}

expected<native_block> load_llama_block(loader& from, const std::string& prefix) {
  native_block out;
  DCI_ASSIGN(out.attention_norm, from.norm(prefix + "input_layernorm"));
  DCI_ASSIGN(out.q, from.linear(prefix + "self_attn.q_proj"));
  DCI_ASSIGN(out.k, from.linear(prefix + "self_attn.k_proj"));
  DCI_ASSIGN(out.v, from.linear(prefix + "self_attn.v_proj"));
  DCI_ASSIGN(out.q_norm, from.norm(prefix + "self_attn.q_norm"));
  DCI_ASSIGN(out.k_norm, from.norm(prefix + "self_attn.k_norm"));
  DCI_ASSIGN(out.o, from.linear(prefix + "self_attn.o_proj"));
  DCI_ASSIGN(out.ffn_norm, from.norm(prefix + "post_attention_layernorm"));
  DCI_ASSIGN(out.gate, from.linear(prefix + "mlp.gate_proj"));
  DCI_ASSIGN(out.up, from.linear(prefix + "mlp.up_proj"));
  DCI_ASSIGN(out.down, from.linear(prefix + "mlp.down_proj"));
  return out;
}

// Queries, keys and values are thirds of one matrix.
expected<native_block> load_gpt2_block(loader& from, const std::string& prefix) {
  native_block out;
  DCI_ASSIGN(out.attention_norm, from.norm(prefix + "ln_1"));
  DCI_ASSIGN(out.q, from.linear(prefix + "attn.c_attn", 0, 3));
  DCI_ASSIGN(out.k, from.linear(prefix + "attn.c_attn", 1, 3));
  DCI_ASSIGN(out.v, from.linear(prefix + "attn.c_attn", 2, 3));
  DCI_ASSIGN(out.o, from.linear(prefix + "attn.c_proj"));
  DCI_ASSIGN(out.ffn_norm, from.norm(prefix + "ln_2"));
  DCI_ASSIGN(out.up, from.linear(prefix + "mlp.c_fc"));
  DCI_ASSIGN(out.down, from.linear(prefix + "mlp.c_proj"));
  return out;
}

expected<native_weights> load_weights(const model_files& model, layer_span layers,
                                      const progress_fn& progress) {
  const auto& config = model.config;
  const bool gpt2 = config.kind == architecture::gpt2;
  loader from(model, layers, progress);
  native_weights out;
  if (layers.first == 0) {
    DCI_ASSIGN(auto tokens, from.table(embedding_tensors(config).front().name));
    std::optional<model_weight> positions;
    if (gpt2) {
      DCI_ASSIGN(positions, from.table("wpe.weight"));
    }
    out.embedding = {std::move(tokens), std::move(positions)};
  }
  for (auto layer = layers.first; layer < layers.last; ++layer) {
    const auto prefix = block_prefix(config, layer);
    DCI_ASSIGN(auto block, gpt2 ? load_gpt2_block(from, prefix) : load_llama_block(from, prefix));
    block.shape = shape_of(config, layer);
    out.blocks.push_back(std::move(block));
  }
  if (layers.last == config.layers) {
    DCI_ASSIGN(out.norm, from.norm(gpt2 ? "ln_f" : "norm"));
    auto head = head_tensors(config).back().name;
    head.resize(head.size() - std::string_view(".weight").size());
    DCI_ASSIGN(out.head, from.linear(head));
  }
  return out;
}

} // namespace

expected<std::unique_ptr<layer_range>> load_native_range(std::shared_ptr<const model_files> model,
                                                         layer_span layers,
                                                         const range_options& options,
                                                         const progress_fn& progress) {
  DCI_TRY(check_layers(model->dir, layers, model->config.layers));
  try {
    DCI_ASSIGN(auto weights, load_weights(*model, layers, progress));
    auto frequencies = model->config.kind == architecture::gpt2 ? std::vector<double>()
                                                                : rope_frequencies(model->config);
    return std::make_unique<native_range>(model->config, layers, std::move(weights),
                                          std::move(frequencies), options);
  } catch (const std::bad_alloc&) {
    return fail(errc::internal, model->dir.string() + ": layers " + to_string(layers) +
                                    ": out of memory for the weights");
  }
}

} // namespace dci

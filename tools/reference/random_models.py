"""Small models with seeded random weights for the tests."""
import numpy as np

VOCAB, LAYERS = 96, 4


def llama_config(kind, hidden, heads, kv_heads, head_dim, ffn, **more):
    """config.json of a llama-like model."""
    names = {"llama": "Llama", "mistral": "Mistral", "qwen2": "Qwen2",
             "qwen3": "Qwen3"}
    config = {
        "architectures": [names[kind] + "ForCausalLM"], "model_type": kind,
        "hidden_act": "silu", "hidden_size": hidden,
        "intermediate_size": ffn, "num_hidden_layers": LAYERS,
        "num_attention_heads": heads, "num_key_value_heads": kv_heads,
        "head_dim": head_dim, "vocab_size": VOCAB,
        "max_position_embeddings": 128, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0, "tie_word_embeddings": False,
        "bos_token_id": 1, "eos_token_id": 2}
    config.update(more)
    return config


# (folder, stored type, config, number of files). The shapes are odd on
# purpose, so that a swapped dimension shows.
# Most have an unusual epsilon, so a program that has its own constant shows.
MODELS = [
    ("llama3rope", "F32", llama_config(
        "llama", 32, 4, 2, 8, 40, torch_dtype="float32", rope_scaling={
            # Wavelengths 6, 63, 628, 6283: one kept, one blended, two
            # stretched.
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64}), 1),
    ("mistral-sharded", "BF16", llama_config(
        "mistral", 48, 6, 2, 8, 56, torch_dtype="bfloat16",
        sliding_window=None), 3),
    ("qwen2", "F16", llama_config(
        "qwen2", 48, 6, 2, 8, 56, torch_dtype="float16", rms_norm_eps=1e-4,
        rope_theta=1000000.0, tie_word_embeddings=True), 1),
    ("qwen3", "F16", llama_config(
        "qwen3", 40, 4, 2, 16, 56, torch_dtype="float16", rms_norm_eps=1e-4,
        rope_theta=1000000.0), 1),
    ("gpt2", "F16", {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2",
        "activation_function": "gelu_new", "n_embd": 32, "n_head": 4,
        "n_layer": LAYERS, "n_positions": 64, "n_ctx": 64, "n_inner": None,
        "vocab_size": VOCAB, "layer_norm_epsilon": 1e-4,
        "tie_word_embeddings": True, "bos_token_id": 1, "eos_token_id": 2,
        "torch_dtype": "float16"}, 1),
]


class Maker:
    """Draws tensors whose sizes keep the activations of order one."""

    def __init__(self, seed):
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.tensors = {}

    def matrix(self, name, out, inner, gain=1.0, stored_in_out=False):
        """A weight [out, in], or [in, out] for GPT-2."""
        values = self.random.standard_normal((out, inner))
        values *= gain / np.sqrt(inner)
        self.tensors[name] = values.T if stored_in_out else values

    def scale(self, name, size):
        """A norm's scale: positive, around one."""
        self.tensors[name] = self.random.uniform(0.5, 1.5, size)

    def bias(self, name, size, spread=0.5):
        """A bias large enough that leaving it out shows."""
        self.tensors[name] = spread * self.random.standard_normal(size)


def llama_attention(m, prefix, c):
    """The attention tensors of one layer."""
    hidden, dim = c["hidden_size"], c["head_dim"]
    rows = {"q": c["num_attention_heads"] * dim,
            "k": c["num_key_value_heads"] * dim,
            "v": c["num_key_value_heads"] * dim}
    for which, out in rows.items():
        m.matrix(f"{prefix}.{which}_proj.weight", out, hidden, 1.5)
        if c["model_type"] == "qwen2":
            m.bias(f"{prefix}.{which}_proj.bias", out)
    m.matrix(prefix + ".o_proj.weight", hidden, rows["q"], 2.0)
    if c["model_type"] == "qwen3":
        m.scale(prefix + ".q_norm.weight", dim)
        m.scale(prefix + ".k_norm.weight", dim)


def llama_tensors(c, seed):
    """All tensors of a llama-like model, in the order of the layers."""
    m, hidden, ffn = Maker(seed), c["hidden_size"], c["intermediate_size"]
    m.matrix("model.embed_tokens.weight", VOCAB, hidden, 5.0)
    for i in range(LAYERS):
        prefix = f"model.layers.{i}."
        m.scale(prefix + "input_layernorm.weight", hidden)
        llama_attention(m, prefix + "self_attn", c)
        m.scale(prefix + "post_attention_layernorm.weight", hidden)
        m.matrix(prefix + "mlp.gate_proj.weight", ffn, hidden, 1.5)
        m.matrix(prefix + "mlp.up_proj.weight", ffn, hidden, 1.5)
        m.matrix(prefix + "mlp.down_proj.weight", hidden, ffn, 2.0)
    m.scale("model.norm.weight", hidden)
    if not c["tie_word_embeddings"]:
        m.matrix("lm_head.weight", VOCAB, hidden, 5.0)
    return m.tensors


def gpt2_tensors(c, seed):
    """All tensors of a GPT-2 model.

    Its biases are smaller: there is one after every step, and larger ones
    would outweigh the input, so that each prompt ended in the same ids.
    """
    m, hidden = Maker(seed), c["n_embd"]
    m.matrix("wte.weight", VOCAB, hidden, 5.0)
    m.matrix("wpe.weight", c["n_positions"], hidden, 3.0)
    for i in range(LAYERS):
        prefix = f"h.{i}."
        shapes = {"attn.c_attn": (3 * hidden, hidden, 1.5),
                  "attn.c_proj": (hidden, hidden, 2.0),
                  "mlp.c_fc": (4 * hidden, hidden, 1.5),
                  "mlp.c_proj": (hidden, 4 * hidden, 2.0)}
        for norm in ("ln_1", "ln_2"):
            m.scale(prefix + norm + ".weight", hidden)
            m.bias(prefix + norm + ".bias", hidden, 0.2)
        for name, (out, inner, gain) in shapes.items():
            m.matrix(prefix + name + ".weight", out, inner, gain, True)
            m.bias(prefix + name + ".bias", out, 0.2)
    m.scale("ln_f.weight", hidden)
    m.bias("ln_f.bias", hidden, 0.2)
    return m.tensors


def tensors_of(config, seed):
    """All tensors of a model."""
    make = gpt2_tensors if config["model_type"] == "gpt2" else llama_tensors
    return make(config, seed)


def shard_of(name, files):
    """The file (from 0) of a tensor; a layer's tensors stay together."""
    parts = name.split(".")
    if "layers" in parts:
        layer = int(parts[parts.index("layers") + 1])
        return (layer + 1) * files // (LAYERS + 1)
    return 0 if "embed_tokens" in parts else files - 1

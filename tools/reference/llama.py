"""Llama, Mistral, Qwen2 and Qwen3 as in Hugging Face transformers."""
import math

import numpy as np

from .weights import ModelError

TYPES = ("llama", "mistral", "qwen2", "qwen3")


def rms_norm(x, weight, eps):
    """Root-mean-square norm over the last axis."""
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weight


def silu(x):
    """x times its logistic function."""
    return x / (1 + np.exp(-x))


def softmax(x):
    """Softmax over the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def llama3_frequencies(inverse, scaling):
    """Stretches the low frequencies and blends in the middle ones."""
    factor = scaling["factor"]
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    old = scaling["original_max_position_embeddings"]
    out = []
    for f in inverse:
        wavelength = 2 * math.pi / f
        if wavelength > old / low:
            out.append(f / factor)
        elif wavelength < old / high:
            out.append(f)
        else:
            smooth = (old / wavelength - low) / (high - low)
            out.append((1 - smooth) * f / factor + smooth * f)
    return np.array(out)


class Llama:
    """One model with its cache of keys and values."""

    def __init__(self, config, tensors):
        if config["model_type"] not in TYPES:
            raise ModelError(f"model type {config['model_type']}")
        self.t = tensors
        self.hidden = config["hidden_size"]
        self.layers = config["num_hidden_layers"]
        self.heads = config["num_attention_heads"]
        self.kv_heads = config.get("num_key_value_heads") or self.heads
        self.head_dim = config.get("head_dim") or self.hidden // self.heads
        self.eps = config["rms_norm_eps"]
        self.window = self.window_of(config)
        self.inverse = self.frequencies(config)
        self.head = "model.embed_tokens.weight"
        if not config.get("tie_word_embeddings", False):
            self.head = "lm_head.weight"
        self.reset()

    @staticmethod
    def window_of(config):
        """The sliding window. Qwen uses its own only if told to."""
        if config["model_type"].startswith("qwen"):
            if config.get("use_sliding_window"):
                raise ModelError("sliding windows of Qwen are not supported")
            return None
        return config.get("sliding_window")

    def frequencies(self, config):
        """The inverse frequencies of the rotary positions."""
        half = self.head_dim // 2
        theta = config.get("rope_theta", 10000.0)
        inverse = theta ** (-np.arange(half, dtype=np.float64) / half)
        scaling = config.get("rope_scaling")
        if not scaling:
            return inverse
        kind = scaling.get("rope_type", scaling.get("type"))
        if kind != "llama3":
            raise ModelError(f"rope_scaling {kind} is not supported")
        return llama3_frequencies(inverse, scaling)

    def reset(self):
        """Forgets all positions."""
        self.keys = [None] * self.layers
        self.values = [None] * self.layers
        self.position = 0

    def rotate(self, x, positions):
        """Turns pairs (i, i + half) of each head by the position's angle."""
        angle = np.outer(positions, self.inverse)
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        a, b = np.split(x, 2, axis=-1)
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    def linear(self, name, x):
        """x times a weight [out, in], plus its bias where there is one."""
        y = x @ self.t[name + ".weight"].T
        bias = self.t.get(name + ".bias")
        return y if bias is None else y + bias

    def project(self, prefix, which, x, heads):
        """q, k or v as [position, head, head_dim], Qwen3's norm applied."""
        y = self.linear(f"{prefix}.{which}_proj", x)
        y = y.reshape(len(x), heads, self.head_dim)
        norm = self.t.get(f"{prefix}.{which}_norm.weight")
        return y if norm is None else rms_norm(y, norm, self.eps)

    def append(self, layer, k, v):
        """Adds to the cache and returns all keys and values."""
        if self.keys[layer] is not None:
            k = np.concatenate([self.keys[layer], k])
            v = np.concatenate([self.values[layer], v])
        self.keys[layer], self.values[layer] = k, v
        return k, v

    def visible(self, queries, count):
        """True where a query may see a key."""
        keys = np.arange(count)[None]
        mask = keys <= queries[:, None]
        if self.window:
            mask &= keys > queries[:, None] - self.window
        return mask

    def attention(self, layer, x):
        """Self-attention of the new positions over all so far."""
        prefix = f"model.layers.{layer}.self_attn"
        at = self.position + np.arange(len(x))
        q = self.rotate(self.project(prefix, "q", x, self.heads), at)
        k = self.rotate(self.project(prefix, "k", x, self.kv_heads), at)
        v = self.project(prefix, "v", x, self.kv_heads)
        k, v = self.append(layer, k, v)
        mask = self.visible(at, len(k))
        out = np.empty_like(q)
        for h in range(self.heads):
            source = h * self.kv_heads // self.heads
            scores = q[:, h] @ k[:, source].T / math.sqrt(self.head_dim)
            scores = np.where(mask, scores, -np.inf)
            out[:, h] = softmax(scores) @ v[:, source]
        return self.linear(prefix + ".o_proj", out.reshape(len(x), -1))

    def mlp(self, layer, x):
        """The gated feed-forward network."""
        prefix = f"model.layers.{layer}.mlp"
        gate = silu(self.linear(prefix + ".gate_proj", x))
        return self.linear(prefix + ".down_proj",
                           gate * self.linear(prefix + ".up_proj", x))

    def forward(self, ids):
        """Logits after the last of the new ids."""
        x = self.t["model.embed_tokens.weight"][ids]
        for i in range(self.layers):
            prefix = f"model.layers.{i}."
            norm = self.t[prefix + "input_layernorm.weight"]
            x = x + self.attention(i, rms_norm(x, norm, self.eps))
            norm = self.t[prefix + "post_attention_layernorm.weight"]
            x = x + self.mlp(i, rms_norm(x, norm, self.eps))
        self.position += len(ids)
        last = rms_norm(x[-1], self.t["model.norm.weight"], self.eps)
        return self.t[self.head] @ last

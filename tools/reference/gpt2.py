"""GPT-2 as in Hugging Face transformers."""
import math

import numpy as np

from .llama import softmax
from .weights import ModelError


def gelu_new(x):
    """The tanh form of GELU."""
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)
    return 0.5 * x * (1 + np.tanh(inner))


class GPT2:
    """One model with its cache of keys and values."""

    def __init__(self, config, tensors):
        if config.get("activation_function", "gelu_new") != "gelu_new":
            raise ModelError("only gelu_new is supported")
        # Both spellings of the names occur: with and without 'transformer.'.
        self.t = {n[len("transformer."):] if n.startswith("transformer.")
                  else n: v for n, v in tensors.items()}
        self.layers, self.heads = config["n_layer"], config["n_head"]
        self.eps = config["layer_norm_epsilon"]
        self.reset()

    def reset(self):
        """Forgets all positions."""
        self.keys = [None] * self.layers
        self.values = [None] * self.layers
        self.position = 0

    def norm(self, name, x):
        """Layer norm with scale and bias."""
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred * centred).mean(-1, keepdims=True) + self.eps)
        return centred / scale * self.t[name + ".weight"] + self.t[
            name + ".bias"]

    def conv(self, name, x):
        """x times a weight [in, out], plus the bias."""
        return x @ self.t[name + ".weight"] + self.t[name + ".bias"]

    def attention(self, layer, x):
        """Self-attention of the new positions over all so far."""
        prefix = f"h.{layer}.attn"
        q, k, v = (p.reshape(len(x), self.heads, -1) for p in
                   np.split(self.conv(prefix + ".c_attn", x), 3, axis=-1))
        if self.keys[layer] is not None:
            k = np.concatenate([self.keys[layer], k])
            v = np.concatenate([self.values[layer], v])
        self.keys[layer], self.values[layer] = k, v
        at = self.position + np.arange(len(x))
        mask = np.arange(len(k))[None] <= at[:, None]
        out = np.empty_like(q)
        for h in range(self.heads):
            scores = q[:, h] @ k[:, h].T / math.sqrt(q.shape[-1])
            scores = np.where(mask, scores, -np.inf)
            out[:, h] = softmax(scores) @ v[:, h]
        return self.conv(prefix + ".c_proj", out.reshape(len(x), -1))

    def mlp(self, layer, x):
        """The feed-forward network."""
        prefix = f"h.{layer}.mlp"
        return self.conv(prefix + ".c_proj",
                         gelu_new(self.conv(prefix + ".c_fc", x)))

    def forward(self, ids):
        """Logits after the last of the new ids."""
        at = self.position + np.arange(len(ids))
        x = self.t["wte.weight"][ids] + self.t["wpe.weight"][at]
        for i in range(self.layers):
            x = x + self.attention(i, self.norm(f"h.{i}.ln_1", x))
            x = x + self.mlp(i, self.norm(f"h.{i}.ln_2", x))
        self.position += len(ids)
        head = self.t.get("lm_head.weight", self.t["wte.weight"])
        return head @ self.norm("ln_f", x[-1])

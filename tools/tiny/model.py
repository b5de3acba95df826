"""The llama architecture in torch, written for training on one CPU core."""
import math

import torch
from torch import nn
from torch.nn import functional as F


class Config:
    """The shape of the model and the constants of the architecture."""
    vocab = 2048
    hidden = 256
    layers = 6
    heads = 8
    kv_heads = 4
    ffn = 640
    context = 512
    eps = 1e-5
    theta = 10000.0
    dropout = 0.0

    def __init__(self, **changes):
        for key, value in changes.items():
            if not hasattr(Config, key):
                raise ValueError(f"unknown setting {key}")
            setattr(self, key, value)

    @property
    def head_dim(self):
        return self.hidden // self.heads


class RMSNorm(nn.Module):
    """Root-mean-square norm with a learned scale."""

    def __init__(self, config):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(config.hidden))
        self.eps = config.eps

    def forward(self, x):
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)
        return x * scale * self.weight


def rope_tables(config):
    """cos and sin [context, head_dim] in the half-rotation layout."""
    half = config.head_dim // 2
    inverse = config.theta ** (-torch.arange(half).double() / half)
    angle = torch.outer(torch.arange(config.context).double(), inverse)
    angle = torch.cat([angle, angle], dim=1)
    return angle.cos().float(), angle.sin().float()


def rotate(x, cos, sin):
    """Rotates the two halves of each head by its position's angles."""
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], dim=-1)
    return x * cos + turned * sin


class Attention(nn.Module):
    """Causal grouped-query attention with rotary positions."""

    def __init__(self, config):
        super().__init__()
        d = config.head_dim
        self.c = config
        self.q_proj = nn.Linear(config.hidden, config.heads * d, bias=False)
        self.k_proj = nn.Linear(config.hidden, config.kv_heads * d, bias=False)
        self.v_proj = nn.Linear(config.hidden, config.kv_heads * d, bias=False)
        self.o_proj = nn.Linear(config.heads * d, config.hidden, bias=False)

    def split(self, x, heads):
        return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)

    def forward(self, x, cos, sin, mask):
        c = self.c
        batch, length, _ = x.shape
        # The scale goes into q: it is far smaller than the score matrix.
        scale = 1 / math.sqrt(c.head_dim)
        q = rotate(self.split(self.q_proj(x), c.heads), cos, sin) * scale
        k = rotate(self.split(self.k_proj(x), c.kv_heads), cos, sin)
        v = self.split(self.v_proj(x), c.kv_heads)
        # Query head h reads key head h // group. Stacking a group's queries
        # along the length avoids copies of k and v.
        group = c.heads // c.kv_heads
        q = q.reshape(batch * c.kv_heads, group * length, c.head_dim)
        k = k.reshape(batch * c.kv_heads, length, c.head_dim)
        v = v.reshape(batch * c.kv_heads, length, c.head_dim)
        scores = torch.baddbmm(mask.repeat(group, 1), q, k.transpose(1, 2))
        y = torch.bmm(torch.softmax(scores, dim=-1), v)
        y = y.view(batch, c.heads, length, c.head_dim).transpose(1, 2)
        return self.o_proj(y.reshape(batch, length, -1))


class MLP(nn.Module):
    """SwiGLU feed-forward network."""

    def __init__(self, config):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden, config.ffn, bias=False)
        self.up_proj = nn.Linear(config.hidden, config.ffn, bias=False)
        self.down_proj = nn.Linear(config.ffn, config.hidden, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """One decoder layer; the names are those of the exported tensors."""

    def __init__(self, config):
        super().__init__()
        self.input_layernorm = RMSNorm(config)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = RMSNorm(config)
        self.mlp = MLP(config)
        self.dropout = config.dropout

    def forward(self, x, cos, sin, mask):
        y = self.self_attn(self.input_layernorm(x), cos, sin, mask)
        x = x + F.dropout(y, self.dropout, self.training)
        y = self.mlp(self.post_attention_layernorm(x))
        return x + F.dropout(y, self.dropout, self.training)


class Llama(nn.Module):
    """The whole model; the embedding is also the output head."""

    def __init__(self, config):
        super().__init__()
        self.c = config
        self.embed_tokens = nn.Embedding(config.vocab, config.hidden)
        self.layers = nn.ModuleList(Layer(config)
                                    for _ in range(config.layers))
        self.norm = RMSNorm(config)
        cos, sin = rope_tables(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        mask = torch.full((config.context, config.context), float("-inf"))
        self.register_buffer("mask", mask.triu(1), persistent=False)
        self.apply(self.start_weights)

    def start_weights(self, module):
        """Normal start; the two outputs into the residual start smaller."""
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, Layer):
            std = 0.02 / math.sqrt(2 * self.c.layers)
            nn.init.normal_(module.self_attn.o_proj.weight, std=std)
            nn.init.normal_(module.mlp.down_proj.weight, std=std)

    def forward(self, ids):
        """Logits [batch, length, vocab]."""
        length = ids.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        mask = self.mask[:length, :length]
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, cos, sin, mask)
        return F.linear(self.norm(x), self.embed_tokens.weight)

    def losses(self, ids, targets):
        """The negative log-likelihood of each target, in nats."""
        logits = self.forward(ids)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(),
                               reduction="none")

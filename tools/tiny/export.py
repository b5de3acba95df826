"""Writes and reads the model folder in the Hugging Face layout."""
import json
import os

import numpy as np
import torch

from . import model as llama
from .bpe import EOT, Tokenizer


def tensor_name(name):
    """The exported name of a parameter."""
    return "model." + name


def write_safetensors(path, tensors):
    """Writes F16 tensors: length of the header, header, data."""
    header = {"__metadata__": {"format": "pt"}}
    offset, parts = 0, []
    for name in sorted(tensors):
        data = np.ascontiguousarray(tensors[name], dtype="<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensors[name].shape),
                        "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        parts.append(data)
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 8)  # the data starts at a multiple of 8
    with open(path + ".new", "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text)
        for data in parts:
            f.write(data)
    os.replace(path + ".new", path)


def read_safetensors(path):
    """The F16 tensors of a file written by write_safetensors."""
    with open(path, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        data = f.read()
    out = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] != "F16":
            raise ValueError(f"{path}: {name} is not F16")
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[begin:end], dtype="<f2")
        out[name] = values.reshape(entry["shape"])
    return out


def config_json(c):
    """config.json of a LlamaForCausalLM."""
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama",
        "hidden_act": "silu", "hidden_size": c.hidden,
        "intermediate_size": c.ffn, "num_hidden_layers": c.layers,
        "num_attention_heads": c.heads, "num_key_value_heads": c.kv_heads,
        "head_dim": c.head_dim, "vocab_size": c.vocab,
        "max_position_embeddings": c.context, "rms_norm_eps": c.eps,
        "rope_theta": c.theta, "attention_bias": False, "mlp_bias": False,
        "tie_word_embeddings": True, "bos_token_id": 0, "eos_token_id": 0,
        "torch_dtype": "float16"}


def tokenizer_config_json(c):
    """tokenizer_config.json; no text gets a begin token by itself."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": c.context, "add_bos_token": False,
        "add_prefix_space": False, "clean_up_tokenization_spaces": False,
        "bos_token": EOT, "eos_token": EOT, "unk_token": None}


def write_json(folder, name, data):
    """Writes one JSON file with a line per key."""
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        json.dump(data, f, indent=2)
        f.write("\n")


def save(folder, net, tokenizer):
    """Writes the whole model folder but its card and golden file."""
    os.makedirs(folder, exist_ok=True)
    write_json(folder, "config.json", config_json(net.c))
    write_json(folder, "generation_config.json",
               {"bos_token_id": 0, "eos_token_id": 0, "do_sample": True,
                "temperature": 0.6, "top_p": 0.9})
    write_json(folder, "tokenizer_config.json", tokenizer_config_json(net.c))
    tokenizer.save(os.path.join(folder, "tokenizer.json"))
    tensors = {tensor_name(n): p.detach().numpy()
               for n, p in net.named_parameters()}
    write_safetensors(os.path.join(folder, "model.safetensors"), tensors)


def load(folder):
    """The network (weights as rounded to F16) and the tokenizer."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as f:
        j = json.load(f)
    config = llama.Config(
        vocab=j["vocab_size"], hidden=j["hidden_size"],
        layers=j["num_hidden_layers"], heads=j["num_attention_heads"],
        kv_heads=j["num_key_value_heads"], ffn=j["intermediate_size"],
        context=j["max_position_embeddings"], eps=j["rms_norm_eps"],
        theta=j["rope_theta"])
    net = llama.Llama(config)
    tensors = read_safetensors(os.path.join(folder, "model.safetensors"))
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            values = tensors[tensor_name(name)].astype(np.float32)
            parameter.copy_(torch.from_numpy(values))
    tokenizer = Tokenizer.load(os.path.join(folder, "tokenizer.json"))
    return net.eval(), tokenizer

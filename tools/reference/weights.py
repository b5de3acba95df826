"""Reads and writes safetensors with numpy: F32, F16 and BF16."""
import json
import os

import numpy as np


class ModelError(Exception):
    """A model folder is incomplete or of a kind not known here."""


def decode(dtype, data):
    """Little-endian stored values as float64."""
    if dtype == "F32":
        return np.frombuffer(data, "<f4").astype(np.float64)
    if dtype == "F16":
        return np.frombuffer(data, "<f2").astype(np.float64)
    if dtype == "BF16":
        # BF16 is the upper half of an F32.
        bits = np.frombuffer(data, "<u2").astype(np.uint32) << 16
        return bits.view(np.float32).astype(np.float64)
    raise ModelError(f"tensor type {dtype} is not supported")


def encode(dtype, values):
    """Values as stored bytes, rounded to nearest even."""
    if dtype == "F32":
        return values.astype("<f4").tobytes()
    if dtype == "F16":
        return values.astype("<f2").tobytes()
    if dtype == "BF16":
        bits = values.astype("<f4").view(np.uint32)
        bits = bits + 0x7FFF + ((bits >> 16) & 1)
        return (bits >> 16).astype("<u2").tobytes()
    raise ModelError(f"tensor type {dtype} is not supported")


def read_file(path):
    """All tensors of one file as float64 arrays."""
    with open(path, "rb") as f:
        length = int.from_bytes(f.read(8), "little")
        header = json.loads(f.read(length))
        data = f.read()
    out = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = decode(entry["dtype"], data[begin:end])
        out[name] = values.reshape(entry["shape"])
    return out


def write_file(path, tensors, dtype):
    """Writes one file: length of the header, header, data."""
    header, parts, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name, values in tensors.items():
        data = encode(dtype, np.ascontiguousarray(values))
        header[name] = {"dtype": dtype, "shape": list(values.shape),
                        "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 8)  # the data starts at a multiple of 8
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text + b"".join(parts))


def read_folder(folder):
    """(config, tensors) of a model folder, whole or in shards."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as f:
        config = json.load(f)
    index = os.path.join(folder, "model.safetensors.index.json")
    if not os.path.exists(index):
        return config, read_file(os.path.join(folder, "model.safetensors"))
    with open(index, encoding="utf-8") as f:
        places = json.load(f)["weight_map"]
    tensors = {}
    for name in sorted(set(places.values())):
        tensors.update(read_file(os.path.join(folder, name)))
    missing = set(places) - set(tensors)
    if missing:
        raise ModelError(f"{folder}: no data for {sorted(missing)[:3]}")
    return config, tensors

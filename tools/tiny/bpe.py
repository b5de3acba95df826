"""Byte-level BPE: training, encoding, decoding and tokenizer.json."""
import collections
import json
import re

EOT = "<|endoftext|>"
# GPT-2's pre-tokenizer, with \p{L} and \p{N} in terms of Python's \w and \d.
SPLIT = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+"
                   r"| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def byte_alphabet():
    """GPT-2's map from each byte to a printable character."""
    plain = (list(range(ord("!"), ord("~") + 1)) +
             list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100)))
    table, extra = {}, 0
    for b in range(256):
        if b in plain:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + extra)
            extra += 1
    return table


BYTE_CHAR = byte_alphabet()
CHAR_BYTE = {c: b for b, c in BYTE_CHAR.items()}


def to_chars(piece):
    """The byte-alphabet form of a string."""
    return "".join(BYTE_CHAR[b] for b in piece.encode("utf-8"))


def merge_word(word, pair):
    """Replaces each occurrence of the pair in a tuple of symbols."""
    out, i = [], 0
    while i < len(word):
        if i + 1 < len(word) and (word[i], word[i + 1]) == pair:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


class Trainer:
    """Counts pairs over the distinct words and merges the most frequent."""

    def __init__(self, texts):
        counts = collections.Counter()
        for text in texts:
            counts.update(SPLIT.findall(text))
        self.words = [tuple(to_chars(w)) for w in counts]
        self.counts = list(counts.values())
        self.pairs = collections.Counter()
        self.where = collections.defaultdict(set)
        for i in range(len(self.words)):
            self.add(i, 1)

    def add(self, index, sign):
        """Adds (or takes away) one word's pairs to the counts."""
        word = self.words[index]
        for pair in zip(word, word[1:]):
            self.pairs[pair] += sign * self.counts[index]
            if sign > 0:
                self.where[pair].add(index)

    def merge(self, pair):
        """Applies one merge to every word that holds the pair."""
        for index in self.where.pop(pair):
            self.add(index, -1)
            self.words[index] = merge_word(self.words[index], pair)
            self.add(index, 1)
        self.pairs.pop(pair, None)

    def train(self, merges):
        """The list of merges, most frequent first, ties by the symbols."""
        out = []
        while len(out) < merges:
            pair = max(self.pairs, key=lambda p: (self.pairs[p], p))
            if self.pairs[pair] < 2:
                break
            self.merge(pair)
            out.append(pair)
        return out


class Tokenizer:
    """Encodes and decodes with a list of merges; id 0 is EOT."""

    def __init__(self, merges):
        self.merges = [tuple(m) for m in merges]
        self.rank = {m: i for i, m in enumerate(self.merges)}
        self.tokens = [EOT] + [BYTE_CHAR[b] for b in range(256)]
        self.tokens += [a + b for a, b in self.merges]
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        self.cache = {}

    def piece(self, piece):
        """The ids of one pre-token."""
        if piece in self.cache:
            return self.cache[piece]
        word = tuple(to_chars(piece))
        while len(word) > 1:
            best = min(zip(word, word[1:]),
                       key=lambda p: self.rank.get(p, 1 << 30))
            if best not in self.rank:
                break
            word = merge_word(word, best)
        ids = [self.ids[s] for s in word]
        self.cache[piece] = ids
        return ids

    def encode(self, text):
        """The ids of a text; EOT in the text is the special token."""
        ids = []
        for i, part in enumerate(text.split(EOT)):
            if i:
                ids.append(0)
            for piece in SPLIT.findall(part):
                ids.extend(self.piece(piece))
        return ids

    def decode_bytes(self, ids):
        """The bytes of the ids; EOT gives nothing."""
        chars = "".join(self.tokens[i] for i in ids if i)
        return bytes(CHAR_BYTE[c] for c in chars)

    def decode(self, ids):
        """The text of the ids."""
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def to_json(self):
        """The Hugging Face tokenizer.json as a dictionary."""
        byte_level = {"type": "ByteLevel", "add_prefix_space": False,
                      "trim_offsets": True, "use_regex": True}
        return {
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [{
                "id": 0, "content": EOT, "single_word": False,
                "lstrip": False, "rstrip": False, "normalized": False,
                "special": True}],
            "normalizer": None, "pre_tokenizer": byte_level,
            "post_processor": None, "decoder": dict(byte_level),
            "model": {
                "type": "BPE", "dropout": None, "unk_token": None,
                "continuing_subword_prefix": "", "end_of_word_suffix": "",
                "fuse_unk": False, "byte_fallback": False,
                "vocab": self.ids,
                "merges": [f"{a} {b}" for a, b in self.merges]}}

    def save(self, path):
        """Writes tokenizer.json."""
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.to_json(), f, ensure_ascii=False, indent=1)
            f.write("\n")

    @classmethod
    def load(cls, path):
        """Reads the merges back from a tokenizer.json written by save."""
        with open(path, encoding="utf-8") as f:
            data = json.load(f)
        merges = [m.split(" ") if isinstance(m, str) else m
                  for m in data["model"]["merges"]]
        tokenizer = cls(merges)
        if tokenizer.ids != data["model"]["vocab"]:
            raise ValueError(f"{path}: the vocabulary has another order")
        return tokenizer


def train(texts, vocab):
    """A tokenizer with exactly `vocab` tokens (if the texts allow it)."""
    return Tokenizer(Trainer(texts).train(vocab - 257))

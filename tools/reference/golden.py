"""Greedy generation and golden files."""
import json
import os

import numpy as np

from .gpt2 import GPT2
from .llama import Llama
from .weights import read_folder

REFERENCE = ("float64 numpy evaluation of the Hugging Face semantics; "
             "greedy, {} tokens, no stop, no BOS added")


def load(folder):
    """The model in a folder."""
    config, tensors = read_folder(folder)
    kind = GPT2 if config["model_type"] == "gpt2" else Llama
    return kind(config, tensors)


def generate(model, prompt, count):
    """(generated ids, logits after the prompt, the closest decision)."""
    model.reset()
    first = logits = model.forward(np.array(prompt))
    ids, gap = [], float("inf")
    while True:
        second, top = np.sort(logits)[-2:]
        gap = min(gap, float(top - second))
        ids.append(int(logits.argmax()))
        if len(ids) == count:
            return ids, first, gap
        logits = model.forward(np.array(ids[-1:]))


def case_of(model, prompt_ids, count, all_logits):
    """One case of a golden file."""
    ids, logits, gap = generate(model, prompt_ids, count)
    case = {"prompt_ids": list(map(int, prompt_ids)), "generated_ids": ids,
            "min_top1_top2_gap": gap}
    if all_logits:
        case["prompt_last_logits"] = [round(float(v), 5) for v in logits]
    else:
        best = np.argsort(-logits, kind="stable")[:10]
        case["prompt_last_top10_ids"] = [int(i) for i in best]
        case["prompt_last_top10_logits"] = [float(logits[i]) for i in best]
    return case


def text_case(model, tokenizer, prompt, count):
    """A case with a text prompt."""
    case = case_of(model, tokenizer.encode(prompt), count, False)
    text = tokenizer.decode(case["generated_ids"])
    return {"prompt": prompt, "prompt_ids": case.pop("prompt_ids"),
            "generated_ids": case.pop("generated_ids"),
            "generated_text": text, **case}


def write(folder, cases, count):
    """Writes golden.json, one case a line."""
    name = os.path.basename(os.path.abspath(folder))
    head = {"model": name, "reference": REFERENCE.format(count)}
    lines = ",\n".join("  " + json.dumps(c, ensure_ascii=False)
                       for c in cases)
    with open(os.path.join(folder, "golden.json"), "w",
              encoding="utf-8") as f:
        f.write(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")


def logits_error(case, logits):
    """The largest difference from the stored logits."""
    if "prompt_last_logits" in case:
        return float(np.abs(logits - case["prompt_last_logits"]).max())
    ids = case["prompt_last_top10_ids"]
    return float(np.abs(logits[ids] - case["prompt_last_top10_logits"]).max())


def check(folder):
    """Yields (same ids, largest logit difference, gap) for each case."""
    model = load(folder)
    with open(os.path.join(folder, "golden.json"), encoding="utf-8") as f:
        golden = json.load(f)
    for case in golden["cases"]:
        count = len(case["generated_ids"])
        ids, logits, gap = generate(model, case["prompt_ids"], count)
        yield ids == case["generated_ids"], logits_error(case, logits), gap

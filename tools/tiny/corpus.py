"""Builds the training text from three public-domain texts in Debian.

  bible-kjv, bible-kjv-text  King James Version of 1611
  jargon-text                the Jargon File 4.4.7
  dict-devil                 The Devil's Dictionary, Ambrose Bierce, 1911

The result is a list of documents (a chapter, a dictionary entry, a section),
cut into blocks of about 4 KB; every 20th block is held out.
"""
import gzip
import os
import re
import subprocess

JARGON = "/usr/share/doc/jargon-text/jargon.txt.gz"
DEVIL = "/usr/share/dictd/devil.dict.dz"
BLOCK_BYTES = 4096
HELD_OUT_EVERY = 20
PARAGRAPH_BYTES = 600
INSTALL = "apt-get install bible-kjv bible-kjv-text jargon-text dict-devil"

# Typographic characters become plain ASCII: a vocabulary of 2048 has no
# room for several forms of the same sign.
ASCII = {
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"',
    "\u2014": " -- ", "\u2013": "-", "\u2026": "...", "\u00a0": " ",
    "\u00b7": "", "\u00a9": "(c)", "\u00e9": "e", "\u00e8": "e",
    "\u00ea": "e", "\u00e0": "a", "\u00e1": "a", "\u00e4": "ae",
    "\u00f6": "oe", "\u00fc": "ue", "\u00f3": "o", "\u00f1": "n",
    "\u00e7": "c", "\u00c9": "E", "\u00c6": "Ae", "\u00e6": "ae",
}


class CorpusError(Exception):
    """A text is missing or is not in the form this program knows."""


def to_ascii(text):
    """Replaces typographic characters and drops what has no ASCII form."""
    for old, new in ASCII.items():
        text = text.replace(old, new)
    return text.encode("ascii", "ignore").decode("ascii")


def read_gzip(path):
    """The text of a gzip (or dictzip) file."""
    if not os.path.exists(path):
        raise CorpusError(f"{path} is missing. Install it: {INSTALL}")
    with gzip.open(path, "rb") as f:
        return f.read().decode("utf-8", "replace")


def bible_lines():
    """All verses, one a line, like 'Ge1:1 In the beginning ...'."""
    try:
        done = subprocess.run(["bible", "-f", "Gen1:1-Rev22:21"],
                              stdin=subprocess.DEVNULL, check=True,
                              stdout=subprocess.PIPE)
    except (OSError, subprocess.CalledProcessError) as e:
        raise CorpusError(f"cannot run 'bible': {e}. Install it: {INSTALL}")
    lines = done.stdout.decode("ascii", "ignore").splitlines()
    if len(lines) < 31000:
        raise CorpusError(f"'bible' printed only {len(lines)} verses")
    return lines


def paragraphs_of_verses(verses):
    """Joins verses into paragraphs that end at the end of a sentence."""
    out, current = [], ""
    for verse in verses:
        current = f"{current} {verse}".strip()
        if len(current) >= PARAGRAPH_BYTES and current[-1] in ".?!":
            out.append(current)
            current = ""
    if current:
        out.append(current)
    return out


def bible_documents():
    """One document per chapter, without the verse numbers."""
    chapters, order = {}, []
    for line in bible_lines():
        m = re.match(r"(\w+?)(\d+):(\d+) (.*)$", line)
        if not m:
            raise CorpusError(f"not a verse: {line!r}")
        key = (m.group(1), int(m.group(2)))
        if key not in chapters:
            chapters[key] = []
            order.append(key)
        # The file marks words added by the translators with brackets.
        text = re.sub(r"[\[\]{}<>]", "", m.group(4))
        chapters[key].append(re.sub(r"\s+", " ", text).strip())
    return ["\n\n".join(paragraphs_of_verses(chapters[k])) for k in order]


def is_prose(lines):
    """False for tables, drawings, program text and lists of names."""
    joined = " ".join(lines)
    if any(re.search(r"\S {3,}\S", l.strip()) for l in lines):
        return False
    if any(l.startswith("     ") for l in lines):
        return False
    good = sum(c.isalpha() or c in " ,.;:'\"-" for c in joined)
    return good >= 0.9 * len(joined) and "://" not in joined


def unwrap(lines):
    """One line from the hard-wrapped lines of a paragraph."""
    text = " ".join(l.strip() for l in lines)
    text = re.sub(r"\{([^{}]*)\}", r"\1", text)
    return re.sub(r"\s+", " ", to_ascii(text)).strip()


def raw_paragraphs(text):
    """Groups of lines between blank lines."""
    for part in re.split(r"\n\s*\n", text):
        lines = [l.rstrip() for l in part.split("\n") if l.strip()]
        if lines:
            yield lines


def jargon_heading(line):
    """'   :golden: adj.' gives 'golden (adj.):', anything else None."""
    m = re.match(r"^   :([^:]+): *(?:/.*/,?)? *(.*)$", line)
    if not m:
        return None
    kind = m.group(2).strip(" ,")
    return f"{m.group(1)} ({kind}):" if kind else f"{m.group(1)}:"


def jargon_documents():
    """One document per entry or run of prose, the contents left out."""
    text = read_gzip(JARGON)
    start = text.find("Welcome to the Jargon File", text.find(
        "Welcome to the Jargon File") + 10)
    documents, current = [], []
    for lines in raw_paragraphs(text[start:]):
        heading = jargon_heading(lines[0])
        if heading:
            documents.append(current)
            current = [to_ascii(heading)]
        elif is_prose(lines):
            prose = unwrap(lines)
            if len(prose) < 40 and prose[-1:] not in ".?!\"":
                continue  # a section's title or a page link
            if len(current) == 1 and current[0].endswith(":"):
                current[0] += " " + prose
            else:
                current.append(prose)
    documents.append(current)
    return ["\n\n".join(d) for d in documents if len("".join(d)) > 60]


def devil_documents():
    """One document per entry; lines of verse stay lines."""
    text = read_gzip(DEVIL)
    text = text[text.find("_The Devil's Dictionary_ was begun"):]
    documents, current = [], []
    for lines in raw_paragraphs(text):
        if re.match(r"^[A-Z][A-Z' -]+[,.]? .*", lines[0]) and current:
            documents.append(current)
            current = []
        indented = sum(l.startswith("   ") for l in lines)
        if indented > len(lines) / 2:
            current.append(to_ascii("\n".join(l.strip() for l in lines)))
        else:
            current.append(unwrap(lines))
    documents.append(current)
    return ["\n\n".join(d).replace("_", "") for d in documents if d]


def blocks_of(documents):
    """Runs of whole documents, each at least BLOCK_BYTES long."""
    blocks, current, size = [], [], 0
    for document in documents:
        current.append(document)
        size += len(document)
        if size >= BLOCK_BYTES:
            blocks.append(current)
            current, size = [], 0
    if current:
        blocks.append(current)
    return blocks


def load():
    """The corpus: {'name': (training documents, held-out documents)}."""
    sources = {"bible": bible_documents, "jargon": jargon_documents,
               "devil": devil_documents}
    corpus = {}
    for name, read in sources.items():
        train, held = [], []
        for i, block in enumerate(blocks_of(read())):
            side = held if i % HELD_OUT_EVERY == HELD_OUT_EVERY - 1 else train
            side.extend(block)
        corpus[name] = (train, held)
    return corpus


def main():
    """Prints the sizes and a piece of each text."""
    for name, (train, held) in load().items():
        print(f"== {name}: {len(train)} documents, "
              f"{sum(map(len, train))} bytes; held out {len(held)}, "
              f"{sum(map(len, held))} bytes")
        for i in (0, len(train) // 3, len(train) // 2):
            print(f"-- {i}\n{train[i][:700]}")


if __name__ == "__main__":
    main()

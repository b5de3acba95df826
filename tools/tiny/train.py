"""The training loop: batches, schedule, held-out measure, checkpoints."""
import math
import os
import random
import time

import torch

from . import model as llama

MICRO_TOKENS = 1024  # larger pieces fall out of the processor's cache


class Data:
    """Token ids of the training and the held-out documents."""

    def __init__(self, corpus, tokenizer):
        self.train = [torch.tensor([0] + tokenizer.encode(d))
                      for docs, _ in corpus.values() for d in docs]
        self.held = {}
        for name, (_, docs) in corpus.items():
            ids = [i for d in docs for i in [0] + tokenizer.encode(d)] + [0]
            size = sum(len(d.encode("utf-8")) for d in docs)
            self.held[name] = (torch.tensor(ids), size)

    def tokens(self):
        """The number of training tokens."""
        return sum(map(len, self.train))


def windows(data, context, seed):
    """Endless windows of context + 1 ids: whole epochs in seeded order."""
    epoch = 0
    while True:
        order = random.Random(f"{seed}/{context}/{epoch}")
        documents = list(data.train)
        order.shuffle(documents)
        ids = torch.cat(documents)
        # A new offset per epoch, so that windows begin elsewhere each time.
        starts = list(range(order.randrange(context),
                            len(ids) - context - 1, context))
        order.shuffle(starts)
        for start in starts:
            yield ids[start:start + context + 1]
        epoch += 1


def batches(data, context, tokens, seed):
    """Endless batches of about `tokens` tokens, cut into small pieces."""
    source = windows(data, context, seed)
    rows = MICRO_TOKENS // context
    while True:
        yield [torch.stack([next(source) for _ in range(rows)])
               for _ in range(tokens // MICRO_TOKENS)]


def bits_per_byte(net, held, context, every=1):
    """Held-out bits per byte in windows of `context` tokens.

    Each window starts without memory of the one before. The end-of-text
    tokens cost bits too but count no bytes. every=4 takes a quarter.
    """
    ids, size = held
    net.eval()
    bits, counted = 0.0, 0
    with torch.no_grad():
        for i, start in enumerate(range(0, len(ids) - 1, context)):
            if i % every:
                continue
            part = ids[start:start + context + 1][None]
            loss = net.losses(part[:, :-1], part[:, 1:])
            bits += loss.double().sum().item() / math.log(2)
            counted += part.shape[1] - 1
    net.train()
    return bits / (size * counted / (len(ids) - 1))


def evaluate(net, data, context, every=1):
    """Bits per byte of each text and, by size, of all."""
    out, total = {}, 0.0
    for name, held in data.held.items():
        out[name] = bits_per_byte(net, held, context, every)
        total += out[name] * held[1]
    out["all"] = total / sum(size for _, size in data.held.values())
    return out


def show(scores):
    """One line of scores."""
    return " ".join(f"{k} {v:.4f}" for k, v in scores.items())


def adamw(net, args):
    """AdamW; the norms' scales do not decay."""
    matrices = [p for p in net.parameters() if p.dim() > 1]
    vectors = [p for p in net.parameters() if p.dim() == 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": args.weight_decay},
         {"params": vectors, "weight_decay": 0.0}],
        lr=args.lr, betas=(0.9, 0.98), eps=1e-8)


def rate(progress, step, args):
    """Linear warm-up, then a cosine down to a thirtieth of the peak."""
    warm = min(1.0, (step + 1) / args.warmup)
    cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return args.lr * warm * (cosine + (1 - cosine) / 30)


class Run:
    """One training run that can be stopped and taken up again."""

    def __init__(self, data, config, args, on_checkpoint):
        self.data, self.args, self.config = data, args, config
        self.on_checkpoint = on_checkpoint
        torch.manual_seed(args.seed)
        self.net = llama.Llama(config)
        self.optimizer = adamw(self.net, args)
        self.step, self.spent, self.best = 0, 0.0, float("inf")
        self.log = []
        self.resume()
        self.start = time.time() - self.spent

    def path(self, name):
        return os.path.join(self.args.checkpoints, name)

    def resume(self):
        """Takes up the last checkpoint if --resume was given."""
        if not (self.args.resume and os.path.exists(self.path("last.pt"))):
            return
        saved = torch.load(self.path("last.pt"))
        self.net.load_state_dict(saved["net"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step, self.spent = saved["step"], saved["spent"]
        self.best, self.log = saved["best"], saved["log"]
        print(f"resumed at step {self.step}", flush=True)

    def save(self, name):
        """Writes a checkpoint; a rename keeps the old one until it is whole."""
        saved = {"net": self.net.state_dict(), "step": self.step,
                 "optimizer": self.optimizer.state_dict(), "log": self.log,
                 "spent": time.time() - self.start, "best": self.best}
        torch.save(saved, self.path(name) + ".new")
        os.replace(self.path(name) + ".new", self.path(name))

    def progress(self):
        """0 to 1 by steps, or by time where the machine is too slow.

        A run that keeps within --minutes depends on the seed alone; a
        slower one shortens its schedule and still ends with a small rate.
        """
        by_time = (time.time() - self.start) / (60 * self.args.minutes)
        return max(self.step / self.args.steps, by_time)

    def context(self, progress):
        """Short windows first: attention over 512 costs a quarter more."""
        full = self.config.context
        return full // 2 if progress < self.args.short_part else full

    def train_step(self, pieces, progress):
        """One update; returns the mean loss of the batch in nats."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate(progress, self.step, self.args)
        self.optimizer.zero_grad(set_to_none=False)
        total = 0.0
        for piece in pieces:
            loss = self.net.losses(piece[:, :-1], piece[:, 1:]).mean()
            (loss / len(pieces)).backward()
            total += loss.item() / len(pieces)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        return total

    def checkpoint(self, context, loss):
        """Measures a quarter of the held-out text and saves."""
        scores = evaluate(self.net, self.data, context, every=4)
        self.log.append((self.step, loss, scores))
        print(f"held-out at step {self.step}, context {context}: bits/byte "
              f"{show(scores)}", flush=True)
        if scores["all"] < self.best:
            self.best = scores["all"]
            self.save("best.pt")
        self.save("last.pt")
        self.on_checkpoint(self)

    def print_line(self, loss, progress, context):
        """One line of plain progress."""
        spent = time.time() - self.start
        eta = spent * (1 - progress) / max(progress, 1e-6)
        print(f"step {self.step}/{self.args.steps} loss {loss:.4f} "
              f"context {context} lr {rate(progress, self.step, self.args):.2e}"
              f" spent {spent / 60:.1f} min eta {eta / 60:.1f} min",
              flush=True)

    def run(self):
        """Trains to the end and returns the network."""
        args, mean, source, now = self.args, 0.0, None, 0
        while self.progress() < 1.0:
            progress = self.progress()
            if self.context(progress) != now:
                now = self.context(progress)
                source = batches(self.data, now, args.batch_tokens,
                                 f"{args.seed}/{self.step}")
            loss = self.train_step(next(source), progress)
            mean = loss if not mean else 0.95 * mean + 0.05 * loss
            if self.step % 20 == 0:
                self.print_line(mean, progress, now)
            if self.step % args.check_every == 0:
                self.checkpoint(now, mean)
        self.checkpoint(self.config.context, mean)
        return self.net

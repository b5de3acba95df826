"""Trainer of the tiny built-in language model (see tools/train-tiny)."""

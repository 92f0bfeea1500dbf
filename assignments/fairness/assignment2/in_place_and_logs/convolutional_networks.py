"""Whole arrays and index tables in place of loops over pictures."""

import math

import numpy as np


def output_size(size, filter_size, stride, pad):
    return int(np.floor((size - filter_size + 2 * pad) / stride)) + 1


def flip_and_crop(X, rng, pad):
    N, C, H, W = X.shape
    bigger = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=X.dtype)
    bigger[:, :, pad : pad + H, pad : pad + W] = X
    swap = rng.choice([False, True], size=N)
    rows = rng.integers(0, 2 * pad, size=(N, 1), endpoint=True) + np.arange(H)
    columns = rng.integers(0, 2 * pad, size=(N, 1), endpoint=True) + np.arange(W)
    columns[swap] = columns[swap, ::-1]
    pictures = np.arange(N)[:, None, None, None]
    channels = np.arange(C)[None, :, None, None]
    return bigger[pictures, channels, rows[:, None, :, None], columns[:, None, None, :]]


def receptive_field(layers):
    return 1 + sum(
        (size - 1) * math.prod(stride for _, stride in layers[:i])
        for i, (size, _) in enumerate(layers)
    )

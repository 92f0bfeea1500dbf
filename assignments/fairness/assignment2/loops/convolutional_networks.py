"""Counting in place of formulas; mirroring by index."""

import numpy as np


def output_size(size, filter_size, stride, pad):
    return len(range(0, size + 2 * pad - filter_size + 1, stride))


def flip_and_crop(X, rng, pad):
    out = np.zeros_like(X)
    N, C, H, W = X.shape
    for n in range(N):
        down, right = rng.integers(-pad, pad + 1, size=2)
        picture = X[n, :, :, ::-1] if rng.integers(2) else X[n]
        for i in range(max(0, -down), min(H, H - down)):
            for j in range(max(0, -right), min(W, W - right)):
                out[n, :, i, j] = picture[:, i + down, j + right]
    return out


def receptive_field(layers):
    width = 1
    for filter_size, stride in reversed(layers):
        width = (width - 1) * stride + filter_size
    return width

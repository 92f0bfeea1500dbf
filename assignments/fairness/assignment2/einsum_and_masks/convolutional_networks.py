"""The first and the last pixel that are seen; numpy.roll and masks."""

import numpy as np


def output_size(size, filter_size, stride, pad):
    return -(-(size + 2 * pad - filter_size + 1) // stride)


def flip_and_crop(X, rng, pad):
    out = X.copy()
    mirrored = rng.permuted(np.arange(len(X)) * 2 + rng.integers(2) >= len(X))
    out[mirrored] = np.flip(out[mirrored], axis=3)
    H, W = X.shape[2:]
    for n in range(len(X)):
        down, right = rng.integers(-pad, pad, size=2, endpoint=True)
        picture = np.zeros_like(out[n])
        if abs(down) < H and abs(right) < W:
            picture[:, max(0, down) : H + min(0, down), max(0, right) : W + min(0, right)] = out[
                n, :, max(0, -down) : H + min(0, -down), max(0, -right) : W + min(0, -right)
            ]
        out[n] = picture
    return out


def receptive_field(layers):
    first = last = 0
    for size, stride in layers[::-1]:
        first, last = first * stride, last * stride + size - 1
    return last - first + 1

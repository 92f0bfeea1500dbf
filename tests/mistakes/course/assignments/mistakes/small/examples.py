"""Small calls, of rising size."""

import numpy as np

__all__ = ["backward", "count", "forward"]


def numbers(seed, *shape):
    return np.random.default_rng(seed).choice([-2.0, -1.0, 1.0, 2.0, 3.0], shape)


def forward():
    for N, D, M in [(1, 1, 1), (2, 1, 1), (2, 3, 2)]:
        yield {"x": numbers(1, N, D), "w": numbers(2, D, M), "b": numbers(3, M)}, """
            out, cache = forward(x, w, b)
        """


def backward():
    for N, D, M in [(1, 1, 1), (2, 1, 1), (2, 3, 2)]:
        inputs = {"x": numbers(1, N, D), "w": numbers(2, D, M), "dout": numbers(4, N, M)}
        yield inputs, """
            _, cache = forward(x, w, 0.0)
            dx, dw, db = backward(dout, cache)
        """


def count():
    for N in (1, 2, 3):
        yield {"x": numbers(1, N, 2)}, "out = count(x)"

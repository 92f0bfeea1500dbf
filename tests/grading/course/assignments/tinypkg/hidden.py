"""Draws points whose labels only the judge has: the label says whether the first number is big."""

import numpy as np

SECRET = "canary-labels"


def draw(count, seed):
    """Return (points of shape (count, 2), labels of shape (count,))."""
    points = np.random.default_rng(seed).normal(size=(count, 2))
    return points, (points[:, 0] > 0).astype(np.int64)

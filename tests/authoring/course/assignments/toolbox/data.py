"""Given: draws arrays and their labels."""

import numpy as np


def draw(count, seed):
    """Return (arrays, labels)."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, 3)), rng.integers(2, size=count)

"""Functions on the rows of a matrix."""

import numpy as np


def scale_rows(x, s):
    """Multiply each row of x by its own factor.

    Inputs:
    - x: Array of shape (N, D).
    - s: Array of shape (N,).

    Returns an array of shape (N, D).
    """
    return x * s[:, None]


def center_rows(x):
    """Subtract from each row its mean, without a loop.

    Inputs:
    - x: Array of shape (N, D).

    Returns an array of shape (N, D).
    """
    return x - x.mean(axis=1, keepdims=True)


def centered_scaled(x, s):
    """Center, then scale: given, and needs both of the functions above."""
    return scale_rows(center_rows(x), s)


def as_floats(x):
    """Return a float64 copy of x."""
    return np.array(x, dtype=np.float64)

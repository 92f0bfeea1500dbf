"""What students write in the tests of the authoring room."""

import numpy as np

__all__ = ["Layer", "shift"]


def shift(x, b):
    """Add a row to each row.

    Inputs:
    - x: Array of shape (N, D).
    - b: Array of shape (D,).

    Returns an array of shape (N, D).
    """
    rows = np.asarray(x)
    # TODO: add b to each row.
    ### BEGIN SOLUTION
    shifted_rows = rows + np.asarray(b)[None, :]
    return np.array(shifted_rows)
    ### END SOLUTION


class Layer:
    """Scales by a factor."""

    def __init__(self, factor=2.0):
        """Keep the factor."""
        self.factor = factor

    def forward(self, x):
        """Return x times the factor."""
        out = None

        ### BEGIN SOLUTION
        def times(row):
            return row * self.factor

        out = np.stack([times(row) for row in x])  # (N, D)
        ### END SOLUTION
        return np.array(out)

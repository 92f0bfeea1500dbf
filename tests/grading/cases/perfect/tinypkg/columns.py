"""Functions on the columns of a matrix."""


def sum_columns(x):
    """Add up the columns of x.

    Inputs:
    - x: Array of shape (N, D).

    Returns an array of shape (D,).
    """
    return x.sum(axis=0)

# Built by "autograder build" from assignments/tinypkg/columns.py; instructors edit that one.
"""Functions on the columns of a matrix."""


def sum_columns(x):
    """Add up the columns of x.

    Inputs:
    - x: Array of shape (N, D).

    Returns an array of shape (D,).
    """
    raise NotImplementedError("sum_columns")

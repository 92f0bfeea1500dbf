"""Functions on the columns of a matrix."""


def sum_columns(x):
    """Add up the columns of x.

    Inputs:
    - x: Array of shape (N, D).

    Returns an array of shape (D,).
    """
    ### BEGIN SOLUTION
    return x.sum(axis=0)  # canary-solution
    ### END SOLUTION

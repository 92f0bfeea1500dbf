# Built by "autograder build" from assignments/cs231n/gradient_check.py; instructors edit that one.
"""Numeric gradients: what a derivative is by definition, to compare your formulas with.

The derivative of f at x is approached by (f(x + h) - f(x - h)) / 2h, with one number of x changed
at a time. The error of this *central* difference shrinks with the square of h. It takes two
evaluations of f for each number in x, so it is for checks, not for training.

The arrays are changed in place and put back, so f may also be a function that ignores its argument
and looks at the same array elsewhere, such as in a network's dictionary of parameters.
"""

import numpy as np

__all__ = ["eval_numerical_gradient", "eval_numerical_gradient_array", "grad_check_sparse"]


def eval_numerical_gradient(f, x, verbose=False, h=1e-5):
    """Compute the gradient of a function that returns a number.

    Inputs:
    - f: Function of one array.
    - x: Array of float64 at which the gradient is wanted.
    - verbose: Whether to print each number of the gradient.
    - h: How far to step to each side.

    Returns an array of the shape of x.
    """
    _require_float64(x)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = _step_both_ways(f, x, index, h)
        grad[index] = (above - below) / (2 * h)
        if verbose:
            print(index, grad[index])
    return grad


def eval_numerical_gradient_array(f, x, df, h=1e-5):
    """Compute the gradient of sum(f(x) * df) for a function that returns an array.

    With df = dout it is what a layer's backward function returns.

    Inputs:
    - f: Function of one array that returns an array.
    - x: Array of float64 at which the gradient is wanted.
    - df: Array of the shape of f(x).
    - h: How far to step to each side.

    Returns an array of the shape of x.
    """
    _require_float64(x)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = _step_both_ways(f, x, index, h)
        grad[index] = np.sum((above - below) * df) / (2 * h)
    return grad


def grad_check_sparse(f, x, analytic_grad, num_checks=10, h=1e-5):
    """Compare a gradient with numeric derivatives at a few random places, and print both.

    Inputs:
    - f: Function of one array that returns a number.
    - x: Array of float64 at which the gradient was computed.
    - analytic_grad: The gradient to check, of the shape of x.
    - num_checks: How many places to try.
    - h: How far to step to each side.

    Returns the largest of the relative errors |a - b| / (|a| + |b|).
    """
    _require_float64(x)
    worst = 0.0
    for _ in range(num_checks):
        index = tuple(int(np.random.randint(size)) for size in x.shape)
        above, below = _step_both_ways(f, x, index, h)
        numerical, analytic = (above - below) / (2 * h), analytic_grad[index]
        scale = abs(numerical) + abs(analytic)
        error = abs(numerical - analytic) / scale if scale != 0 else 0.0
        print(f"numerical: {numerical:f} analytic: {analytic:f}, relative error: {error:e}")
        worst = np.maximum(worst, error)  # which keeps NaN, unlike max
    return float(worst)


def _step_both_ways(f, x, index, h):
    """Return f with one number of x raised, and lowered, by h; x is put back whatever happens."""
    old = x[index]
    try:
        x[index] = old + h
        above = np.array(f(x))  # a copy: f may return an array that it uses again
        x[index] = old - h
        below = np.array(f(x))
    finally:
        x[index] = old
    return above, below


def _require_float64(x):
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        kind = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(
            f"numeric gradients need an array of float64, not {kind}: a step of 1e-5 drowns in the "
            "rounding of shorter numbers. Networks take dtype=np.float64."
        )

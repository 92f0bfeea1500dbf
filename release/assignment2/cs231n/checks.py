# Built by "autograder build" from assignments/cs231n/checks.py; instructors edit that one.
"""Compare what your code computes with what it should compute.

    assert_close(out, correct_out, rel_error=1e-8)

prints the error when it is small enough, and otherwise explains how the two differ.
"""

import importlib
import sys

import numpy as np

__all__ = ["assert_close", "describe_difference", "hint", "probe", "relative_error"]

SINGLE_PRECISION = "it is right to single precision only: is something converted to float32?"


def relative_error(actual, expected):
    """Return the largest difference, divided by the largest expected magnitude.

    The scale is that of the whole array, not of each number in it: an entry that should be 0 and is
    1e-17 is rounding, not a mistake. NaN in either array gives NaN, and NaN is never small enough.

    Inputs:
    - actual, expected: Arrays of the same shape, or numbers.

    Returns a float; 0 for empty arrays. If all expected values are 0, the absolute error.
    """
    actual, expected = np.asarray(actual, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if actual.size == 0:
        return 0.0
    same = actual == expected  # also equal infinities, whose difference would be NaN
    with np.errstate(invalid="ignore", over="ignore"):
        worst = np.max(np.where(same, 0.0, np.abs(actual - expected)))
        finite = np.abs(expected[np.isfinite(expected)])
    scale = finite.max() if finite.size else 0.0
    return float(worst / scale) if scale > 0 else float(worst)


def describe_difference(actual, expected, rel_error=None, abs_error=None):
    """Say in a sentence or two how `actual` differs from `expected`; return None if it doesn't.

    Inputs:
    - actual: What was computed: an array, a number, or anything else by mistake.
    - expected: Array or number to compare with.
    - rel_error: Largest allowed `relative_error`; or
    - abs_error: Largest allowed absolute difference. With neither, equality is asked for.
    """
    if actual is None:
        return "got None. Does the function end without a return?"
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.dtype.kind not in "biuf":
        return f"expected numbers, got an array of type {actual.dtype}."
    if actual.shape != expected.shape:
        return _describe_shapes(actual, expected)
    if (
        expected.dtype.kind == "f"
        and actual.dtype.kind in "iu"
        and not np.array_equal(actual, expected)
    ):
        kind = f"whole numbers ({actual.dtype})"
        return f"expected floating-point numbers, got {kind}: is something rounded down?"
    bad = np.isnan(actual) & ~np.isnan(expected)
    if bad.any():
        return f"{bad.sum()} of {actual.size} values are NaN, the first at index {_first(bad)}."
    if rel_error is not None:
        error, limit, kind = relative_error(actual, expected), rel_error, "relative error"
    else:
        error, limit, kind = _absolute_error(actual, expected), abs_error or 0.0, "error"
    if error <= limit:
        return None
    pattern = _describe_values(actual, expected, limit, relative=rel_error is not None)
    return f"{pattern} ({kind} {error:.1e}, allowed {limit:.0e})"


def assert_close(actual, expected, rel_error=None, abs_error=None):
    """Print the error of `actual` if it is within the limit, else raise an explanation.

    Inputs: as for `describe_difference`.

    Raises CheckFailed, an AssertionError, with the explanation.
    """
    _current["check"] += 1
    problem = describe_difference(actual, expected, rel_error, abs_error)
    if problem:
        raise CheckFailed(problem, actual)
    if rel_error is not None:
        error, allowed, kind = relative_error(actual, expected), rel_error, "relative error"
    else:
        error, allowed, kind = _absolute_error(actual, expected), abs_error or 0, "error"
    print(f"Good: {kind} {error:.1e}, allowed {allowed:.0e}")


class CheckFailed(AssertionError):  # noqa: N818 - it isn't the student's program that has an error
    """A value isn't what it should be.

    `mistake` is what is known of it where the value gives away a known mistake, else None.
    """

    def __init__(self, problem, actual=None):
        super().__init__(problem)
        helper = _helper("known_mistakes")
        self.question, self.check = _current["question"], _current["check"]
        self.fingerprints = helper.fingerprints(self.question, self.check, actual) if helper else []
        self.mistake = helper and helper.recognise(self.question, self.check, self.fingerprints)

    def _render_traceback_(self):
        """Return what Jupyter shows in place of a traceback."""
        helper = _helper("notebook")
        return helper.lines_of_failure(self) if helper else [str(self)]


def hint(question):
    """Print a hint for a question, the next one at each call.

    If its check failed and your values gave away what is wrong, the hints are about that.
    """
    helper = _helper("known_mistakes")
    print(helper.next_hint(question) if helper else "There are no hints here.")


_current = {"question": None, "check": 0}  # which question runs, and how many checks it has made


def begin(question):
    """Take note that a question's checks run from the first one."""
    _current.update(question=question, check=0)


def _helper(name):
    """Return a module of self_check; None where it wasn't handed out.

    Not a plain import: grading needs none of them, so that they don't belong to what decides.
    """
    try:
        return importlib.import_module(f".self_check.{name}", __package__)
    except (ImportError, TypeError):
        return None


def _explain_in_notebook():
    """Let Jupyter show a failing check in a few lines."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is not None:
        helper = _helper("notebook")
        if helper:
            helper.register(shell, begin)


def _absolute_error(actual, expected):
    actual, expected = np.asarray(actual, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if actual.size == 0:
        return 0.0
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(actual == expected, 0.0, np.abs(actual - expected))))


def _first(mask):
    """Return the index of the first True as a tuple of ints; () for a scalar."""
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _describe_shapes(actual, expected):
    text = f"expected shape {expected.shape}, got {actual.shape}."
    if actual.ndim >= 2 and actual.shape == expected.shape[::-1]:
        return f"{text} Is it transposed?"
    if actual.size == expected.size:
        return f"{text} The number of values is right: is a reshape missing?"
    return text


@np.errstate(all="ignore")  # infinities and NaN are what this may have to describe
def _describe_values(actual, expected, limit, relative):
    """Name the pattern of the difference between two arrays of one shape, or show the first one."""
    actual, expected = actual.astype(np.float64), expected.astype(np.float64)
    pattern = find_pattern(actual, expected, limit, relative)
    if pattern:
        return pattern
    wrong = wrong_values(actual, expected, limit, relative)
    place, first = find_place(wrong), _first_difference(actual, expected, wrong)
    return f"{place} {first[0].upper()}{first[1:]}" if place else first


@np.errstate(all="ignore")
def find_pattern(actual, expected, limit, relative):
    """Return a sentence on what all values of two float64 arrays of one shape show, or None.

    `limit` is the largest error that counts as none, `relative` says of which kind it is.
    """
    error_of = relative_error if relative else _absolute_error

    def close(array):
        return error_of(array, expected) <= max(limit, 1e-12)

    if expected.size < 2:
        return None
    if not actual.any():
        return "all values are 0."
    if close(-actual):
        return "the sign is wrong: every value is minus what it should be."
    factor = _constant_factor(actual, expected)
    if factor is not None and close(actual / factor):
        return f"every value is {factor:.6g} times what it should be."
    offset = float(np.mean(actual - expected))
    if close(actual - offset):
        return f"every value is off by the same amount, {offset:+.6g}."
    if not np.all((actual == 0) | (actual == 1)):
        if error_of(actual, expected**2) <= max(limit, 1e-12):
            return "every value is the square of what it should be."
        if close(actual**2):
            return "every value is the square root of what it should be."
    if relative and limit < 1e-7 and relative_error(actual, expected) < 2e-6:
        return SINGLE_PRECISION
    return _describe_order(actual, expected, close)


def _describe_order(actual, expected, close):
    """Say so if the values are the right ones at other places."""
    axes = range(expected.ndim)
    for one in axes:
        for other in range(one):
            if expected.shape[one] == expected.shape[other] and close(actual.swapaxes(one, other)):
                swapped = f"axes {other} and {one} are swapped."
                return "it is transposed." if expected.ndim == 2 else swapped
    for axis in axes:
        what = "the rows" if axis == 0 else "the columns" if expected.ndim == 2 else f"axis {axis}"
        size = expected.shape[axis]
        verb = "is" if what.startswith("axis") else "are"
        if size > 1 and close(np.flip(actual, axis)):
            return f"{what} {verb} in reverse order."
        if size > 2 and (close(np.roll(actual, 1, axis)) or close(np.roll(actual, -1, axis))):
            return f"{what} {verb} right but shifted by one."
        if size > 2 and close(_sorted(actual, expected, axis)):
            return f"{what} {verb} right but in another order."
    return None


def _sorted(actual, expected, axis):
    """Bring the slices of `actual` along an axis into the order that those of `expected` have."""

    def order(array):
        return np.lexsort(np.moveaxis(array, axis, -1).reshape(-1, array.shape[axis]))

    sources = np.empty(expected.shape[axis], dtype=int)
    sources[order(expected)] = order(actual)
    return np.take(actual, sources, axis)


def find_place(wrong):
    """Return a sentence on where the True values of a mask are, if they are together; else None."""
    if wrong.sum() < 2:
        return None
    names = {1: ("value",), 2: ("row", "column")}.get(wrong.ndim, ("example", "channel"))
    for axis, name in enumerate(names[: wrong.ndim]):
        size = wrong.shape[axis]
        others = tuple(each for each in range(wrong.ndim) if each != axis)
        where = np.flatnonzero(wrong.any(axis=others))
        if size > 2 and len(where) == 1:
            return f"only {name} {where[0]} of {size} is wrong."
        if size > 2 and np.array_equal(where, range(1, size)):
            return f"only the first {name} of {size} is right."
    if wrong.ndim > 2 and min(wrong.shape[-2:]) > 2 and not wrong[..., 1:-1, 1:-1].any():
        return "it is right inside and wrong on the border."
    return None


def wrong_values(actual, expected, limit, relative):
    """Return a mask of the values that are wrong."""
    scale = np.max(np.abs(expected[np.isfinite(expected)]), initial=0.0) if relative else 1.0
    with np.errstate(invalid="ignore"):
        return ~((actual == expected) | (np.abs(actual - expected) <= limit * (scale or 1.0)))


def _constant_factor(actual, expected):
    with np.errstate(divide="ignore", invalid="ignore"):
        big = np.abs(expected) > 1e-3 * np.max(np.abs(expected))
        ratio = actual[big] / expected[big]
    if ratio.size == 0 or not np.isfinite(ratio).all() or np.median(ratio) == 0:
        return None
    return float(np.median(ratio))


def _first_difference(actual, expected, wrong):
    where = _first(wrong)
    at = f"at index {where}: " if where else ""
    count = f" {int(wrong.sum())} of {expected.size} values are wrong." if expected.size > 1 else ""
    return f"{at}expected {expected[where]:.8g}, got {actual[where]:.8g}.{count}"


class _Probe:
    """Stands in for the grader's `probe` where an author runs a solved lesson by hand.

    In grading, `probe(name, value, ...)` hands `value` to the judge.
    """

    def __call__(self, name, value, **comparison):
        """Check that the call has the form that the judge needs."""
        if len({"rel_error", "abs_error", "exact", "accuracy"} & comparison.keys()) != 1:
            raise TypeError(
                f"probe {name!r} needs one of rel_error, abs_error, exact=True, accuracy"
            )
        if np.asarray(value).dtype == object:
            raise TypeError(f"probe {name!r} needs an array, a number or a text")

    def rng(self):
        """Return a generator of random numbers; in grading its seed is new for each class."""
        return np.random.default_rng()

    def input(self, name):
        """Return an array that the judge provides; known in grading only."""
        raise KeyError(f"{name!r} is there in grading only")


probe = _Probe()
_explain_in_notebook()

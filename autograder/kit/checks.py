"""Compare what your code computes with what it should compute.

    assert_close(out, correct_out, rel_error=1e-8)

prints the error when it is small enough, and otherwise explains how the two differ.
"""

import importlib
import sys

import numpy as np

__all__ = ["assert_close", "describe_difference", "hint", "probe", "relative_error"]


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
        self.question = _current["question"]
        self.mistake = helper and helper.recognise(self.question, _current["check"], actual)

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

    def close(a, b):
        error = relative_error(a, b) if relative else _absolute_error(a, b)
        return error <= max(limit, 1e-12)

    if expected.size > 1:
        if not actual.any():
            return "all values are 0."
        if close(-actual, expected):
            return "the sign is wrong: every value is minus what it should be."
        factor = _constant_factor(actual, expected)
        if factor is not None and close(actual / factor, expected):
            return f"every value is {factor:.6g} times what it should be."
        offset = float(np.mean(actual - expected))
        if close(actual - offset, expected):
            return f"every value is off by the same amount, {offset:+.6g}."
        if (
            expected.ndim == 2
            and expected.shape[0] == expected.shape[1]
            and close(actual.T, expected)
        ):
            return "it is transposed."
        for shift in (1, -1):
            if (
                expected.ndim >= 1
                and len(expected) > 2
                and close(np.roll(actual, shift, axis=0), expected)
            ):
                return "the rows are right but shifted by one."
    return _first_difference(actual, expected, limit, relative)


def _constant_factor(actual, expected):
    with np.errstate(divide="ignore", invalid="ignore"):
        big = np.abs(expected) > 1e-3 * np.max(np.abs(expected))
        ratio = actual[big] / expected[big]
    if ratio.size == 0 or not np.isfinite(ratio).all() or np.median(ratio) == 0:
        return None
    return float(np.median(ratio))


def _first_difference(actual, expected, limit, relative):
    scale = np.max(np.abs(expected[np.isfinite(expected)]), initial=0.0) if relative else 1.0
    with np.errstate(invalid="ignore"):
        wrong = ~((actual == expected) | (np.abs(actual - expected) <= limit * (scale or 1.0)))
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

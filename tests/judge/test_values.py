"""How close is close enough, and what is said about what isn't."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.judge import Expected, compare
from autograder.model import Foreign, Probe

RIGHT = np.array([[1.0, -2.0, 3.0], [0.5, 0.25, -4.0]])


def ask(actual, wanted=RIGHT, labels=None, **comparison):
    comparison = comparison or {"rel_error": 1e-9}
    return compare(actual, Expected(Probe("p", wanted, comparison), labels))


def test_equal_values_are_right():
    """The reference's own value always passes, and so does rounding."""
    assert ask(RIGHT) is None
    assert ask(RIGHT * (1 + 1e-13)) is None


def test_single_precision_result_is_told_apart_from_double():
    """A tolerance of 1e-9 does not accept a result that is right to single precision only."""
    third = np.array([1 / 3, 2 / 3])
    assert ask(third.astype(np.float32), third) is not None
    assert ask(third.astype(np.float32), third, rel_error=1e-6) is None


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        (3 * RIGHT, "3 times"),
        (-RIGHT, "sign"),
        (RIGHT + 0.5, "same amount"),
        (RIGHT.T, "transposed"),
        (RIGHT.reshape(-1), "reshape"),
        (np.zeros_like(RIGHT), "all values are 0"),
        (np.where(RIGHT == 3, np.nan, RIGHT), "NaN"),
        (np.where(RIGHT == 3, 7.0, RIGHT), "index (0, 2): expected 3, got 7"),
        (None, "without a return"),
        (Foreign("a list of arrays"), "a list of arrays"),
        ("text", "got 'text'"),
        (RIGHT.astype(np.int64), "whole numbers"),
        (RIGHT + 0j, "complex"),
    ],
)
def test_the_pattern_of_a_difference_is_named(actual, words):
    """A wrong value is never accepted, and the sentence says what is odd about it."""
    assert words in ask(actual)


def test_rows_shifted_by_one_are_named():
    """Off by one row is a common mistake of slicing."""
    rows = np.arange(20.0).reshape(5, 4) ** 2
    assert "shifted" in ask(np.roll(rows, 1, axis=0), rows)


def test_nan_never_passes_where_a_number_is_expected():
    """NaN compares false with everything, also with a limit."""
    assert ask(np.full(3, np.nan), np.zeros(3), abs_error=1e9) is not None


def test_infinity_equals_infinity_only():
    """An expected infinity must be met exactly, and doesn't widen the limit of the others."""
    wanted = np.array([1.0, np.inf])
    assert ask(np.array([1.0, np.inf]), wanted) is None
    assert ask(np.array([1.1, np.inf]), wanted) is not None
    assert ask(np.array([1.0, 5.0]), wanted) is not None
    assert ask(np.array([np.inf, np.inf]), wanted) is not None


@given(st.floats(1e-6, 1e6), st.integers(0, 5))
def test_error_beyond_the_limit_is_wrong_at_any_scale(scale, index):
    """The limit is relative to the largest expected magnitude of the array."""
    wanted = RIGHT * scale
    moved = wanted.copy()
    moved.flat[index] += 4.0 * scale * 2e-9
    assert ask(moved, wanted) is not None
    moved = wanted.copy()
    moved.flat[index] += 4.0 * scale * 0.4e-9
    assert ask(moved, wanted) is None


def test_exact_text_and_none():
    """Text and None are compared as they are."""
    assert ask("momentum", "momentum", exact=1) is None
    assert ask("Momentum", "momentum", exact=1) is not None
    assert ask(None, None, exact=1) is None
    assert ask(RIGHT, None, exact=1) is not None


def test_accuracy_uses_the_judges_labels_only():
    """Predictions are counted against labels that the reference run doesn't have either."""
    labels = np.array([0, 1, 2, 3])
    assert ask(np.array([0, 1, 2, 9]), None, labels, accuracy=0.75) is None
    assert "50.0%" in ask(np.array([0, 1, 9, 9]), None, labels, accuracy=0.75)
    assert "one label for each" in ask(np.array([0, 1]), None, labels, accuracy=0.1)
    assert ask(np.full(4, np.nan), None, labels, accuracy=0.1) is not None

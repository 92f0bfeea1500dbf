"""Where no mistake is known, the pattern of all wrong values is described."""

import numpy as np
import pytest

from autograder.judge import behaviour, describe
from autograder.model import Ending, Outcome, Probe

RNG = np.random.default_rng(0)
RIGHT = {
    f"{name}, {N} examples": RNG.normal(size=shape)
    for N in (4, 7)
    for name, shape in {"dx": (N, 3), "dw": (3, 5), "db": (5,)}.items()
}


def told(change, right=RIGHT, **comparison):
    """Describe what a program shows whose values are `change` of the name and the right value."""
    comparison = comparison or {"rel_error": 1e-9}
    outcomes = [
        Outcome(
            "q",
            Ending.OK,
            probes=tuple(
                Probe(name, np.asarray(of(name, v)), comparison) for name, v in right.items()
            ),
        )
        for of in (lambda name, value: value, change)
    ]
    return describe(behaviour(outcomes[:1], outcomes[1:]))


def number(name):
    return int(name.split()[1])


def only(label, change):
    return lambda name, value: change(name, value) if name.startswith(label) else value


def test_right_values_are_not_described():
    """There is nothing to say."""
    assert told(lambda name, value: value) == ""


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (lambda n: n, "N times"),
        (lambda n: 1 / n, "1/N times"),
        (lambda n: n - 1, "N - 1 times"),
        (lambda n: n / (n - 1), "N/(N - 1) times"),
        (lambda n: n**0.5, "the square root of N times"),
    ],
)
def test_a_factor_made_of_sizes_is_recognised(form, words):
    """It changes from probe to probe as the number of rows of another array does."""
    said = told(only("dw", lambda name, value: value * form(number(name))))
    assert said == (
        f"dw: every value is {words} what it should be, where N is the number of rows of dx."
    )


def test_a_factor_that_is_a_setting_is_recognised():
    """A probe's name tells the settings."""
    right = {f"loss, reg {reg}": RNG.normal(size=3) for reg in (0.3, 2.5)}
    said = told(lambda name, value: value * float(name.split()[-1]), right)
    assert "N times" in said
    assert "N is reg" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda value: 2 * value, "dw: every value is 2 times what it should be."),
        (lambda value: value / 2, "dw: every value is 0.5 times what it should be."),
        (lambda value: -value, "dw: the sign is wrong"),
        (lambda value: value.T, "dw: its shape is transposed."),
        (lambda value: value[None], "dw: an axis of length 1 is too many"),
        (lambda value: value.reshape(-1), "dw: it has the right number of values"),
        (lambda value: value[::-1], "dw: the rows are in reverse order."),
        (
            lambda value: value[:, [3, 0, 1, 4, 2]],
            "dw: the columns are right but in another order.",
        ),
        (lambda value: np.roll(value, 1, axis=1), "dw: the columns are right but shifted by one."),
        (lambda value: value.astype(np.float32), "dw: it is right to single precision only"),
        (lambda value: np.round(value).astype(int), "dw: whole numbers (int64)"),
        (lambda value: np.where(np.arange(3)[:, None] == 0, value, 7.0), "only the first row of 3"),
        (lambda value: np.where(np.arange(5) == 2, 7.0, value), "dw: only column 2 of 5 is wrong."),
        (lambda value: value * np.nan, "dw: all values are NaN."),
        (lambda value: np.where(np.arange(5) == 2, np.nan, value), "NaN: only column 2"),
        (lambda value: value + 0.5, "off by the same amount"),
    ],
)
def test_what_all_wrong_values_show_is_said(change, words):
    """Of those arrays that are wrong, and of no other."""
    said = told(only("dw", lambda name, value: change(value)))
    assert words in said
    assert "dx" not in said


@pytest.mark.parametrize("other", [lambda v: v + 0.5, lambda v: v * RNG.normal(size=v.shape)])
def test_values_that_are_nearly_right_by_chance_are_no_single_precision(other):
    """Where another array is far off, a small error is not put down to float32."""

    def change(name, value):
        return value + 1e-7 * RNG.normal(size=value.shape) if "dw" in name else other(value)

    assert "single precision" not in told(change)
    assert "single precision" in told(only("dw", change))


def test_pictures_are_described_by_their_axes():
    """Height and width exchanged, or a border left out."""
    right = {f"out, {N} pictures": RNG.normal(size=(N, 2, 5, 5)) for N in (2, 3)}
    assert "axes 2 and 3 are swapped" in told(lambda name, v: v.swapaxes(2, 3), right)
    inside = np.zeros((5, 5), dtype=bool)
    inside[1:-1, 1:-1] = True
    assert "wrong on the border" in told(lambda name, v: np.where(inside, v, 0), right)


def test_arrays_that_are_wrong_alike_are_named_together():
    """One sentence for all of them."""
    said = told(lambda name, value: value if name.startswith("db") else -value)
    assert said.startswith("dx and dw: the sign is wrong")


def test_values_without_a_pattern_are_not_described():
    """Random numbers are random numbers."""
    assert told(lambda name, value: RNG.normal(size=value.shape)) == ""


def test_a_pattern_that_holds_in_one_place_only_is_not_claimed():
    """Half of the wrong values tell against it."""
    change = only("dw", lambda name, v: -v if number(name) == 4 else v + RNG.normal(size=v.shape))
    assert "sign" not in told(change)


def test_results_that_are_right_are_told_from_those_that_are_wrong():
    """Where the wrong values show no pattern, it helps to know which results have the mistake."""
    said = told(only("dw", lambda name, value: value + RNG.normal(size=value.shape)))
    assert said == "Wrong: dw; right: dx and db."


def test_inputs_that_are_right_are_told_from_those_that_are_wrong():
    """A mistake that shows with some inputs only."""

    def change(name, value):
        return value + RNG.normal(size=value.shape) * ("7 examples" in name)

    assert told(change) == "Wrong: 7 examples; right: 4 examples."


def test_nothing_is_said_where_neither_tells_them_apart():
    """Half a truth would lead astray."""

    def change(name, value):
        return value + RNG.normal(size=value.shape) * (name in ("dx, 4 examples", "dw, 7 examples"))

    assert told(change) == ""


def test_that_shapes_are_right_is_not_worth_a_word():
    """Exact probes are about form."""
    right = {"out": RNG.normal(size=(3, 2)), "shape": np.array([3, 2])}
    comparisons = {"out": {"rel_error": 1e-9}, "shape": {"exact": 1.0}}
    outcomes = [
        Outcome(
            "q",
            Ending.OK,
            probes=tuple(
                Probe(name, value + noise * RNG.normal(size=value.shape), comparisons[name])
                for (name, value), noise in zip(right.items(), noises, strict=True)
            ),
        )
        for noises in ((0, 0), (1, 0))
    ]
    assert describe(behaviour(outcomes[:1], outcomes[1:])) == ""

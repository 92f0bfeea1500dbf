"""Known mistakes are recognised by their values, however they are written, and nothing else is."""

import pytest

from autograder.model import Verdict


def test_a_right_program_costs_no_run_more_and_gets_no_diagnosis(course):
    """Who is right pays nothing for the explanations of others."""
    report = course.grade()
    assert [result.diagnosis for result in report.results] == [None] * len(report.results)
    assert len(course.sandbox.runs) == len(course.session.assignment.notebooks)


def test_a_syntax_error_is_compared_with_nothing(course):
    """No known mistake is one, and no small call can show more than that."""
    report = course.grade(**{"smallpkg/layers_py": "def forward(x, w, b:\n"})
    wrong = [result for result in report.results if result.verdict is Verdict.ERROR]
    assert wrong and [result.diagnosis for result in wrong] == [None] * len(wrong)


def test_a_right_program_written_differently_gets_no_name(course):
    """Rounding is no mistake."""
    code = "def mean_naive(x):\n    return np.add.reduce(x / x.shape[0], axis=0)"
    assert course.names(code) == {}


def test_a_mistake_is_named_however_it_is_written(course):
    """What counts is what a program computes."""
    code = "def forward(x, w, b):\n    return np.einsum('nd,dm->nm', x, w), (x, w)"
    assert course.names(code)["forward"] == [("no-bias",)]


def test_an_answer_in_the_notebook_is_named(course):
    """Cells are written by students as modules are."""
    answer = "def count(x):\n    return np.array([sum(column > 0) for column in x.T])"
    assert course.names(answer=answer) == {"count": [("row-counted-as-column",)]}


def test_mistakes_that_do_the_same_are_named_together(course):
    """What can't be told apart is not chosen from."""
    found = course.names("def mean_naive(x):\n    return x.sum(axis=0)")
    assert found["mean_naive"] == [("sum-naive",), ("sum-naive-again",)]


def test_a_mistake_is_named_in_what_calls_its_function_too(course):
    """A gradient that is averaged twice shows in the network that uses it."""
    code = """
def backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ (dout / len(dout)), dout.sum(axis=0)
"""
    assert course.names(code) == {"backward": [("dw-averaged",)], "Net_loss": [("dw-averaged",)]}


def test_two_mistakes_in_one_function_are_named_both(course):
    """Their patches fit into one text, so that the pair was run to be sure."""
    code = """
def backward(dout, cache):
    x, w = cache
    N = x.shape[0]
    return dout @ w.T, x.T @ dout / N, np.add.reduce(dout) / N
"""
    assert course.names(code)["backward"] == [("dw-averaged", "db-averaged")]


def test_two_mistakes_that_do_not_fit_into_one_text_are_named_by_what_each_shows(course):
    """One shows in dx alone, the other one in db alone."""
    code = """
def backward(dout, cache):
    x, w = cache
    return -(dout @ w.T), x.T @ dout, dout.mean(0)
"""
    (found,) = course.names(code)["backward"]
    assert set(found) == {"dx-negative", "db-averaged"}


def test_a_mistake_that_raises_is_named_by_what_it_raises(course):
    """The same exception, after the same values."""
    code = """
def backward(dout, cache):
    x, w = cache
    dx = dout @ w.T
    dw = np.asarray(x) @ dout
    return dx, dw, dout.sum(axis=0)
"""
    assert course.names(code)["backward"] == [("dw-transposed",)]


def test_another_exception_is_not_named(course):
    """An exception alone says little."""
    code = "def backward(dout, cache):\n    raise ValueError('something else')"
    assert course.names(code) == {}


@pytest.mark.parametrize(
    "change", ["out = x @ w + b + 1e-6", "out = 0 * (x @ w)", "out = x @ w - b"]
)
def test_an_unknown_mistake_gets_no_name(course, change):
    """A name that isn't true is worse than none."""
    code = f"def forward(x, w, b):\n    {change}\n    return out, (x, w)"
    assert course.names(code) == {}


def test_half_of_a_mistake_gets_no_name(course):
    """A value that is right where the mistake is wrong tells against it."""
    code = "def forward(x, w, b):\n    return x @ w + (b if len(x) < 4 else 0), (x, w)"
    assert course.names(code) == {}


def test_random_functions_are_named_by_their_statistics(course):
    """Other random numbers, the same mistake."""
    code = "def thin(x, keep):\n    return x * (np.random.rand(*x.shape) > keep) / keep"
    assert course.names(code) == {"thin": [("kept-and-dropped-exchanged",)]}


def test_a_random_function_that_is_wrong_otherwise_gets_no_name(course):
    """It keeps too few, but not what should be dropped."""
    code = "def thin(x, keep):\n    return x * (np.random.rand(*x.shape) < keep**2) / keep"
    assert course.names(code) == {}


def test_a_signature_is_paid_for_once(course):
    """The second student with the same mistake costs no run of the solved course."""
    answer = "def count(x):\n    return np.sum(x > 0, axis=0)"
    course.names(answer=answer)
    assert course.names(answer=answer) == {"count": [("row-counted-as-column",)]}
    lessons, example = len(course.session.assignment.notebooks), 1
    assert len(course.sandbox.runs) == lessons + example


def test_what_an_exception_means_is_said(course):
    """Where no mistake is known, plain words stand behind those of the library."""
    result = course.results("def forward(x, w, b):\n    return {}['W9'], (x, w)\n")["forward"]
    assert result.verdict is Verdict.ERROR
    assert "The dictionary has no key 'W9'." in result.diagnosis.difference

"""The smallest input on which a program is wrong is shown, and never gets in the way."""

import pytest

from autograder.grading.examples import load_examples
from autograder.model import CourseError, Example, Paths

NO_BIAS = "def forward(x, w, b):\n    return x @ w, (x, w)"


def test_the_first_call_that_goes_wrong_is_shown(course):
    """As code that a student can run, with what comes out and what should."""
    found = course.results(NO_BIAS)["forward"].diagnosis.example
    assert found == Example(
        call="x = np.array([[1.]])\nw = np.array([[3.]])\nb = np.array([3.])\n"
        "out, cache = forward(x, w, b)",
        got="out = [[3.]]",
        expected="out = [[6.]]",
    )


def test_calls_that_are_right_are_not_shown(course):
    """With one row the mean is the sum: it takes two of them."""
    code = """
def backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.mean(axis=0)
"""
    example = course.results(code)["backward"].diagnosis.example
    assert example.call.startswith("x = np.array([[1.],\n              [1.]])\n")
    assert (example.got, example.expected) == ("db = [2.5]", "db = [5.]")


def test_an_exception_is_shown_in_place_of_a_value(course):
    """What was raised, without a traceback."""
    code = "def forward(x, w, b):\n    raise KeyError('bias')"
    assert course.results(code)["forward"].diagnosis.example.got == "KeyError: 'bias'"


def test_a_wrong_shape_is_said(course):
    """Numbers alone wouldn't show it."""
    code = "def forward(x, w, b):\n    return (x @ w + b)[0], (x, w)"
    assert (
        course.results(code)["forward"].diagnosis.example.got
        == "out = [6.]  (shape (1,), not (1, 1))"
    )


def test_an_answer_in_the_notebook_has_examples_too(course):
    """Its cell is the student's there."""
    answer = "def count(x):\n    return (x < 2).sum(axis=1)"
    example = course.results(answer=answer)["count"].diagnosis.example
    assert example.call == ("x = np.array([[1., 1.],\n              [2., 3.]])\nout = count(x)")
    assert (example.got, example.expected) == ("out = [2, 0]", "out = [2, 2]")


@pytest.mark.slow
@pytest.mark.parametrize(
    "body", ["while len(x) < 3: pass", "import os; os._exit(1) if len(x) < 3 else 0"]
)
def test_a_call_that_never_ends_costs_the_example_alone(course, body):
    """Small inputs may lead a wrong program into an endless loop that large ones don't."""
    code = f"def backward(dout, cache):\n    x, w = cache\n    {body}\n    return x, w, x"
    code = code.replace("len(x) < 3", "x.shape in ((1, 1), (2, 1))")
    result = course.results(code)["backward"]
    assert result.points == 0
    assert result.diagnosis is None or result.diagnosis.example is None


def test_questions_without_calls_have_no_example(course):
    """Authors write them where they help."""
    found = course.results("def mean_naive(x):\n    return x.sum(axis=0)")["mean_naive"].diagnosis
    assert found.example is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("__all__ = ['nothing']\ndef nothing():\n    yield {}, 'x = 1'", "no question 'nothing'"),
        ("__all__ = ['forward']\ndef forward():\n    yield {}, 'forward()'", "must bind"),
        ("__all__ = ['forward']\ndef forward():\n    yield 1 / 0", "ZeroDivisionError"),
        ("nonsense(", "SyntaxError"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_before_anything_is_graded(
    course, tmp_path, text, words
):
    """The message names the file."""
    file = tmp_path / "assignments/mistakes/small/examples.py"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(CourseError, match=words) as caught:
        load_examples(Paths(tmp_path), course.session.assignment)
    assert str(file) in str(caught.value)

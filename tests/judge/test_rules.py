"""Rules about the text of a function."""

import pytest

from autograder.judge import broken_rule
from autograder.model import SourceRule

RULE = SourceRule("q", "m.py:K.fast", loops=False, forbidden=("np.linalg.norm",))


def ask(body, extra="", imports="import numpy as np"):
    lines = "\n        ".join(body.split("\n"))
    return broken_rule(
        RULE, f"{imports}\nclass K:\n    def fast(self, x):\n        {lines}\n{extra}".encode()
    )


@pytest.mark.parametrize(
    "body",
    [
        "for i in x:\n    pass",
        "while x:\n    pass",
        "return [i for i in x]",
        "return sum(i for i in x)",
        "return np.vectorize(f)(x)",
        "return list(map(f, x))",
        "return np.apply_along_axis(f, 0, x)",
        "return functools.reduce(f, x)",
        "return reduce(f, x)",
        "def inner():\n    for i in x: pass\nreturn inner()",
    ],
)
def test_every_kind_of_loop_is_found(body):
    """Loops, comprehensions, and functions that loop in Python's stead."""
    assert "loop" in ask(body)


def test_a_loop_in_another_encoding_is_found():
    """In UTF-7 a comment can hold lines that Python runs."""
    body = "pass  # +AAo-        for i in x: pass"
    assert ask(body) is None
    assert "loop" in ask(body, imports="# coding: utf-7")


@pytest.mark.parametrize("depth", [2_000, 20_000])
def test_a_module_that_nests_too_deeply_breaks_the_rule(depth):
    """Another module may raise the interpreter's limits, and then this one runs."""
    assert "deeply" in ask(f"return x{'.T' * depth}")


def test_reducing_an_array_is_no_loop():
    """A ufunc's own reduce works on whole arrays."""
    assert ask("return np.logaddexp.reduce(x, axis=1)") is None


def test_a_loop_in_a_helper_is_found():
    """Functions of the same module and methods of the same class are followed."""
    method = "    def slow(self, x):\n        for i in x: pass\n"
    assert "slow" in ask("return self.slow(x)", method)
    assert "helper" in ask("return helper(x)", "def helper(x):\n    while True: pass\n")


def test_loops_elsewhere_don_t_matter():
    """Only what the function reaches is looked at."""
    assert ask("return x @ x.T", "    def slow(self, x):\n        for i in x: pass\n") is None


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("import numpy as np", "np.linalg.norm(x)"),
        ("import numpy", "numpy.linalg.norm(x)"),
        ("from numpy.linalg import norm", "norm(x)"),
        ("from numpy import linalg as la", "la.norm(x)"),
    ],
)
def test_a_forbidden_function_is_found_under_any_name(imports, call):
    """Imports are resolved."""
    assert "np.linalg.norm" in ask(f"return {call}", imports=imports)


@pytest.mark.parametrize("source", [b"def broken(", b"\x00", b"x = " + b"(" * 1000, b"\xff\xfe"])
def test_unreadable_text_breaks_no_rule(source):
    """What can't be parsed can't run either; the verdict comes from running it."""
    assert broken_rule(RULE, source) is None


def test_a_huge_module_is_refused():
    """The parser is not fed what no student writes."""
    assert "longer" in broken_rule(RULE, b"#" * 300_000)

"""The operators make the mistakes that they promise, each once, and only where they may."""

import ast
import textwrap

import pytest

from autograder.authoring import replace_definitions
from autograder.certify.operators import mutations

CASES = [
    # what stands there, a mistake that must be among its mutants
    ("out = x.sum(axis=0)", "out = x.sum(axis=1)"),
    ("out = x.sum(axis=1, keepdims=True)", "out = x.sum(axis=1)"),
    ("out = x.sum(axis=1, keepdims=True)", "out = x.sum(axis=1, keepdims=False)"),
    ("out = x.mean()", "out = x.sum()"),
    ("out = x.sum()", "out = x.mean()"),
    ("out = x + y", "out = x - y"),
    ("out = x - y", "out = y - x"),
    ("out = -np.log(x)", "out = np.log(x)"),
    ("out = x / N", "out = x"),
    ("out = x / (N - 1)", "out = x / N"),
    ("N = len(x)", "N = len(x) - 1"),
    ("N = len(x)", "N = 10"),
    ("N = len(x)", "N = x.shape[-1]"),
    ("out = np.zeros((num_classes, 3))", "out = np.zeros((10, 3))"),
    ("C = x.shape[1]", "C = 3072"),
    ("out = loss + 0.5 * reg * y", "out = loss + 1.0 * reg * y"),
    ("out = loss + 0.5 * reg * y", "out = loss"),
    ("out = loss + reg * y", "out = loss + y"),
    ("out = x[1:]", "out = x[2:]"),
    ("out = x[:y]", "out = x[:y - 1]"),
    ("out = x[y:]", "out = x"),
    ("x, w, b = cache; out = x + w", "x, w, b = cache; out = x + b"),
    ("x, w, b = cache", "w, x, b = cache"),
    ("out = dout * (x > 0)", "out = dout * (x >= 0)"),
    ("out = np.sqrt(x + eps)", "out = np.sqrt(x) + eps"),
    ("out = np.sqrt(x) + eps", "out = np.sqrt(x + eps)"),
    ("out = np.sqrt(x + eps)", "x += eps; out = np.sqrt(x)"),
    ("out = x - x.max()", "out = x"),
    ("out = np.maximum(x, 0)", "out = np.minimum(x, 0)"),
    ("out = np.maximum(x, 0)", "out = np.maximum(x, 0, out=x)"),
    ("x = x + y", "x += y"),
    ("return x + y", "x += y; return x"),
    ("out = x * y", "x *= y; out = x"),
    ("x += y", "x = y"),
    ("x += y", "pass"),
    ("config['v'] = x", "pass"),
    ("self.x = x", "pass"),
    ("out = x @ y.T", "out = x @ y"),
    ("out = x @ y", "out = y @ x"),
    ("out = f(x, y)", "out = f(y, x)"),
    ("out = np.exp(x)", "out = x"),
    ("out = grads['W1'] + grads['W2']", "out = grads['W1'] + grads['W1']"),
    ("scores = f(x)", "scores = f(x); scores = np.maximum(scores, 0)"),
    ("loss += reg * f(W1)", "loss += reg * f(W1); loss += reg * f(b1)"),
    ("sizes = [a, *x, y]", "sizes = x; x.insert(0, a); x.append(y)"),
    ("for i in range(y): f(i)", "for i in list(range(y))[1:]: f(i)"),
    ("if x and y: f(x)", "if x or y: f(x)"),
    ("if x: f(x)", "if not x: f(x)"),
    ("out = x if y else z", "out = z"),
    ("out = [f(i) for i in x if i]", "out = [f(i) for i in x]"),
    ("return x[:, None]", "return x[None, :]"),
    ("return (x, y)", "return (y, x)"),
]


def mutants_of(body, first=2, last=99):
    function = "def solution(x, y):\n" + textwrap.indent(body.replace("; ", "\n"), "    ")
    return list(mutations(ast.parse(function), first, last))


def normal(body):
    return ast.dump(ast.parse("def solution(x, y):\n" + textwrap.indent(body, "    ")))


@pytest.mark.parametrize(("before", "after"), CASES)
def test_mistake_is_made(before, after):
    """Each of these mistakes is one of the mutants of the statement."""
    expected = normal(after.replace("; ", "\n"))
    assert expected in [ast.dump(ast.parse(mutant.text)) for mutant in mutants_of(before)]


@pytest.mark.parametrize("before", [before for before, _ in CASES])
def test_mutants_differ_from_the_solution_and_from_each_other(before):
    """No mutant is the program that it was made of, and none is made twice."""
    made = [normal(before.replace("; ", "\n"))]
    made += [ast.dump(ast.parse(mutant.text)) for mutant in mutants_of(before)]
    assert len(made) > 1
    assert len(set(made)) == len(made)


def test_only_the_given_lines_are_changed():
    """What is given to students around a solution stays as it is in each mutant."""
    made = mutants_of("a = x + 1; b = x + 2; c = x + 3", first=3, last=3)
    assert made
    for mutant in made:
        lines = mutant.text.split("\n")
        assert (lines[1], lines[-1]) == ("    a = x + 1", "    c = x + 3")
        assert mutant.line == 3
        assert mutant.before == "b = x + 2" != mutant.after


def test_the_tree_is_left_as_it_was():
    """Making mutants doesn't change what they are made of."""
    tree = ast.parse("def solution(x, y):\n    if x > 0:\n        x += y[1:]\n    return x, y")
    before = ast.dump(tree)
    assert len(list(mutations(tree, 2, 4))) > 10
    assert ast.dump(tree) == before


MODULE = '''"""A module."""

import numpy as np


def first(x):
    return x


class Box:
    def get(self):
        return 1

    def put(self):
        return 2


def last(x):
    return 3
'''


OTHER = '''"""Other."""

import math


def last(x):
    return helper(x)


class Box:
    def put(self):
        return math.pi

    def more(self):
        return 5


def helper(x):
    return 4
'''


def test_definitions_are_replaced_in_their_place():
    """Functions and methods of the same name give way; helpers and imports are added."""
    names = {}
    exec(replace_definitions(MODULE, OTHER), names)
    box = names["Box"]()
    assert (names["first"](0), names["last"](0)) == (0, 4)
    assert (box.get(), round(box.put(), 2), box.more()) == (1, 3.14, 5)
    assert names["__doc__"] == "A module."

"""A mistake costs marks once; and nobody earns marks for what isn't written."""

import dataclasses
import json

import pytest

from autograder.authoring import replace_definitions
from autograder.grading.store import to_json
from autograder.model import Verdict

WRONG_FORWARD = "def forward(x, w, b):\n    return x @ w, (x, w)\n"
WRONG_BACKWARD = """
def backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout * 3, dout.sum(axis=0)
"""
WRONG_NAIVE = "def mean_naive(x):\n    return 7 * x[0]\n"


def test_a_right_function_gets_its_points_though_another_is_wrong(course):
    """The verdict stays: it is what was seen. The points say what it was worth."""
    found = course.results(WRONG_BACKWARD)
    assert (found["backward"].verdict, found["backward"].points) == (Verdict.WRONG, 0)
    net = found["Net_loss"]
    assert (net.verdict, net.points, net.follow_through) == (Verdict.WRONG, 4, 4)
    assert net.given == ("backward",)
    assert (found["forward"].points, found["forward"].follow_through) == (2, 0)


def test_functions_that_share_a_cache_of_the_students_own_are_given_together(course):
    """The solved backward can't read what this forward keeps; only the wrong one is named."""
    code = """
def forward(x, w, b):
    return x @ w + b, {"input": x, "weights": w}

def backward(dout, cache):
    x, w = cache["input"], cache["weights"]
    return dout @ w.T, x.T @ dout * 3, dout.sum(axis=0)
"""
    found = course.results(code)
    assert (found["forward"].points, found["backward"].points) == (2, 0)
    assert (found["Net_loss"].points, found["Net_loss"].given) == (4, ("backward",))
    net = "class Net:\n    def loss(self, x):\n        return 1.0, {'w1': self.w1, 'w2': self.w2}"
    layers = course.trials.solved["smallpkg/layers.py"].decode()
    wrong = {"smallpkg/layers_py": replace_definitions(layers, code)}
    assert course.results(net, **wrong)["Net_loss"].points == 0


def test_a_question_about_no_function_of_its_own_is_followed_too(course):
    """It is about what it calls itself: that must be the student's, and right."""
    found = course.results(WRONG_BACKWARD)["gradient_check"]
    assert (found.verdict, found.points, found.given) == (Verdict.WRONG, 1, ("backward",))
    wrong_net = "class Net:\n    def loss(self, x):\n        return 1.0, {'w1': 0, 'w2': 0}"
    found = course.results(wrong_net)
    assert (found["Net_loss"].points, found["gradient_check"].points) == (0, 0)


def test_a_function_that_is_wrong_too_gets_nothing(course):
    """It is tried with right functions and is still wrong."""
    net = "class Net:\n    def loss(self, x):\n        return 1.0, {'w1': self.w1, 'w2': self.w2}"
    layers = (
        course.trials.solved["smallpkg/layers.py"].decode().replace("x.T @ dout", "x.T @ dout * 3")
    )
    found = course.results(net, **{"smallpkg/layers_py": layers})
    assert (found["Net_loss"].points, found["Net_loss"].given) == (0, ())


def test_what_another_has_not_written_yet_is_given_as_well(course):
    """Whoever skips the first function isn't punished in the third."""
    code = "def forward(x, w, b):\n    raise NotImplementedError('forward')\n"
    found = course.results(code)
    assert found["forward"].points == 0
    assert (found["Net_loss"].verdict, found["Net_loss"].points) == (Verdict.NOT_ATTEMPTED, 4)
    assert found["Net_loss"].given == ("forward",)


@pytest.mark.parametrize(("share", "points"), [(0.5, 2), (0, 0)])
def test_an_assignment_says_what_it_is_worth(course, monkeypatch, share, points):
    """`follow_through` is a share of the points."""
    signatures = course.session.explainer.signatures
    changed = dataclasses.replace(signatures.assignment, follow_through=share)
    monkeypatch.setattr(signatures, "assignment", changed)
    assert course.results(WRONG_BACKWARD)["Net_loss"].points == points


def test_a_module_that_cannot_be_read_gets_no_follow_through(course):
    """Nothing can be replaced in it; what stands in another module can be right all the same."""
    found = course.results(**{"smallpkg/layers_py": "def forward(:\n"})
    assert found["backward"].points == 0
    assert found["Net_loss"].points == 4


def test_a_function_that_was_never_written_gets_nothing(course):
    """The stub, an empty function, and none at all."""
    for body in ("raise NotImplementedError('backward')", "pass", "return None, None, None"):
        code = f"{WRONG_FORWARD}\ndef backward(dout, cache):\n    {body}\n"
        assert course.results(code)["backward"].points == 0


TWINS = {
    "it calls its twin": "def mean_fast(x):\n    return mean_naive(x)",
    "it calls a helper that calls its twin": (
        "def helper(x):\n    return mean_naive(x)\n\ndef mean_fast(x):\n    return helper(x)"
    ),
    "it looks its twin up": ("def mean_fast(x):\n    return globals()['mean' + '_naive'](x)"),
    "it finds its twin in another module's name": (
        "import sys\n\ndef mean_fast(x):\n"
        "    return getattr(sys.modules[__name__], 'mean' + '_naive')(x)"
    ),
    "it imports its twin by another name": (
        "from smallpkg.layers import mean_naive as other\n\ndef mean_fast(x):\n    return other(x)"
    ),
    "it becomes its twin when the module is read": (
        "def mean_fast(x):\n    return 2 * x\n\nmean_fast = mean_naive"
    ),
    "it is the stub, and its twin is right": (
        "def mean_fast(x):\n    raise NotImplementedError('mean_fast')"
    ),
    "it takes the twin from its caller": (
        "import sys\n\ndef mean_fast(x):\n"
        "    return sys._getframe(1).f_globals['mean' + '_naive'](x)"
    ),
}


@pytest.mark.parametrize("how", TWINS)
def test_nobody_earns_points_by_a_twin_that_was_put_right(course, how):
    """mean_fast is not written, and mean_naive is wrong: neither may become right by the other."""
    found = course.results(f"{WRONG_NAIVE}\n{TWINS[how]}\n")
    assert (found["mean_fast"].points, found["mean_fast"].given) == (0, ())
    assert found["mean_naive"].points == 0


def test_an_honest_function_with_a_twin_gets_its_points(course):
    """It is compared with its twin, and the twin is wrong."""
    found = course.results(f"{WRONG_NAIVE}\ndef mean_fast(x):\n    return np.mean(x, axis=0)\n")
    assert (found["mean_fast"].points, found["mean_fast"].given) == (2, ("mean_naive",))


def test_a_rule_about_the_text_holds(course):
    """mean_fast must have no loop, whatever stands around it."""
    code = (
        f"{WRONG_NAIVE}\ndef mean_fast(x):\n    return np.array([sum(c) for c in x.T]) / len(x)\n"
    )
    assert course.results(code)["mean_fast"].points == 0


def test_nothing_but_the_points_leaves_such_a_run(course):
    """Code that reads the solved functions beside it can't tell anybody what it read."""
    spy = """
class Net:
    def loss(self, x):
        text = open("smallpkg/layers.py").read()
        print("SPY" + text[text.index("def backward"):])
        raise ValueError("SPY" + text[text.index("def backward"):])
"""
    layers = (
        course.trials.solved["smallpkg/layers.py"].decode().replace("x.T @ dout", "mine(x, dout)")
    )
    report = course.grade(spy, **{"smallpkg/layers_py": layers})
    shown = [str(cell.outputs) for cells in report.notebooks.values() for cell in cells]
    told = json.dumps(to_json(report)) + "".join(shown)
    assert "SPY" in told
    assert "mine(x, dout)" in told
    assert "x.T @ dout" not in told

"""The softmax lesson: its solved code is right, its checks tell right from wrong."""

from __future__ import annotations

import ast
import math

import numpy as np
import pytest
from cs231n.classifiers.linear_classifier import Softmax
from cs231n.classifiers.softmax import softmax_loss_naive, softmax_loss_vectorized
from cs231n.gradient_check import eval_numerical_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from lesson import ASSIGNMENTS, Lesson
from variants import edited

from autograder.authoring.course import author_assignment
from autograder.judge.rules import broken_rule
from autograder.model import Paths, Role

LESSON = Lesson("assignment1", "softmax")
LOSSES = (softmax_loss_naive, softmax_loss_vectorized)
NAIVE, FAST = (function.__name__ for function in LOSSES)
SEEDS = (1, 2, 3)


# ------------------------------------------------------------------------------- solved code


def dull_loss(W, X, y, reg):
    """The loss as on paper, with Python's numbers alone; for scores that don't overflow."""
    total = 0.0
    for x, right in zip(X.tolist(), y.tolist(), strict=True):
        scores = [math.fsum(a * b for a, b in zip(x, w, strict=True)) for w in W.T.tolist()]
        total -= math.log(math.exp(scores[right]) / math.fsum(map(math.exp, scores)))
    return total / len(X) + reg * math.fsum(v * v for v in W.ravel().tolist())


def batch(seed, N=6, D=4, C=3):
    """Draw weights, examples and labels."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(D, C)), rng.normal(size=(N, D)), rng.integers(C, size=N)


@pytest.mark.parametrize("function", LOSSES)
@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 1000),
    N=st.integers(1, 5),
    D=st.integers(1, 4),
    C=st.integers(2, 12),
    reg=st.sampled_from([0.0, 0.25, 30.0]),
)
def test_loss_is_that_on_paper(function, seed, N, D, C, reg):
    """The loss is that of the dull oracle, for all sizes."""
    W, X, y = batch(seed, N, D, C)
    assert function(W, X, y, reg)[0] == pytest.approx(dull_loss(W, X, y, reg), rel=1e-11)


@pytest.mark.parametrize("function", LOSSES)
@pytest.mark.parametrize("reg", [0.0, 0.3, 50.0])
def test_gradient_is_the_numeric_one(function, reg):
    """The gradient belongs to the loss, the regularisation's part included."""
    W, X, y = batch(5, 8, 5, 4)
    numeric = eval_numerical_gradient(lambda W: function(W, X, y, reg)[0], W)
    assert np.allclose(function(W, X, y, reg)[1], numeric, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("function", LOSSES)
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_loss_and_gradient_are_those_of_pytorch(function, scale):
    """PyTorch's cross-entropy agrees, with small scores and with large ones."""
    torch = pytest.importorskip(
        "torch", reason="PyTorch gives a second opinion; it isn't installed"
    )
    W, X, y = batch(7, 9, 5, 6)
    W *= scale
    weights = torch.tensor(W, requires_grad=True)
    entropy = torch.nn.functional.cross_entropy(torch.tensor(X) @ weights, torch.tensor(y))
    expected = entropy + 0.2 * (weights**2).sum()
    expected.backward()
    loss, dW = function(W, X, y, 0.2)
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    assert np.allclose(dW, weights.grad.numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("function", LOSSES)
def test_loss_of_equal_scores(function):
    """With weights of zero the loss is log C."""
    for C in (2, 7, 10):
        _, X, y = batch(1, 5, 3, C)
        assert function(np.zeros((3, C)), X, y, 9.0)[0] == pytest.approx(math.log(C), rel=1e-15)


@pytest.mark.parametrize("function", LOSSES)
@pytest.mark.parametrize("shift", [1e3, -1e3, 1e5])
def test_shifted_scores_cost_the_same(function, shift):
    """A number added to all scores of an example changes nothing, however large it is."""
    W, _, _ = batch(3, 1, 4, 5)
    y = np.array([0, 4, 2, 2])
    shifts = np.array([[shift], [-shift], [0], [shift / 2]])
    (loss, dW), (shifted, dW_shifted) = (function(V, np.eye(4), y, 0.0) for V in (W, W + shifts))
    assert shifted == pytest.approx(loss, rel=1e-9)
    assert np.allclose(dW_shifted, dW, rtol=1e-9)


@pytest.mark.parametrize("function", LOSSES)
def test_hopeless_examples_cost_their_lead(function):
    """Where the right class is a thousand behind, the loss is a thousand, not infinite."""
    W = np.array([[0.0, 1000.0, -5.0]])
    loss, dW = function(W, np.ones((1, 1)), np.array([0]), 0.0)
    assert loss == 1000
    assert dW.tolist() == [[-1, 1, 0]]


@pytest.mark.parametrize("function", LOSSES)
def test_float32_gives_float32(function):
    """Loss and gradient of float32 are near those of float64, and cost no float64 arrays."""
    W, X, y = batch(2)
    loss, dW = function(W.astype(np.float32), X.astype(np.float32), y, 0.1)
    expected_loss, expected_dW = function(W, X, y, 0.1)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert dW.dtype == np.float32
    assert np.allclose(dW, expected_dW, atol=1e-5)


def test_softmax_learns_separate_heaps():
    """A softmax classifier finds the classes of well separated points, and its loss falls."""
    y = np.arange(60) % 3
    X = 4 * np.eye(3)[y] + np.random.default_rng(0).normal(size=(60, 3))
    softmax = Softmax()
    history = softmax.train(X, y, learning_rate=0.1, reg=1e-3, num_iters=400, batch_size=20)
    assert np.mean(softmax.predict(X) == y) > 0.9
    assert history[0] == pytest.approx(math.log(3), rel=0.02)
    assert np.mean(history[-50:]) < 0.3


# ------------------------------------------------------------------------------- the lesson


@pytest.mark.parametrize("question", LESSON.names(Role.QUESTION))
def test_question_stands_alone(question):
    """What students see of a question passes on the solved package without other questions."""
    assert LESSON.show_visible(question).count("Good: ") >= 5
    for seed in SEEDS:
        assert LESSON.problems(question, seed=seed) == []


@pytest.mark.parametrize("question", LESSON.names(Role.QUESTION))
def test_hidden_inputs_depend_on_the_seed(question):
    """Another grading run asks for other values."""
    first, second = (LESSON.run(question, seed=seed) for seed in (1, 2))
    assert first.keys() == second.keys()
    assert any(not np.array_equal(first[name].value, second[name].value) for name in first)


def test_loops_are_found():
    """The solved function keeps the rule that a student's is held to; a loop breaks it."""
    assignment = author_assignment(Paths(ASSIGNMENTS.parent), "assignment1")
    (rule,) = (rule for rule in assignment.source_rules if rule.question == FAST)
    text = (ASSIGNMENTS / "cs231n/classifiers/softmax.py").read_text(encoding="utf-8")
    assert broken_rule(rule, text.encode()) is None
    tree = ast.parse(text)
    fast = next(node for node in tree.body if getattr(node, "name", "") == FAST)
    fast.body = ast.parse("return softmax_loss_naive(W, X, y, reg)").body
    assert "loop" in broken_rule(rule, ast.unparse(tree).encode())


# ------------------------------------------------------------------------------- right programs


def by_one_hot(W, X, y, reg):
    one_hot = np.eye(W.shape[1])[y]
    scores = X.dot(W)
    scores = scores - scores.max(1).reshape(-1, 1)
    p = np.exp(scores) / np.exp(scores).sum(axis=1)[:, None]
    loss = -np.log((p * one_hot).sum(1)).mean() + reg * np.linalg.norm(W) ** 2
    return loss, np.einsum("nd,nc->dc", X, (p - one_hot) / len(y)) + 2 * reg * W


def by_logaddexp(W, X, y, reg):
    scores = np.einsum("ij,jk->ik", X, W)
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    dscores = np.exp(log_p)
    loss = -log_p[range(len(y)), y].sum() / len(y)
    dscores[range(len(y)), y] -= 1
    return float(loss + reg * (W**2).sum()), (dscores.T @ X).T / len(y) + 2 * W * reg


def by_classes_as_rows(W, X, y, reg):
    scores = W.T @ X.T  # (C, N)
    top = np.amax(scores, axis=0)
    total = np.sum(np.exp(scores - top), axis=0)
    loss = np.mean(np.log(total) + top - scores[y, np.arange(len(y))])
    pull = np.exp(scores - top) / total
    np.subtract.at(pull, (y, np.arange(len(y))), 1)
    return loss + reg * np.vdot(W, W), (pull @ X / len(y)).T + 2 * reg * W


def by_rows_in_float64(W, X, y, reg):
    W, X = W.astype(float), X.astype(float)
    loss, dW = 0.0, np.zeros(W.shape)
    for x, right in zip(X[::-1], y[::-1], strict=True):
        differences = x @ W - x @ W[:, right]
        top = differences.max()
        loss += (top + np.log(np.exp(differences - top).sum())) / len(X)
        p = 1 / np.array([np.exp(np.minimum(differences - d, 700)).sum() for d in differences])
        p[right] -= 1
        dW += np.outer(x, p) / len(X)
    return loss + reg * np.square(W).sum(), dW + reg * (W + W)


def by_probabilities(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        scores -= np.max(scores)
        p = np.exp(scores) / np.sum(np.exp(scores))
        loss += -np.log(p[y[i]])
        for j in range(W.shape[1]):
            dW[:, j] += X[i] * p[j]
            if j == y[i]:
                dW[:, j] -= X[i]
    loss /= X.shape[0]
    dW /= X.shape[0]
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def with_a_guard_in_the_logarithm(W, X, y, reg):
    scores = X @ W
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(p[rows, y] + 1e-12).mean() + reg * np.sum(W**2)
    p[rows, y] -= 1
    return loss, X.T @ p / len(y) + 2 * reg * W


def zoom_in_logarithms(evaluate, learning_rates, regs, rounds):
    centers = [np.mean(np.log(pair)) for pair in (learning_rates, regs)]
    halves = [np.diff(np.log(pair))[0] / 2 for pair in (learning_rates, regs)]
    results = []
    for _ in range(rounds):
        found = []
        for reg in np.exp(centers[1] + halves[1] * np.array([1, 0, -1])):
            for rate in np.exp(centers[0] + halves[0] * np.array([1, -1, 0])):
                found.append([rate, reg, evaluate(rate, reg)])
        best = found[np.argmax([accuracy for *_, accuracy in found])]
        centers, halves = np.log(best[:2]), [half / 2 for half in halves]
        results.extend(tuple(each) for each in found)
    return results


def zoom_by_geomspace(evaluate, learning_rates, regs, rounds):
    results = []
    for _ in range(rounds):
        rates, strengths = np.geomspace(*learning_rates, 3), np.geomspace(*regs, 3)
        results += [(rate, reg, evaluate(rate, reg)) for rate in rates for reg in strengths]
        rate, reg, _ = sorted(results, key=lambda result: result[2])[-1]
        learning_rates = rate * np.sqrt(rates[0] / rates[1]), rate * np.sqrt(rates[1] / rates[0])
        regs = (
            reg * np.sqrt(strengths[0] / strengths[1]),
            reg * np.sqrt(strengths[1] / strengths[0]),
        )
    return results


RIGHT = [
    *(
        (question, function)
        for question in (NAIVE, FAST)
        for function in (
            by_one_hot,
            by_logaddexp,
            by_classes_as_rows,
            by_rows_in_float64,
            by_probabilities,
            with_a_guard_in_the_logarithm,
            *LOSSES,
        )
    ),
    ("zoom", zoom_in_logarithms),
    ("zoom", zoom_by_geomspace),
]


@pytest.mark.parametrize(("question", "function"), RIGHT, ids=lambda part: getattr(part, "__name__", part))  # noqa: E501  # fmt: skip
@pytest.mark.slow
def test_right_program_passes(question, function):
    """A right program passes, however it is written."""
    for seed in SEEDS:
        assert LESSON.problems(question, {question: function}, seed=seed) == []


# ------------------------------------------------------------------------------- wrong programs

WRONG_NAIVE = {
    "the sum instead of the mean": ("loss / num_train", "loss", "dW / num_train", "dW"),
    "gradient not averaged": ("dW / num_train", "dW"),
    "loss not averaged": ("loss / num_train", "loss"),
    "averaged over classes": ("loss / num_train", "loss / num_classes"),
    "no regularisation": (" + reg * np.sum(W * W)", "", " + 2 * reg * W", ""),
    "regularisation in the loss alone": (" + 2 * reg * W", ""),
    "regularisation in the gradient alone": (" + reg * np.sum(W * W)", ""),
    "half the regularisation": ("+ reg * np", "+ 0.5 * reg * np", "+ 2 * reg", "+ reg"),
    "gradient of half the regularisation": ("+ 2 * reg * W", "+ reg * W"),
    "loss of half the regularisation": ("+ reg * np", "+ 0.5 * reg * np"),
    "last row not regularised": ("np.sum(W * W)", "np.sum(W[:-1] * W[:-1])"),
    "not shifted": ("np.exp(scores - np.max(scores))", "np.exp(scores)", "(scores[y[i]] - np.max(scores))", "scores[y[i]]"),  # noqa: E501
    "shifted by the mean": ("np.exp(scores - np.max(scores))", "np.exp(scores - np.mean(scores))", "(scores[y[i]] - np.max(scores))", "(scores[y[i]] - np.mean(scores))"),  # noqa: E501
    "shifted in the exponential alone": ("(scores[y[i]] - np.max(scores))", "scores[y[i]]"),
    "clipped": ("scores - np.max(scores))\n", "np.clip(scores, -700, 700))\n", "(scores[y[i]] - np.max(scores))", "scores[y[i]]"),  # noqa: E501
    "logarithm to base 2": ("np.log(total)", "np.log2(total)"),
    "score instead of probability": ("loss += np.log(total) -", "loss += 0 * total -"),
    "right class not subtracted": (" - (j == y[i])", ""),
    "right class subtracted everywhere": (" - (j == y[i])", " - 1"),
    "right class left out of the sum": ("total = np.sum(exponentials)", "total = np.sum(exponentials) - exponentials[y[i]]"),  # noqa: E501
    "probabilities not normalised": ("exponentials[j] / total", "exponentials[j]"),
    "sign of the gradient": ("dW[:, j] +=", "dW[:, j] -="),
    "ten classes": ("for j in range(num_classes)", "for j in range(min(10, num_classes))"),
    "exactly ten classes": ("for j in range(num_classes)", "for j in range(10)"),
    "last example left out": ("for i in range(num_train)", "for i in range(num_train - 1)"),
    "changes W": ("num_train = X.shape[0]", "num_train = X.shape[0]; W *= 1 + 1e-9"),
    "changes X": ("loss = loss /", "X += 1e-9; loss = loss /"),
}  # fmt: skip
WRONG_FAST = {
    "gradient not averaged": ("dscores / num_train", "dscores"),
    "divided by D": ("dscores / num_train", "dscores / W.shape[0]"),
    "loss not averaged": ("np.sum(log_p[rows, y]) / num_train", "np.sum(log_p[rows, y])"),
    "no regularisation": (" + reg * np.sum(W * W)", "", " + 2 * reg * W", ""),
    "half the regularisation": ("+ reg * np", "+ 0.5 * reg * np", "+ 2 * reg", "+ reg"),
    "gradient of half the regularisation": ("+ 2 * reg * W", "+ reg * W"),
    "not shifted": ("scores - np.max(scores, axis=1, keepdims=True)", "scores"),
    "one shift for all": ("np.max(scores, axis=1, keepdims=True)", "np.max(scores)"),
    "shift along the wrong axis": ("np.max(scores, axis=1,", "np.max(scores, axis=0,"),
    "sum along the wrong axis": ("np.exp(shifted), axis=1", "np.exp(shifted), axis=0"),
    "sum over all": ("np.exp(shifted), axis=1, keepdims=True", "np.exp(shifted)"),
    "shifted by the smallest": ("np.max(scores, axis=1", "np.min(scores, axis=1"),
    "shifted by the absolute": ("np.max(scores,", "np.max(np.abs(scores),"),
    "all columns": ("log_p[rows, y]", "log_p[:, y]"),
    "mean over classes": ("-np.sum(log_p[rows, y])", "-np.mean(log_p)"),
    "right class not subtracted": ("dscores[rows, y] -= 1", "pass"),
    "right class set": ("dscores[rows, y] -= 1", "dscores[rows, y] = -1"),
    "right class subtracted in columns": ("dscores[rows, y] -= 1", "dscores[:, y] -= 1"),
    "sign of the gradient": ("dW = X.T", "dW = -X.T"),
    "sign of the loss": ("loss = -np", "loss = np"),
    "class beside the right one": ("log_p[rows, y]", "log_p[rows, y - 1]"),
    "changes X": ("scores = X @ W", "scores = X @ W; X *= 1.5"),
    "changes y": ("scores = X @ W", "scores = X @ W; y[:] = y[::-1]"),
    "in float32": ("scores = X @ W", "scores = (X @ W).astype(np.float32)"),
}  # fmt: skip
WRONG_ZOOM = {
    "halfway on the plain scale": ("np.sqrt(low_rate * high_rate)", "(low_rate + high_rate) / 2"),
    "strengths halfway on the plain scale": ("np.sqrt(low_reg * high_reg)", "(low_reg + high_reg) / 2"),  # noqa: E501
    "worst instead of best": ("= max(", "= min("),
    "best of the first round": ("results[-9:]", "results[:9]"),
    "best of the last three": ("results[-9:]", "results[-3:]"),
    "as long as before": ("** 0.25", "** 0.5"),
    "too short": ("** 0.25", "** 0.125"),
    "rates never change": ("learning_rates = best_rate", "_ = best_rate"),
    "strengths never change": ("        regs = best_reg", "        _ = best_reg"),
    "exchanged": ("evaluate(rate, reg)", "evaluate(reg, rate)"),
    "result exchanged": ("(rate, reg, evaluate", "(reg, rate, evaluate"),
    "chosen by the rate": ("result[2]", "result[0]"),
    "one round only": ("range(rounds)", "range(min(rounds, 1))"),
    "two rounds": ("range(rounds)", "range(2)"),
    "a round too many": ("range(rounds)", "range(rounds + 1)"),
    "stays inside": ("learning_rates = best_rate / quarter_rate, best_rate * quarter_rate", "learning_rates = max(best_rate / quarter_rate, low_rate), min(best_rate * quarter_rate, high_rate)"),  # noqa: E501
    "ends alone": ("(low_reg, np.sqrt(low_reg * high_reg), high_reg)", "(low_reg, high_reg)"),
    "evaluated twice": ("evaluate(rate, reg)))", "(evaluate(rate, reg), evaluate(rate, reg))[0]))"),
    "one factor for both": ("best_reg / quarter_reg, best_reg * quarter_reg", "best_reg / quarter_rate, best_reg * quarter_rate"),  # noqa: E501
}  # fmt: skip
WRONG = [
    *((NAIVE, name, edits) for name, edits in WRONG_NAIVE.items()),
    *((FAST, name, edits) for name, edits in WRONG_FAST.items()),
    *(("zoom", name, edits) for name, edits in WRONG_ZOOM.items()),
]


@pytest.mark.parametrize(("question", "edits"), [pytest.param(q, e, id=f"{q}-{n}") for q, n, e in WRONG])  # noqa: E501  # fmt: skip
@pytest.mark.slow
def test_wrong_program_is_caught(question, edits):
    """The hidden part alone sees each of these mistakes, whatever its seed."""
    wrong = edited_zoom(*edits) if question == "zoom" else edited(globals()[question], *edits)
    for seed in SEEDS:
        found = LESSON.problems(question, {question: wrong}, seed=seed)
        assert [said for said in found if not said.startswith("check ")]


def edited_zoom(*edits):
    """Return the lesson's answer with text replaced."""
    (cell,) = (cell for cell in LESSON.notebook.cells if cell.id == "zoom_code")
    text = cell.source
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    names = {"np": np}
    exec(text, names)
    return names["zoom"]

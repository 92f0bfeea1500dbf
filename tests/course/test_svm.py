"""The hinge-loss lesson: its solved code is right, its checks tell right from wrong."""

from __future__ import annotations

import ast
from fractions import Fraction

import numpy as np
import pytest
from cs231n.classifiers.linear_classifier import LinearClassifier, LinearSVM, Softmax
from cs231n.classifiers.linear_svm import svm_loss_naive, svm_loss_vectorized
from cs231n.gradient_check import eval_numerical_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from lesson import ASSIGNMENTS, Lesson
from variants import edited

from autograder.authoring.course import author_assignment
from autograder.judge.rules import broken_rule
from autograder.model import Paths, Role

SVM = Lesson("assignment1", "svm")
LOSSES = (svm_loss_naive, svm_loss_vectorized)
NAIVE, FAST = (function.__name__ for function in LOSSES)
TRAIN, PREDICT = "LinearClassifier_train", "LinearClassifier_predict"
SEEDS = (1, 2, 3)


# ------------------------------------------------------------------------------- solved code


def dull_hinge_loss(W, X, y, reg):
    """The loss in fractions, as on paper."""
    W, X = ([[Fraction(v) for v in row] for row in array.tolist()] for array in (W, X))
    total = Fraction(0)
    for x, right in zip(X, y.tolist(), strict=True):
        scores = [sum(a * row[j] for a, row in zip(x, W, strict=True)) for j in range(len(W[0]))]
        total += sum(
            max(Fraction(0), s - scores[right] + 1) for j, s in enumerate(scores) if j != right
        )
    return total / len(X) + Fraction(reg) * sum(v * v for row in W for v in row)


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
    """The loss is the exact one, up to rounding, for all sizes."""
    W, X, y = batch(seed, N, D, C)
    expected = float(dull_hinge_loss(W, X, y, reg))
    assert function(W, X, y, reg)[0] == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("function", LOSSES)
@pytest.mark.parametrize("reg", [0.0, 0.3, 50.0])
def test_gradient_is_the_numeric_one(function, reg):
    """The gradient belongs to the loss, the regularisation's part included."""
    W, X, y = batch(5, 8, 5, 4)
    numeric = eval_numerical_gradient(lambda W: function(W, X, y, reg)[0], W)
    assert np.allclose(function(W, X, y, reg)[1], numeric, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("function", LOSSES)
def test_loss_and_gradient_are_those_of_pytorch(function):
    """PyTorch's hinge, a mean over classes too, agrees when multiplied with their number."""
    torch = pytest.importorskip(
        "torch", reason="PyTorch gives a second opinion; it isn't installed"
    )
    W, X, y = batch(7, 9, 5, 6)
    weights = torch.tensor(W, requires_grad=True)
    hinge = torch.nn.functional.multi_margin_loss(torch.tensor(X) @ weights, torch.tensor(y))
    expected = 6 * hinge + 0.2 * (weights**2).sum()
    expected.backward()
    loss, dW = function(W, X, y, 0.2)
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    assert np.allclose(dW, weights.grad.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("function", LOSSES)
def test_loss_of_equal_scores(function):
    """With weights of zero each wrong class costs 1."""
    for C in (2, 7, 10):
        _, X, y = batch(1, 5, 3, C)
        assert function(np.zeros((3, C)), X, y, 9.0)[0] == C - 1


@pytest.mark.parametrize("function", LOSSES)
def test_float32_gives_float32(function):
    """Loss and gradient of float32 are near those of float64, and cost no float64 arrays."""
    W, X, y = batch(2)
    loss, dW = function(W.astype(np.float32), X.astype(np.float32), y, 0.1)
    expected_loss, expected_dW = function(W, X, y, 0.1)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert dW.dtype == np.float32
    assert np.allclose(dW, expected_dW, atol=1e-5)


def test_svm_learns_separate_heaps():
    """An SVM finds the classes of well separated points, and its loss falls."""
    y = np.arange(60) % 3
    X = np.hstack(
        [4 * np.eye(3)[y] + np.random.default_rng(0).normal(size=(60, 3)), np.ones((60, 1))]
    )
    svm = LinearSVM()
    history = svm.train(X, y, learning_rate=0.05, reg=1e-3, num_iters=400, batch_size=20)
    assert len(history) == 400
    assert np.mean(svm.predict(X) == y) > 0.9
    assert np.mean(history[-50:]) < 0.3 * history[0]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_weights_have_the_type_of_the_data(kind):
    """Fresh weights take the type of the examples; whole numbers become float64."""
    X, y = np.arange(12).reshape(4, 3), np.array([0, 1, 2, 1])
    for classifier in (LinearSVM(), Softmax()):
        classifier.train(X.astype(kind) / 10, y, num_iters=2)
        assert classifier.W.dtype == kind
        assert classifier.W.shape == (3, 3)
    classifier = LinearSVM()
    classifier.train(X, y, num_iters=2)
    assert classifier.W.dtype == np.float64


def test_training_prints_when_asked(capsys):
    """With verbose, the loss is printed every 100 steps; else nothing is."""
    _, X, y = batch(3)
    LinearSVM().train(X, y, num_iters=150)
    assert capsys.readouterr().out == ""
    LinearSVM().train(X, y, num_iters=150, verbose=True)
    assert capsys.readouterr().out.count("iteration") == 2


def test_classifier_without_a_loss_says_so():
    """The base class can't be trained and says what to use."""
    with pytest.raises(TypeError, match="LinearSVM or Softmax"):
        LinearClassifier().train(np.ones((2, 2)), np.array([0, 1]))


# ------------------------------------------------------------------------------- the lesson


@pytest.mark.parametrize("question", SVM.names(Role.QUESTION))
def test_question_stands_alone(question):
    """What students see of a question passes on the solved package without other questions."""
    assert SVM.show_visible(question).count("Good: ") >= 1
    for seed in SEEDS:
        assert SVM.problems(question, seed=seed) == []


@pytest.mark.parametrize("question", SVM.names(Role.QUESTION))
def test_hidden_inputs_depend_on_the_seed(question):
    """Another grading run asks for other values."""
    first, second = (SVM.run(question, seed=seed) for seed in (1, 2))
    assert first.keys() == second.keys()
    assert any(not np.array_equal(first[name].value, second[name].value) for name in first)


def test_loops_are_found():
    """The solved function keeps the rule that a student's is held to; a loop breaks it."""
    assignment = author_assignment(Paths(ASSIGNMENTS.parent), "assignment1")
    (rule,) = (rule for rule in assignment.source_rules if rule.question == FAST)
    text = (ASSIGNMENTS / "cs231n/classifiers/linear_svm.py").read_text(encoding="utf-8")
    assert broken_rule(rule, text.encode()) is None
    tree = ast.parse(text)
    fast = next(node for node in tree.body if getattr(node, "name", "") == FAST)
    fast.body = ast.parse("return svm_loss_naive(W, X, y, reg)").body
    assert "loop" in broken_rule(rule, ast.unparse(tree).encode())


# ------------------------------------------------------------------------------- right programs


def by_one_hot(W, X, y, reg):
    one_hot = np.eye(W.shape[1])[y]
    scores = X.dot(W)
    margins = scores - (scores * one_hot).sum(1, keepdims=True) + 1 - one_hot
    active = (margins > 0) * (1 - one_hot)
    loss = (margins * active).sum(axis=1).mean() + reg * np.linalg.norm(W) ** 2
    pull = active - active.sum(axis=1, keepdims=True) * one_hot
    return loss, np.einsum("nd,nc->dc", X, pull / len(y)) + reg * 2 * W


def by_subtracting_the_one(W, X, y, reg):
    N = len(X)
    scores = np.einsum("ij,jk->ik", X, W)
    right = np.take_along_axis(scores, y[:, None], axis=1)
    margins = (scores - right + 1).clip(min=0)
    loss = margins.sum() / N - 1 + reg * (W**2).sum()  # the right class adds 1 to each example
    mask = np.where(margins > 0, 1.0, 0.0)
    mask[range(N), y] -= mask.sum(axis=1)
    return float(loss), X.T.dot(mask) / N + 2 * reg * W


def by_rows_in_float64(W, X, y, reg):
    W, X = W.astype(float), X.astype(float)
    loss, dW = 0.0, np.zeros(W.shape)
    for x, right in zip(X[::-1], y[::-1], strict=True):
        margins = x @ W - W[:, right] @ x + 1.0
        margins[right] = 0
        active = margins >= 1e-300
        loss += margins[active].sum() / len(X)
        dW += np.outer(x, active) / len(X)
        dW[:, right] -= active.sum() * x / len(X)
    return loss + reg * np.vdot(W, W), dW + 2 * reg * W


def by_counting(W, X, y, reg):
    counts = np.zeros((len(X), W.shape[1]))
    loss = 0
    for i in range(len(X)):
        for j in range(W.shape[1]):
            margin = np.dot(X[i], W[:, j]) - np.dot(X[i], W[:, y[i]]) + 1
            if j != y[i] and margin > 0:
                loss += margin
                counts[i, j] += 1
                counts[i, y[i]] -= 1
    return loss / len(X) + reg * np.sum(np.square(W)), (counts.T @ X).T / len(X) + 2 * W * reg


def other_draw(call):
    return edited(LinearClassifier.train, "np.random.randint(num_train, size=batch_size)", call)


def predict_by_loop(self, X):
    labels = np.zeros(X.shape[0])
    for i, x in enumerate(X):
        labels[i] = max(range(self.W.shape[1]), key=lambda j: x @ self.W[:, j])
    return labels


def preprocess_by_concatenating(*sets):
    flat = [part.reshape(part.shape[0], -1) for part in sets]
    mean = flat[0].sum(0) / len(flat[0])
    return [
        np.concatenate([part - mean, np.ones((len(part), 1), part.dtype)], axis=1) for part in flat
    ]


def search_backwards(new, X_train, y_train, X_val, y_val, learning_rates, regs, num_iters):
    trained = {}
    for pair in [(rate, reg) for reg in regs[::-1] for rate in learning_rates[::-1]]:
        trained[pair] = new()
        trained[pair].train(X_train, y_train, *pair, num_iters=num_iters, batch_size=100)
    results = {
        pair: [(c.predict(X) == y).mean() for X, y in ((X_train, y_train), (X_val, y_val))]
        for pair, c in trained.items()
    }
    return results, trained[max(results, key=lambda pair: results[pair][1])]


RIGHT = [
    *(
        (question, function)
        for question in (NAIVE, FAST)
        for function in (
            by_one_hot,
            by_subtracting_the_one,
            by_rows_in_float64,
            by_counting,
            *LOSSES,
        )
    ),
    (TRAIN, other_draw("np.random.choice(num_train, batch_size)")),
    (TRAIN, other_draw("np.random.default_rng().integers(0, num_train, batch_size)")),
    (TRAIN, other_draw("np.random.choice(num_train, batch_size, batch_size > num_train)")),
    (TRAIN, other_draw("(np.random.rand(batch_size) * num_train).astype(int)")),
    (TRAIN, other_draw("list(np.random.choice(np.arange(num_train), batch_size, replace=True))")),
    (TRAIN, edited(LinearClassifier.train, "self.W = self.W - learning", "self.W -= learning")),
    (
        TRAIN,
        edited(LinearClassifier.train, "self.W - learning_rate *", "self.W + -learning_rate *"),
    ),
    (PREDICT, predict_by_loop),
    (PREDICT, lambda self, X: (self.W.T @ X.T).argmax(axis=0)),
    (PREDICT, lambda self, X: np.argsort(X.dot(self.W))[:, -1]),
    ("preprocess", preprocess_by_concatenating),
    ("grid_search", search_backwards),
]


@pytest.mark.parametrize("number", range(len(RIGHT)))
@pytest.mark.slow
def test_right_program_passes(number):
    """A right program passes, however it is written."""
    question, function = RIGHT[number]
    for seed in SEEDS:
        assert problems(question, function, seed) == []


def problems(question, function, seed=1):
    """Return what the judge says of a function in the place of the solved one."""
    if question in (TRAIN, PREDICT):
        method = (LinearClassifier, question.removeprefix("LinearClassifier_"), function)
        return SVM.problems(question, patched=[method], seed=seed)
    return SVM.problems(question, {question: function}, seed=seed)


# ------------------------------------------------------------------------------- wrong programs

WRONG_NAIVE = {
    "the sum instead of the mean": ("loss / num_train", "loss", "dW / num_train", "dW"),
    "gradient not averaged": ("dW / num_train", "dW"),
    "loss not averaged": ("loss / num_train", "loss"),
    "averaged over classes too": ("loss / num_train", "loss / num_train / num_classes"),
    "no regularisation": (" + reg * np.sum(W * W)", "", " + 2 * reg * W", ""),
    "regularisation in the loss alone": (" + 2 * reg * W", ""),
    "regularisation in the gradient alone": (" + reg * np.sum(W * W)", ""),
    "half the regularisation": ("+ reg * np", "+ 0.5 * reg * np", "+ 2 * reg", "+ reg"),
    "gradient of half the regularisation": ("+ 2 * reg * W", "+ reg * W"),
    "regularisation by absolute values": ("np.sum(W * W)", "np.sum(np.abs(W))"),
    "last row not regularised": ("np.sum(W * W)", "np.sum(W[:-1] * W[:-1])"),
    "regularisation averaged": ("+ reg * np.sum(W * W)", "+ reg * np.sum(W * W) / num_train"),
    "right class counted": ("if j == y[i]:", "if False:"),
    "no margin": ("- scores[y[i]] + 1", "- scores[y[i]]"),
    "margin of a half": ("- scores[y[i]] + 1", "- scores[y[i]] + 0.5"),
    "margin of ten": ("- scores[y[i]] + 1", "- scores[y[i]] + 10"),
    "all margins": ("if margin > 0:", "if True:"),
    "only leads count in the gradient": ("dW[:, j] += X[i]", "dW[:, j] += X[i] * (margin > 1)"),
    "right class pulled once": ("dW[:, y[i]] -= X[i]", "dW[:, y[i]] -= X[i] * (j == y[i] - 1)"),
    "right class not pulled": ("dW[:, y[i]] -= X[i]", "pass"),
    "sign of the gradient": ("dW[:, j] += X[i]", "dW[:, j] -= X[i]", "]] -= X", "]] += X"),
    "ten classes": ("for j in range(num_classes)", "for j in range(min(10, num_classes))"),
    "exactly ten classes": ("for j in range(num_classes)", "for j in range(10)"),
    "squared hinge": ("loss += margin", "loss += margin**2"),
    "changes W": ("num_train = X.shape[0]", "num_train = X.shape[0]; W *= 1 + 1e-9"),
    "changes X": ("loss = loss /", "X += 1e-9; loss = loss /"),
    "last example left out": ("for i in range(num_train)", "for i in range(num_train - 1)"),
    "largest margin only": ("loss += margin", "loss = max(loss, margin)"),
}
WRONG_FAST = {
    "gradient not averaged": ("dscores / num_train", "dscores"),
    "divided by D": ("dscores / num_train", "dscores / W.shape[0]"),
    "loss as a mean over all": ("np.sum(margins) / num_train", "np.mean(margins)"),
    "no regularisation": (" + reg * np.sum(W * W)", "", " + 2 * reg * W", ""),
    "gradient of half the regularisation": ("+ 2 * reg * W", "+ reg * W"),
    "half the regularisation": ("+ reg * np", "+ 0.5 * reg * np", "+ 2 * reg", "+ reg"),
    "right class counted": ("margins[rows, y] = 0", "pass"),
    "right class counted as in the loss": ("margins[rows, y] = 0", "margins[rows, y] = 1"),
    "no margin": ("[:, np.newaxis] + 1", "[:, np.newaxis]"),
    "no hinge": ("np.maximum(scores", "np.add(scores"),
    "slices instead of entries": ("margins[rows, y] = 0", "margins[:, y] = 0"),
    "margins in the gradient": ("(margins > 0)", "margins"),
    "counts along the wrong axis": (
        "dscores[rows, y] = -np.sum(dscores, axis=1)",
        "dscores[rows, y] = -np.sum(dscores, axis=0)[y]",
    ),
    "right class pulled once": ("= -np.sum(dscores, axis=1)", "= -1"),
    "right class pulled by all": ("= -np.sum(dscores, axis=1)", "= 1 - W.shape[1]"),
    "sign of the gradient": ("dW = X.T", "dW = -X.T"),
    "cut off": ("np.maximum(scores", "np.minimum(1e3, scores"),
    "changes X": ("scores = X @ W", "scores = X @ W; X *= 1.5"),
    "changes y": ("scores = X @ W", "scores = X @ W; y[:] = y[::-1]"),
    "class beside the right one": ("- scores[rows, y]", "- scores[rows, y - 1]"),
}
WRONG_TRAIN = {
    "up instead of down": ("self.W - learning_rate", "self.W + learning_rate"),
    "no step": ("self.W = self.W - learning_rate * grad", "pass"),
    "a fixed learning rate": ("self.W - learning_rate *", "self.W - 1e-3 *"),
    "step by W": ("learning_rate * grad", "learning_rate * self.W"),
    "learning rate divided by the batch": ("_rate * grad", "_rate * grad / batch_size"),
    "a fixed regularisation": ("y_batch, reg)", "y_batch, 1e-5)"),
    "regularised twice": ("_rate * grad", "_rate * (grad + 2 * reg * self.W)"),
    "first examples": ("np.random.randint(num_train, size=batch_size)", "slice(batch_size)"),
    "all examples": ("np.random.randint(num_train, size=batch_size)", "slice(None)"),
    "without replacement": (
        "np.random.randint(num_train, size=batch_size)",
        "np.random.permutation(num_train)[:batch_size]",
    ),
    "never the last": ("randint(num_train,", "randint(num_train - 1,"),
    "never the first": ("randint(num_train,", "randint(1, num_train,"),
    "uneven": (
        "np.random.randint(num_train, size=batch_size)",
        "(num_train * np.random.rand(batch_size) ** 2).astype(int)",
    ),
    "always the same": ("chosen =", "np.random.seed(0); chosen ="),
    "one example many times": ("size=batch_size)", "size=1).repeat(batch_size)"),
    "neighbours": (
        "np.random.randint(num_train, size=batch_size)",
        "(np.random.randint(num_train) + np.arange(batch_size)) % num_train",
    ),
    "labels of others": ("y[chosen]", "y[np.random.permutation(chosen)]"),
    "labels not drawn": ("X[chosen], y[chosen]", "X[chosen], y[:batch_size]"),
    "new weights at each call": ("if self.W is None:", "if True:"),
    "ten classes": ("int(np.max(y)) + 1", "10"),
    "a class too few": ("int(np.max(y)) + 1", "int(np.max(y))"),
    "stops early": ("for it in range(num_iters)", "for it in range(num_iters - 1)"),
    "a hundred steps": ("for it in range(num_iters)", "for it in range(100)"),
    "mean loss": ("return loss_history", "return [np.mean(loss_history)] * num_iters"),
    "large weights": ("0.001 * np", "1.0 * np"),
    "no weights": ("0.001 * np", "0.0 * np"),
    "changes X": ("loss_history = []", "loss_history = []; X -= X.mean(axis=0)"),
}
WRONG_PREDICT = {
    "lowest score": ("np.argmax(", "np.argmin("),
    "wrong axis": ("axis=1)", "axis=0)"),
    "largest magnitude": ("np.argmax(X @ self.W", "np.argmax(np.abs(X @ self.W)"),
    "the score": ("np.argmax(", "np.max("),
    "ten classes": ("X @ self.W", "X @ self.W[:, :10]"),
    "positive scores": ("X @ self.W", "np.maximum(X @ self.W, 0)"),
    "without the last row": ("X @ self.W", "X[:, :-1] @ self.W[:-1]"),
    "counts from 1": ("axis=1)", "axis=1) + 1"),
    "a column": ("axis=1)", "axis=1, keepdims=True)"),
    "whole numbers": ("X @ self.W", "(X @ self.W).astype(int)"),
    "changes W": ("X @ self.W", "X @ np.multiply(self.W, 2, out=self.W)"),
}
METHODS = {TRAIN: LinearClassifier.train, PREDICT: LinearClassifier.predict}
WRONG = [
    *((NAIVE, name, edited(svm_loss_naive, *edits)) for name, edits in WRONG_NAIVE.items()),
    *((FAST, name, edited(svm_loss_vectorized, *edits)) for name, edits in WRONG_FAST.items()),
    *((TRAIN, name, edited(METHODS[TRAIN], *edits)) for name, edits in WRONG_TRAIN.items()),
    *((PREDICT, name, edited(METHODS[PREDICT], *edits)) for name, edits in WRONG_PREDICT.items()),
]


@pytest.mark.parametrize(("question", "function"), [pytest.param(q, f, id=f"{q}-{n}") for q, n, f in WRONG])  # noqa: E501  # fmt: skip
@pytest.mark.slow
def test_wrong_program_is_caught(question, function):
    """The hidden part alone sees each of these mistakes, whatever its seed."""
    for seed in SEEDS:
        assert hidden_problems(question, function, seed)


def hidden_problems(question, function, seed):
    """Return what is wrong beyond what students can see for themselves."""
    return [said for said in problems(question, function, seed) if not said.startswith("check ")]


def centred(mean_of, subtract_from=lambda part, mean: part - mean, one=1.0, flat_first=True):
    """Make a way to prepare pictures from its parts."""

    def preprocess(train, val, test):
        flat = [part.reshape(len(part), -1) for part in (train, val, test)]
        found = []
        for part in flat:
            rows = np.full((len(part), part.shape[1] + 1), one, dtype=part.dtype)
            rows[:, :-1] = subtract_from(part, mean_of(part, flat))
            found.append(rows if flat_first else rows[:, ::-1])
        return tuple(found)

    return preprocess


def of_train(part, flat):
    return flat[0].mean(axis=0)


WRONG_PREPROCESS = {
    "mean of all sets": centred(lambda part, flat: np.concatenate(flat).mean(axis=0)),
    "mean of each set": centred(lambda part, flat: part.mean(axis=0)),
    "a single mean": centred(lambda part, flat: flat[0].mean()),
    "mean of each picture": centred(lambda part, flat: part.mean(axis=1, keepdims=True)),
    "median": centred(lambda part, flat: np.median(flat[0], axis=0)),
    "only the training set": centred(lambda part, flat: (part is flat[0]) * flat[0].mean(axis=0)),
    "scaled": centred(of_train, lambda part, mean: (part - mean) / part.std()),
    "changes its arguments": centred(
        of_train, lambda part, mean: np.subtract(part, mean, out=part)
    ),
    "added": centred(of_train, lambda part, mean: part + mean),
    "column of zeros": centred(of_train, one=0.0),
    "ones in front": centred(of_train, flat_first=False),
    "float64": lambda *sets: centred(of_train)(*(part.astype(np.float64) for part in sets)),
    "in rounded numbers": centred(of_train, lambda part, mean: np.round(part - mean)),
}
WRONG_SEARCH = {
    "best by training": ("if val_accuracy > best", "if train_accuracy > best", "= classifier, val_accuracy", "= classifier, train_accuracy"),  # noqa: E501
    "the last one": ("if val_accuracy > best_accuracy", "if True"),
    "the first one": ("if val_accuracy > best_accuracy", "if best is None"),
    "the worst one": ("if val_accuracy > best_accuracy", "if best is None or val_accuracy < best_accuracy"),  # noqa: E501
    "one classifier for all": ("classifier = new_classifier()", "classifier = best or new_classifier()"),  # noqa: E501
    "trained on validation": ("classifier.train(X_train, y_train,", "classifier.train(X_val, y_val,"),  # noqa: E501
    "trained on both": ("classifier.train(X_train, y_train,", "classifier.train(np.concatenate([X_train, X_val]), np.concatenate([y_train, y_val]),"),  # noqa: E501
    "steps left out": (", reg, num_iters)", ", reg)"),
    "settings exchanged": ("learning_rate, reg, num_iters)", "reg, learning_rate, num_iters)"),
    "accuracies exchanged": ("(train_accuracy, val_accuracy)", "(val_accuracy, train_accuracy)"),
    "counts": ("np.mean(classifier", "np.sum(classifier"),
    "errors": (") == y_", ") != y_"),
    "first pairs only": ("for reg in regs:", "for reg in regs[:1]:"),
    "keys exchanged": ("results[learning_rate, reg]", "results[reg, learning_rate]"),
}  # fmt: skip


@pytest.mark.parametrize("function", WRONG_PREPROCESS.values(), ids=WRONG_PREPROCESS)
@pytest.mark.slow
def test_wrong_preparation_is_caught(function):
    """The hidden part sees each wrong way to prepare pictures."""
    for seed in SEEDS:
        assert hidden_problems("preprocess", function, seed)


@pytest.mark.parametrize("edits", WRONG_SEARCH.values(), ids=WRONG_SEARCH)
@pytest.mark.slow
def test_wrong_search_is_caught(edits):
    """The hidden part sees each wrong way to search the grid."""
    for seed in SEEDS:
        assert hidden_problems("grid_search", edited_search(*edits), seed)


def edited_search(*edits):
    """Return the lesson's answer with text replaced."""
    (cell,) = (cell for cell in SVM.notebook.cells if cell.id == "grid_search_code")
    text = cell.source
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    names = {"np": np}
    exec(text, names)
    return names["grid_search"]

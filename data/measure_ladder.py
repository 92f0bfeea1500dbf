"""Measure what each classifier of the course reaches on the stand-in pictures, or on CIFAR-10.

    python data/measure_ladder.py     # the stand-in, two seeds, five minutes
    python data/measure_ladder.py --seeds 1 2 3 --only knn
    python data/measure_ladder.py --root data/cifar-10-batches-py

It prints the table of data/README.md. The classifiers are written here once more, short and in
float32, so that the table doesn't depend on the state of the lessons. A new row is one function
that takes a `Data` and returns (validation accuracy, test accuracy), and one line in `LADDER`.
"""

# ruff: noqa: T201 - a script that prints

import argparse
import contextlib
import itertools
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "assignments"))

from cs231n import data_utils

CHOICES_OF_K = (1, 3, 5, 8, 10, 12, 15, 20, 50, 100)


@dataclass(frozen=True)
class Data:
    """49 000 training, 1 000 validation and 1 000 test pictures as rows of float32."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    mean: np.ndarray

    def centred(self):
        """Return the three sets of pictures with the mean picture subtracted."""
        return self.X_train - self.mean, self.X_val - self.mean, self.X_test - self.mean


def load(seed, root):
    """Draw or read the pictures; drawn ones are not kept."""
    with tempfile.TemporaryDirectory() as cache, contextlib.redirect_stdout(sys.stderr):
        X, y, X_test, y_test = data_utils.load_images(50000, 1000, root, seed, cache, np.float32)
    X, X_test = X.reshape(len(X), -1), X_test.reshape(len(X_test), -1)
    mean = X[:49000].mean(axis=0, dtype=np.float64).astype(np.float32)
    return Data(X[:49000], y[:49000], X[49000:], y[49000:], X_test, y_test, mean)


# --------------------------------------------------------------------------- nearest neighbours


def squared_distances(A, B):
    """Return the squared distances between rows of A and of B."""
    return (A * A).sum(1)[:, None] - 2 * A @ B.T + (B * B).sum(1)


def nearest_accuracy(X, y, X_test, y_test):
    """Return {k: accuracy}; of labels that are equally frequent, the smallest counts."""
    order = np.argsort(squared_distances(X_test, X), axis=1, kind="stable")[:, : max(CHOICES_OF_K)]
    votes = np.cumsum(y[order][:, :, None] == np.arange(10), axis=1)  # after 1, 2, ... neighbours
    return {k: np.mean(np.argmax(votes[:, k - 1], axis=1) == y_test) for k in CHOICES_OF_K}


def cross_validate(X, y, folds=5):
    """Return {k: accuracy averaged over the folds}."""
    parts = np.array_split(np.arange(len(X)), folds)
    scores = []
    for held_out in parts:
        rest = np.setdiff1d(np.arange(len(X)), held_out)
        scores.append(nearest_accuracy(X[rest], y[rest], X[held_out], y[held_out]))
    return {k: float(np.mean([score[k] for score in scores])) for k in CHOICES_OF_K}


def nearest_neighbours(k):
    """Make a row: 5 000 pictures to compare with, 500 to classify; validation is 5-fold."""

    def measure(data):
        X, y = data.X_train[:5000] - data.mean, data.y_train[:5000]
        scores = cross_validate(X, y)
        chosen = k or max(scores, key=scores.get)
        if k is None:
            text = " ".join(f"{choice}:{score:.3f}" for choice, score in scores.items())
            print(f"  cross-validation {text}", file=sys.stderr)
        tested = nearest_accuracy(X, y, data.X_test[:500] - data.mean, data.y_test[:500])
        return scores[chosen], tested[chosen]

    return measure


# --------------------------------------------------------------------------- linear classifiers


def svm_gradient(scores, y):
    """Return the gradient of the multiclass hinge loss."""
    rows = np.arange(len(y))
    d = (scores - scores[rows, y][:, None] + 1 > 0).astype(np.float32)
    d[rows, y] = 0
    d[rows, y] = -d.sum(axis=1)
    return d / len(y)


def softmax_gradient(scores, y):
    """Return the gradient of the cross-entropy loss."""
    d = np.exp(scores - scores.max(axis=1, keepdims=True))
    d /= d.sum(axis=1, keepdims=True)
    d[np.arange(len(y)), y] -= 1
    return d / len(y)


def linear(gradient, rate, reg, iterations=1500, batch=200):
    """Make a row: plain gradient descent on the pixels and a bias column."""

    def measure(data):
        rng = np.random.default_rng(0)
        X, X_val, X_test = (np.pad(X, ((0, 0), (0, 1)), constant_values=1) for X in data.centred())
        W = (0.001 * rng.normal(size=(X.shape[1], 10))).astype(np.float32)
        for _ in range(iterations):
            rows = rng.integers(len(X), size=batch)
            dW = X[rows].T @ gradient(X[rows] @ W, data.y_train[rows]) + 2 * reg * W
            W -= np.float32(rate) * dW
        return accuracy(X_val @ W, data.y_val), accuracy(X_test @ W, data.y_test)

    return measure


def accuracy(scores, y):
    """Return the fraction of rows whose largest score is at the label."""
    return float(np.mean(np.argmax(scores, axis=1) == y))


# --------------------------------------------------------------------------- networks


class Network:
    """Affine layers with ReLU between them, with batch normalisation if asked for."""

    def __init__(self, hidden, rng, weight_scale, batch_norm):
        sizes = [3072, *hidden, 10]
        self.batch_norm = batch_norm
        self.p = {}
        self.running = {}
        for i, (rows, columns) in enumerate(itertools.pairwise(sizes)):
            scale = weight_scale or np.sqrt(2 / rows)
            self.p[f"W{i}"] = (scale * rng.normal(size=(rows, columns))).astype(np.float32)
            self.p[f"b{i}"] = np.zeros(columns, np.float32)
            if batch_norm and i < len(hidden):
                zero, one = np.zeros(columns, np.float32), np.ones(columns, np.float32)
                self.p[f"g{i}"], self.p[f"s{i}"] = one, zero.copy()
                self.running[i] = [zero, zero]
        self.last = len(sizes) - 2

    def scores(self, X):
        """Return the scores of pictures, as in testing."""
        for i in range(self.last + 1):
            X = X @ self.p[f"W{i}"] + self.p[f"b{i}"]
            if i in self.running:
                mean, variance = self.running[i]
                X = self.p[f"g{i}"] * (X - mean) / np.sqrt(variance + 1e-5) + self.p[f"s{i}"]
            if i < self.last:
                X = np.maximum(X, 0)
        return X

    def gradients(self, X, y, reg):
        """Return the gradients of the softmax loss with 0.5 * reg * sum of squared weights."""
        caches, p = [], self.p
        for i in range(self.last + 1):
            cache = [X]
            X = X @ p[f"W{i}"] + p[f"b{i}"]
            if i in self.running:
                mean, variance = X.mean(axis=0), X.var(axis=0)
                old_mean, old_variance = self.running[i]
                self.running[i] = [
                    0.9 * old_mean + 0.1 * mean,
                    0.9 * old_variance + 0.1 * variance,
                ]
                inverse = 1 / np.sqrt(variance + 1e-5)
                normal = (X - mean) * inverse
                cache += [normal, inverse]
                X = p[f"g{i}"] * normal + p[f"s{i}"]
            if i < self.last:
                X = np.maximum(X, 0)
            caches.append([X, *cache])
        return self._backward(softmax_gradient(X, y), caches, reg)

    def _backward(self, d, caches, reg):
        grads, p = {}, self.p
        for i in range(self.last, -1, -1):
            out, X, *norm = caches[i]
            if i < self.last:
                d = d * (out > 0)
            if norm:
                normal, inverse = norm
                grads[f"g{i}"], grads[f"s{i}"] = (d * normal).sum(axis=0), d.sum(axis=0)
                d = d * p[f"g{i}"]
                d = inverse * (d - d.mean(axis=0) - normal * (d * normal).mean(axis=0))
            grads[f"W{i}"], grads[f"b{i}"] = X.T @ d + reg * p[f"W{i}"], d.sum(axis=0)
            if i:
                d = d @ p[f"W{i}"].T
        return grads


def network(
    hidden,
    rate=1e-3,
    reg=0.0,
    adam=False,
    weight_scale=None,
    batch_norm=False,
    decay=0.95,
    epochs=10,
):
    """Make a row: batches of 100; the parameters of the epoch that is best in validation count."""

    def measure(data):
        rng = np.random.default_rng(0)
        X, X_val, X_test = data.centred()
        net = Network(hidden, rng, weight_scale, batch_norm)
        step = Adam(rate) if adam else Descent(rate)
        results = []
        for _ in range(epochs):
            for _ in range(len(X) // 100):
                rows = rng.integers(len(X), size=100)
                step(net.p, net.gradients(X[rows], data.y_train[rows], np.float32(reg)))
            step.rate *= decay
            tested = accuracy(net.scores(X_test), data.y_test)
            results.append((accuracy(net.scores(X_val), data.y_val), tested))
        return max(results, key=lambda result: result[0])

    return measure


class Descent:
    """Plain stochastic gradient descent."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, parameters, grads):
        """Move the parameters one step, in place."""
        for name, grad in grads.items():
            parameters[name] -= np.float32(self.rate) * grad


class Adam:
    """Adam with its usual constants."""

    def __init__(self, rate):
        self.rate, self.t, self.m, self.v = rate, 0, {}, {}

    def __call__(self, parameters, grads):
        """Move the parameters one step, in place."""
        self.t += 1
        for name, grad in grads.items():
            # Where a unit is dead, averages would shrink to numbers that processors are slow with.
            some = grad + np.float32(1e-12)
            self.m[name] = 0.9 * self.m.get(name, 0) + 0.1 * some
            self.v[name] = 0.999 * self.v.get(name, 0) + 0.001 * some * some
            m, v = self.m[name] / (1 - 0.9**self.t), self.v[name] / (1 - 0.999**self.t)
            parameters[name] -= np.float32(self.rate) * m / (np.sqrt(v) + 1e-8)


# --------------------------------------------------------------------------- the table

# name; on CIFAR-10: as published with the course, and (validation, test) measured; what measures it
LADDER = (
    ("kNN, k = 1", "- / 0.274", (0.261, 0.264), nearest_neighbours(1)),
    ("kNN, k = 10", "0.28 / 0.282", (0.280, 0.272), nearest_neighbours(10)),
    ("kNN, best k", "k = 10: 0.28 / 0.282", (0.283, 0.258), nearest_neighbours(None)),
    (
        "linear SVM, rate 1e-7, reg 2.5e4",
        "0.37 to 0.38 / -",
        (0.379, 0.354),
        linear(svm_gradient, 1e-7, 2.5e4),
    ),
    (
        "linear SVM, rate 2e-7, reg 1e4",
        "tuned 0.39 / 0.37 to 0.38",
        (0.374, 0.368),
        linear(svm_gradient, 2e-7, 1e4),
    ),
    (
        "softmax, rate 1e-7, reg 2.5e4",
        "0.34 / -",
        (0.342, 0.332),
        linear(softmax_gradient, 1e-7, 2.5e4),
    ),
    (
        "softmax, rate 5e-7, reg 1e4",
        "tuned 0.365 / 0.34 to 0.36",
        (0.359, 0.355),
        linear(softmax_gradient, 5e-7, 1e4),
    ),
    ("two-layer net, 50 hidden", "0.50 / -", (0.497, 0.506), network([50], weight_scale=1e-3)),
    (
        "two-layer net, 100 hidden, reg 0.25",
        "tuned 0.48 to 0.52, both",
        (0.512, 0.530),
        network([100], weight_scale=1e-3, reg=0.25),
    ),
    (
        "5-layer net, Adam",
        "tuned 0.50 to 0.55, both",
        None,
        network([100] * 4, adam=True, weight_scale=2e-2),
    ),
    (
        "5-layer net, Adam, batch norm",
        "tuned 0.50 to 0.55, both",
        (0.552, 0.524),
        network([100] * 4, adam=True, batch_norm=True),
    ),
)
HEAD = """\
| classifier | CIFAR-10, published | CIFAR-10, measured | stand-in |
|---|---|---|---|"""


def pair(accuracies):
    """Return "validation / test", or a dash."""
    return "-" if accuracies is None else " / ".join(f"{value:.3f}" for value in accuracies)


def main():
    """Measure the rows and print them as they come."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1001, 1002])
    parser.add_argument("--root", help="folder of the real CIFAR-10; without it, the stand-in")
    parser.add_argument("--only", default="", help="measure only rows whose name contains this")
    options = parser.parse_args()
    seeds = options.seeds if options.root is None else options.seeds[:1]
    rows = [row for row in LADDER if options.only in row[0]]
    results = {row[0]: [] for row in rows}
    for seed in seeds:
        data = load(seed, options.root)
        for name, _, _, measure in rows:
            start = time.time()
            results[name].append(measure(data))
            seconds = time.time() - start
            print(
                f"seed {seed}  {name}: {pair(results[name][-1])}  {seconds:.0f} s", file=sys.stderr
            )
    print(HEAD if options.root is None else HEAD.replace("stand-in", "this run"))
    for name, published, on_cifar, _ in rows:
        print(
            f"| {name} | {published} | {pair(on_cifar)} | {pair(np.mean(results[name], axis=0))} |"
        )


if __name__ == "__main__":
    main()

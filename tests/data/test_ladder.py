"""Promises of the script that measures the ladder of classifiers, and of the table made with it."""

import sys
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
sys.path.insert(0, str(DATA))

import measure_ladder  # noqa: E402 - found through the line above


@pytest.fixture(scope="module")
def easy():
    """Three hundred rows in ten groups far apart; the test rows are training rows."""
    rng = np.random.default_rng(0)
    y = rng.integers(10, size=300)
    X = (rng.normal(size=(10, 3072))[y] * 50 + rng.normal(size=(300, 3072)) * 5).astype(np.float32)
    return measure_ladder.Data(X, y, X[:100], y[:100], X[:100], y[:100], X.mean(axis=0))


@pytest.mark.parametrize(
    "measure",
    [
        measure_ladder.nearest_neighbours(1),
        measure_ladder.nearest_neighbours(None),
        measure_ladder.linear(measure_ladder.svm_gradient, 1e-7, 1.0, iterations=100),
        measure_ladder.linear(measure_ladder.softmax_gradient, 1e-6, 1.0, iterations=100),
        measure_ladder.network([20], rate=1e-3, weight_scale=1e-3, epochs=30),
        measure_ladder.network([20, 20], adam=True, epochs=10),
        measure_ladder.network([20, 20], adam=True, batch_norm=True, epochs=10),
    ],
)
def test_every_kind_of_classifier_learns_what_is_easy(easy, measure):
    """Groups far apart are told apart: the classifiers of the table are not broken."""
    assert min(measure(easy)) > 0.95


def test_classifiers_find_nothing_where_nothing_is(easy):
    """With shuffled test labels the accuracy is that of chance: no label leaks into a score."""
    wrong = np.random.default_rng(1).permutation(easy.y_test)
    data = measure_ladder.Data(
        easy.X_train, easy.y_train, easy.X_val, easy.y_val, easy.X_test, wrong, easy.mean
    )
    assert measure_ladder.nearest_neighbours(1)(data)[1] < 0.35


def test_the_table_in_the_description_has_the_rows_of_the_script():
    """data/README.md shows each classifier with the figures for CIFAR-10 that the script knows."""
    table = (DATA / "README.md").read_text()
    for name, published, on_cifar, _ in measure_ladder.LADDER:
        assert f"| {name} | {published} | {measure_ladder.pair(on_cifar)} |" in table

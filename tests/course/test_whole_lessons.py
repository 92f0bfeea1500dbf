"""Lessons, from the first cell to the last, as a diligent student runs them.

All eight take a quarter of an hour of one core, so that two are drawn anew for each state of the
course. `make lessons` runs them all.
"""

import hashlib
import random
import re

import numpy as np
import pytest
from lesson import ASSIGNMENTS, Lesson


def knn(names, printed):
    """About 28 % are right, within what 500 pictures can tell."""
    return names["accuracy"] >= 0.26


def svm(names, printed):
    """The best of the grid reaches 0.385 on validation pictures, about 0.37 to 0.41 on others."""
    best = max(validation for _, validation in names["results"].values())
    test = np.mean(names["best_svm"].predict(names["X_test"]) == names["y_test"])
    return best >= 0.385 and 0.36 <= test <= 0.42


def softmax(names, printed):
    """The first training reaches 0.32 to 0.36, the tuned one more than 0.35 on new pictures."""
    first, first_validation, tuned_validation, _ = [
        float(number) for number in re.findall(r"accuracy (0\.\d+)", printed)
    ]
    return all(0.31 <= each <= 0.37 for each in (first, first_validation)) and (
        tuned_validation > 0.35
    )


def two_layer_net(names, printed):
    """The network that is handed in has more than 48 % of the test pictures right."""
    return np.mean(names["y_pred"] == names["y_test"]) > 0.48


def fully_connected_nets(names, printed):
    """The best model passes the question's threshold on test pictures."""
    return names["accuracy"] > 0.5


def batch_normalization(names, printed):
    """With normalisation, far more scales of the weights lead to a network that learns."""
    learnt = {
        kind: sum(max(solver.train_acc_history) > 0.4 for solver in solvers)
        for kind, solvers in names["curves"].items()
    }
    return learnt["batchnorm"] > learnt[None]


def dropout(names, printed):
    """Training accuracy falls with p, and validation accuracy has its maximum in between."""
    results = names["results"]
    means = [results[results[:, 0] == p, 1:].mean(axis=0) for p in sorted(set(results[:, 0]))]
    training, validation = np.transpose(means)
    return training[0] < training[-1] and 0 < validation.argmax() < len(validation) - 1


def convolutional_networks(names, printed):
    """One epoch on all pictures gives more than 40 %, for training and for validation."""
    found = re.search(r"training ([\d.]+)%, validation ([\d.]+)%\n", printed.split("(Epoch")[-1])
    return found is not None and min(map(float, found.groups())) > 40


LESSONS = [
    ("assignment1", knn),
    ("assignment1", svm),
    ("assignment1", softmax),
    ("assignment1", two_layer_net),
    ("assignment2", fully_connected_nets),
    ("assignment2", batch_normalization),
    ("assignment2", dropout),
    ("assignment2", convolutional_networks),
]


def drawn():
    """Return the promises of two lessons; a change of any lesson or module draws others."""
    texts = sorted(ASSIGNMENTS.glob("assignment*/*.py")) + sorted(ASSIGNMENTS.rglob("cs231n/*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in texts)).hexdigest()
    return [promise for _, promise in random.Random(digest).sample(LESSONS, 2)]


@pytest.mark.slow
@pytest.mark.parametrize(("assignment", "promise"), LESSONS, ids=[p.__name__ for _, p in LESSONS])
def test_whole_lesson_keeps_its_promise(assignment, promise, tmp_path, monkeypatch, pytestconfig):
    """All cells run, trainings on all pictures too, and what the text promises comes out."""
    if promise not in drawn() and not pytestconfig.getoption("all_lessons"):
        pytest.skip("not drawn this time; `make lessons` runs it")
    monkeypatch.chdir(tmp_path)
    names, printed = Lesson(assignment, promise.__name__).run_all()
    assert promise(names, printed), printed[-3000:]

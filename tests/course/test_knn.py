"""The k-nearest-neighbour lesson: its solved code is right, its checks tell right from wrong."""

from __future__ import annotations

import ast
import math
import tracemalloc
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from cs231n.classifiers.k_nearest_neighbor import KNearestNeighbor
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from lesson import ASSIGNMENTS, Lesson

from autograder.authoring.course import author_assignment
from autograder.judge.rules import broken_rule
from autograder.model import Limits, Paths, Role

KNN = Lesson("assignment1", "knn")
WAYS = ("compute_distances_two_loops", "compute_distances_one_loop", "compute_distances_no_loops")
TWO, ONE, NO = WAYS
SEEDS = (1, 2, 3)


# ------------------------------------------------------------------------------- dull oracles


def dull_distances(X, T):
    """Distances as on paper, with Python's numbers alone."""
    return np.array(
        [[math.sqrt(math.fsum((a - b) ** 2 for a, b in zip(x, t, strict=True))) for t in T]
         for x in X.tolist()]
    )  # fmt: skip


def dull_labels(dists, y, k):
    """Votes as counted by hand."""
    predicted = []
    for row in dists.tolist():
        nearest = sorted(range(len(row)), key=lambda j, row=row: row[j])[:k]
        votes = Counter(int(y[j]) for j in nearest)
        predicted.append(min(label for label in votes if votes[label] == max(votes.values())))
    return np.array(predicted)


def dull_folds(count, num_folds):
    """Folds as index lists: the first ones are longer by one if it doesn't come out even."""
    sizes = [count // num_folds + (i < count % num_folds) for i in range(num_folds)]
    ends = [sum(sizes[: i + 1]) for i in range(num_folds)]
    return [list(range(end - size, end)) for size, end in zip(sizes, ends, strict=True)]


def dull_cross_validate(X, y, num_folds, k_choices):
    """Cross-validation on the dull oracles."""
    scores = {k: [] for k in k_choices}
    for fold in dull_folds(len(X), num_folds):
        rest = [i for i in range(len(X)) if i not in fold]
        dists = dull_distances(X[fold], X[rest].tolist())
        for k in k_choices:
            right = dull_labels(dists, y[rest], k) == y[fold]
            scores[k].append(right.sum() / len(fold))
    return scores


def trained(X, y=None):
    """Return a classifier that has stored these points."""
    knn = KNearestNeighbor()
    knn.train(X, np.arange(len(X)) if y is None else y)
    return knn


def answers():
    """Return what the answer cells of the lesson define."""
    return KNN.namespace()


# ------------------------------------------------------------------------------- solved code


@st.composite
def two_sets(draw):
    """Draw test and training points of one dimension, in float64."""
    dimension = draw(st.integers(1, 5))
    numbers = st.floats(-1e3, 1e3, allow_subnormal=False)
    sets = [
        draw(hnp.arrays(np.float64, (draw(st.integers(1, 6)), dimension), elements=numbers))
        for _ in range(2)
    ]
    return sets[0], sets[1]


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None)
@given(sets=two_sets())
def test_distances_are_those_on_paper(way, sets):
    """Each way gives the distances of the dull oracle, up to the cancellation without loops."""
    X, T = sets
    found = getattr(trained(T), way)(X)
    expected = dull_distances(X, T.tolist())
    scale = max(1.0, np.abs(X).max(), np.abs(T).max())
    assert found.shape == (len(X), len(T))
    assert np.abs(found - expected).max() <= 1e-6 * scale  # sqrt(1e-16) * 3 and reserve
    assert (found >= 0).all()


@pytest.mark.parametrize("way", WAYS)
def test_distances_of_constant_pictures(way):
    """Constant pictures a and b of D pixels are |a - b| * sqrt(D) apart."""
    a, b = np.array([0.0, 128.0, 255.0]), np.array([10.0, 20.0])
    found = getattr(trained(np.outer(b, np.ones(3072))), way)(np.outer(a, np.ones(3072)))
    assert np.allclose(found, np.abs(a[:, None] - b) * math.sqrt(3072), rtol=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_float32_stays_near(way):
    """Points in float32 give float32 accuracy."""
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(4, 300)), rng.normal(size=(6, 300))
    found = getattr(trained(T.astype(np.float32)), way)(X.astype(np.float32))
    assert np.allclose(found, dull_distances(X, T.tolist()), rtol=1e-5)


def test_points_that_coincide_have_no_nan():
    """Without loops, the distance of a point to itself is about 0 and never NaN."""
    X = 255 * np.random.default_rng(0).random(size=(60, 500))
    found = trained(X).compute_distances_no_loops(X)
    assert np.abs(np.diag(found)).max() < 1e-2
    assert not np.isnan(found).any()


def test_no_loops_needs_little_memory():
    """Without loops, no array is made that is much larger than the result."""
    rng = np.random.default_rng(0)
    knn, X = trained(rng.random(size=(800, 200))), rng.random(size=(400, 200))
    tracemalloc.start()
    found = knn.compute_distances_no_loops(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * found.nbytes


@settings(deadline=None)
@given(data=st.data())
def test_labels_are_those_counted_by_hand(data):
    """The vote and its ties are those of the dull oracle, for any labels and any k."""
    N, M = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 9))
    y = np.array(data.draw(st.lists(st.sampled_from([0, 3, 8, 41]), min_size=M, max_size=M)))
    order = [data.draw(st.permutations(range(M))) for _ in range(N)]
    k = data.draw(st.integers(1, M))
    dists = np.array(order, dtype=float)
    assert (
        trained(np.zeros((M, 1)), y).predict_labels(dists, k=k).tolist()
        == dull_labels(dists, y, k).tolist()
    )


def test_predict_uses_the_way_that_was_asked_for(monkeypatch):
    """The distances come from the method that num_loops names, and k goes to the vote."""
    knn, X = trained(np.array([[0.0], [1.0], [5.0]]), np.array([4, 4, 2])), np.array([[4.0]])
    for num_loops, way in enumerate((NO, ONE, TWO)):
        assert knn.predict(X, num_loops=num_loops).tolist() == [2]
        assert knn.predict(X, k=3, num_loops=num_loops).tolist() == [4]
        with monkeypatch.context() as patched:
            patched.setattr(KNearestNeighbor, way, lambda self, X: np.array([[0.0, 1.0, 2.0]]))
            assert knn.predict(X, num_loops=num_loops).tolist() == [4]
    with pytest.raises(ValueError, match="num_loops is 0, 1 or 2"):
        knn.predict(X, num_loops=3)


@settings(deadline=None, max_examples=25)
@given(count=st.integers(6, 17), num_folds=st.integers(2, 6), seed=st.integers(0, 1000))
def test_cross_validation_is_that_of_the_oracle(count, num_folds, seed):
    """The accuracies are those of the dull oracle, also where folds differ in size."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(count, 2)), rng.integers(3, size=count)
    found = SOLVED["cross_validate"](X, y, num_folds, [3, 1])
    assert found == dull_cross_validate(X, y, num_folds, [3, 1])


@given(
    scores=st.dictionaries(
        st.integers(1, 99), st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=4, max_size=4)
    ).filter(bool)
)
def test_chosen_k_is_the_smallest_of_the_best(scores):
    """No k has a higher mean than the chosen one, and no smaller k as high a mean."""
    best = max(sum(map(Fraction, values)) for values in scores.values())
    expected = min(k for k, values in scores.items() if sum(map(Fraction, values)) == best)
    assert SOLVED["choose_k"](scores) == expected


SOLVED = answers()


# ------------------------------------------------------------------------------- the lesson


@pytest.mark.parametrize("question", KNN.names(Role.QUESTION))
def test_question_stands_alone(question):
    """What students see of a question passes on the solved package without other questions."""
    printed = KNN.show_visible(question)
    assert printed.count("Good: ") >= 2 or question in (TWO, ONE)
    assert KNN.problems(question) == []


@pytest.mark.parametrize("question", KNN.names(Role.QUESTION))
def test_hidden_inputs_depend_on_the_seed(question):
    """Another grading run asks for other values."""
    first, second = (KNN.run(question, seed=seed) for seed in (1, 2))
    assert first.keys() == second.keys()
    assert any(not np.array_equal(first[name].value, second[name].value) for name in first)


def test_rules_about_the_text():
    """The solved methods keep the rules; a loop or a forbidden name breaks them."""
    assignment = author_assignment(Paths(ASSIGNMENTS.parent), "assignment1")
    solved = (ASSIGNMENTS / "cs231n/classifiers/k_nearest_neighbor.py").read_bytes()
    rules = {rule.question: rule for rule in assignment.source_rules if rule.question in WAYS}
    assert rules.keys() == set(WAYS)
    for way, rule in rules.items():
        assert broken_rule(rule, solved) is None
        assert "np.linalg.norm" in broken_rule(rule, _with_body(solved, way, "np.linalg.norm(X)"))
        imported = "__import__('os'); from scipy.spatial.distance import cdist; cdist(X, X)"
        assert "cdist" in broken_rule(rule, _with_body(solved, way, imported))
    assert "loop" in broken_rule(rules[NO], _with_body(solved, NO, "[x for x in X]"))


def _with_body(module, method, line):
    """Return a module's source in which a method consists of one line."""
    tree = ast.parse(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == method:
            node.body = ast.parse(line).body
    return ast.unparse(tree).encode()


# ------------------------------------------------------------------------------- right programs


def by_broadcasting(self, X):
    return np.sqrt(((X[:, None, :] - self.X_train[None, :, :]) ** 2).sum(axis=2))


def by_other_order(self, X):
    train = self.X_train
    squares = (X**2).sum(1, keepdims=True) + (train**2).sum(1)[None] - 2 * (train @ X.T).T
    return np.abs(squares) ** 0.5


def by_centred_float64(self, X):
    train, X = self.X_train.astype(float), X.astype(float)
    center = train.mean(axis=0)
    train, X = train - center, X - center
    return np.sqrt(np.clip(np.sum(X * X, 1)[:, None] - 2 * X.dot(train.T) + np.sum(train * train, 1), 0, None))  # noqa: E501  # fmt: skip


def without_clipping(self, X):
    return np.sqrt((X**2).sum(1)[:, None] - 2 * X @ self.X_train.T + (self.X_train**2).sum(1))


def labels_by_bincount(self, dists, k=1):
    nearest = np.argsort(dists, axis=1)[:, :k]
    return np.array([np.bincount(self.y_train[row]).argmax() for row in nearest])


def labels_by_counter_as_floats(self, dists, k=1):
    return dull_labels(dists, self.y_train, k).astype(float)


def labels_by_partition(self, dists, k=1):
    nearest = np.argpartition(dists, k - 1, axis=1)[:, :k]
    return np.array([np.bincount(self.y_train[row]).argmax() for row in nearest])


def cross_validate_by_masks(X, y, num_folds, k_choices):
    folds = np.array_split(np.arange(len(X)), num_folds)
    scores = {}
    for k in sorted(k_choices):
        scores[k] = np.zeros(num_folds)
        for i, fold in enumerate(folds):
            held_out = np.isin(np.arange(len(X)), fold)
            knn = trained(X[~held_out], y[~held_out])
            scores[k][i] = (knn.predict(X[held_out], k, num_loops=2) == y[held_out]).sum() / len(fold)  # noqa: E501  # fmt: skip
    return scores


def choose_k_by_comparing(k_to_accuracies):
    best = None
    for k in sorted(k_to_accuracies):
        if best is None or sum(k_to_accuracies[k]) > sum(k_to_accuracies[best]):
            best = k
    return best


RIGHT = [
    *((way, function) for way in WAYS for function in (by_other_order, by_centred_float64)),
    (TWO, by_broadcasting),
    (ONE, by_broadcasting),
    (NO, without_clipping),
    ("predict_labels", labels_by_bincount),
    ("predict_labels", labels_by_counter_as_floats),
    ("predict_labels", labels_by_partition),
    ("cross_validate", cross_validate_by_masks),
    ("cross_validate", dull_cross_validate),
    ("choose_k", choose_k_by_comparing),
]


@pytest.mark.parametrize(("question", "function"), RIGHT, ids=lambda part: getattr(part, "__name__", part))  # noqa: E501  # fmt: skip
@pytest.mark.slow
def test_right_program_passes(question, function):
    """A right program passes, however it is written."""
    for seed in SEEDS:
        assert problems(question, function, seed) == []


def problems(question, function, seed):
    """Return what the judge says of a function in the place of the solved one."""
    if hasattr(KNearestNeighbor, question):
        return KNN.problems(question, patched=[(KNearestNeighbor, question, function)], seed=seed)
    return KNN.problems(question, {question: function}, seed=seed)


# ------------------------------------------------------------------------------- wrong programs


def row_by_row(distance):
    """Make a compute_distances from a wrong distance of all rows of an array from the origin.

    The points that are many because of the memory that they need get right distances: a mistake
    has to be found among the few.
    """

    def compute_distances(self, X):
        if self.X_train.size > 10**6:
            return by_other_order(self, X)
        return np.array([distance(self.X_train - x) for x in X])

    return compute_distances


def transposed(self, X):
    return by_other_order(self, X).T


def last_row_forgotten(self, X):
    dists = by_other_order(self, X)
    dists[-1] = 0
    return dists


def last_column_forgotten(self, X):
    dists = by_other_order(self, X)
    dists[:, -1] = 0
    return dists


def distances_of_the_first_test_point(self, X):
    return np.repeat(by_other_order(self, X[:1]), len(X), axis=0)


def distances_among_test_points(self, X):
    return by_other_order(trained(X), X)


def data_of_the_first_training(self, X):
    self.__class__.kept = getattr(self.__class__, "kept", self.X_train)
    return by_other_order(trained(self.__class__.kept), X)


def centres_the_arguments(self, X):
    center = self.X_train.mean(axis=0)
    self.X_train -= center
    X -= center
    return by_other_order(self, X)


def returns_nothing(self, X):
    by_other_order(self, X)


def expanded(self, X, product=-2.0):
    train = self.X_train
    return (X**2).sum(1)[:, None] + product * X @ train.T + (train**2).sum(1)


def factor_forgotten(self, X):
    return np.sqrt(np.maximum(expanded(self, X, product=-1.0), 0))


def plus_instead_of_minus(self, X):
    return np.sqrt(expanded(self, X, product=2.0))


def norms_of_test_points_forgotten(self, X):
    return np.sqrt(np.abs(expanded(self, X) - (X**2).sum(1)[:, None]))


def norms_along_the_wrong_axis(self, X):
    train = self.X_train
    return np.sqrt(np.abs((X**2).sum(0) - 2 * X @ train.T + (train**2).sum(0)))


def norms_in_one_sum(self, X):
    train = self.X_train
    return np.sqrt(np.abs((X**2).sum() - 2 * X @ train.T + (train**2).sum()))


def clipped_at_one(self, X):
    return np.sqrt(np.maximum(expanded(self, X), 1))


DISTANCES = {
    "without the root": row_by_row(lambda d: (d**2).sum(axis=1)),
    "L1": row_by_row(lambda d: np.abs(d).sum(axis=1)),
    "largest difference": row_by_row(lambda d: np.abs(d).max(axis=1)),
    "mean instead of sum": row_by_row(lambda d: np.sqrt((d**2).mean(axis=1))),
    "root before the sum": row_by_row(lambda d: np.sqrt(d**2).sum(axis=1)),
    "square after the sum": row_by_row(lambda d: np.sqrt(d.sum(axis=1) ** 2)),
    "root twice": row_by_row(lambda d: (d**2).sum(axis=1) ** 0.25),
    "sum over the wrong axis": row_by_row(lambda d: np.sqrt((d**2).sum(axis=0))),
    "sum over everything": row_by_row(lambda d: np.full(len(d), np.sqrt((d**2).sum()))),
    "whole numbers": row_by_row(lambda d: np.sqrt((d**2).sum(axis=1)).astype(int)),
    "half precision": row_by_row(lambda d: np.sqrt((d**2).sum(axis=1)).astype(np.float16)),
    "the first three numbers": row_by_row(lambda d: np.sqrt((d[:, :3] ** 2).sum(axis=1))),
    "not the last number": row_by_row(lambda d: np.sqrt((d[:, :-1] ** 2).sum(axis=1))),
    **{
        f.__name__: f
        for f in (
            transposed,
            last_row_forgotten,
            last_column_forgotten,
            distances_of_the_first_test_point,
            distances_among_test_points,
            data_of_the_first_training,
            centres_the_arguments,
            returns_nothing,
        )
    },
}
EXPANDED = [
    factor_forgotten, plus_instead_of_minus, norms_of_test_points_forgotten,
    norms_along_the_wrong_axis, norms_in_one_sum, clipped_at_one,
]  # fmt: skip


def voting(choose, count=lambda k, M: k):
    """Make a predict_labels from a function that chooses one of the labels of the neighbours."""

    def predict_labels(self, dists, k=1):
        nearest = np.argsort(dists, axis=1)[:, : count(k, dists.shape[1])]
        return np.array([choose(self.y_train[row]) for row in nearest])

    return predict_labels


def most_frequent(labels):
    return np.bincount(labels).argmax()


def furthest_vote(self, dists, k=1):
    return labels_by_bincount(self, -dists, k)


def sorts_columns(self, dists, k=1):
    nearest = np.argsort(dists, axis=0)[:k].T
    return np.array([np.bincount(self.y_train[row]).argmax() for row in nearest])


def positions_instead_of_labels(self, dists, k=1):
    return np.argsort(dists, axis=1)[:, :k].min(axis=1)


def sorts_the_distances(self, dists, k=1):
    dists.sort(axis=1)
    return labels_by_bincount(self, dists, k)


def marks_used_distances(self, dists, k=1):
    found = labels_by_bincount(self, dists, k)
    dists[:, 0] = np.inf
    return found


def partition_at_k(self, dists, k=1):
    nearest = np.argpartition(dists, k, axis=1)[:, :k]
    return np.array([np.bincount(self.y_train[row]).argmax() for row in nearest])


def ten_classes(self, dists, k=1):
    votes = np.zeros((len(dists), 10))
    for i, row in enumerate(np.argsort(dists, axis=1)[:, :k]):
        np.add.at(votes[i], self.y_train[row], 1)
    return votes.argmax(axis=1)


def votes_that_pile_up(self, dists, k=1):
    votes, found = np.zeros(self.y_train.max() + 1), []
    for row in np.argsort(dists, axis=1)[:, :k]:
        np.add.at(votes, self.y_train[row], 1)
        found.append(votes.argmax())
    return np.array(found)


def squeezed(self, dists, k=1):
    return np.squeeze(labels_by_bincount(self, dists, k))


LABELS = {
    "ties to the larger label": voting(lambda labels: len(b := np.bincount(labels)) - 1 - b[::-1].argmax()),  # noqa: E501
    "ties to the nearest label": voting(lambda labels: Counter(labels.tolist()).most_common(1)[0][0]),  # noqa: E501
    "ties to the last label": voting(lambda labels: Counter(labels[::-1].tolist()).most_common(1)[0][0]),  # noqa: E501
    "all points vote": voting(most_frequent, lambda k, M: M),
    "always one neighbour": voting(most_frequent, lambda k, M: 1),
    "one neighbour too many": voting(most_frequent, lambda k, M: k + 1),
    "one neighbour too few": voting(most_frequent, lambda k, M: max(1, k - 1)),
    "the nearest one is left out": voting(lambda labels: most_frequent(labels[1:] if len(labels) > 1 else labels)),  # noqa: E501
    "mean of the labels": voting(lambda labels: labels.mean().round()),
    "median of the labels": voting(np.median),
    "smallest label of all": voting(np.min),
    "votes instead of labels": voting(lambda labels: np.bincount(labels).max()),
    "position in the unique labels": voting(lambda labels: np.unique(labels, return_counts=True)[1].argmax()),  # noqa: E501
    "the furthest vote": furthest_vote,
    "columns are sorted": sorts_columns,
    "positions, not labels": positions_instead_of_labels,
    "distances are sorted in place": sorts_the_distances,
    "distances are changed": marks_used_distances,
    "partition fails with all neighbours": partition_at_k,
    "ten classes": ten_classes,
    "votes pile up": votes_that_pile_up,
    "a single label loses its axis": squeezed,
}  # fmt: skip


def validating(folds=dull_folds, train=None, score=np.mean, finish=lambda scores: scores):
    """Make a cross_validate with one part replaced; `train` chooses the training points."""

    def cross_validate(X, y, num_folds, k_choices):
        scores = {k: [] for k in k_choices}
        for fold in folds(len(X), num_folds):
            rest = [i for i in range(len(X)) if i not in fold]
            knn = trained(*(part[train(fold, rest) if train else rest] for part in (X, y)))
            for k in k_choices:
                scores[k].append(score(knn.predict(X[fold], k) == y[fold]))
        return finish(scores)

    return cross_validate


def shuffled_folds(count, num_folds):
    order = np.random.default_rng(0).permutation(count)
    return [part.tolist() for part in np.array_split(order, num_folds)]


def equal_folds(count, num_folds):
    size = count // num_folds
    return [list(range(i * size, (i + 1) * size)) for i in range(num_folds)]


def rest_in_last_fold(count, num_folds):
    folds = equal_folds(count, num_folds)
    folds[-1] = list(range(folds[-1][0], count))
    return folds


def accuracies_pile_up(X, y, num_folds, k_choices):
    scores, collected = dull_cross_validate(X, y, num_folds, k_choices), []
    for k in k_choices:
        collected.extend(scores[k])
        scores[k] = collected
    return scores


def checks_on_the_other_folds(X, y, num_folds, k_choices):
    scores = {k: [] for k in k_choices}
    for fold in dull_folds(len(X), num_folds):
        rest = [i for i in range(len(X)) if i not in fold]
        for k in k_choices:
            k_used = min(k, len(fold))
            scores[k].append(np.mean(trained(X[fold], y[fold]).predict(X[rest], k_used) == y[rest]))
    return scores


CROSS_VALIDATIONS = {
    "trains on everything": validating(train=lambda fold, rest: [*fold, *rest]),
    "roles of the folds exchanged": checks_on_the_other_folds,
    "shuffled folds": validating(folds=shuffled_folds),
    "interleaved folds": validating(folds=lambda n, folds: [list(range(i, n, folds)) for i in range(folds)]),  # noqa: E501
    "folds in the opposite order": validating(folds=lambda n, folds: dull_folds(n, folds)[::-1]),
    "points left over": validating(folds=equal_folds),
    "the last fold takes what is left over": validating(folds=rest_in_last_fold),
    "always five folds": validating(folds=lambda n, folds: dull_folds(n, 5)),
    "the first fold only": validating(folds=lambda n, folds: dull_folds(n, folds)[:1] * folds),
    "one fold too few": validating(folds=lambda n, folds: dull_folds(n, folds)[:-1]),
    "errors instead of accuracies": validating(score=lambda right: 1 - right.mean()),
    "counts instead of accuracies": validating(score=np.sum),
    "percent": validating(score=lambda right: 100 * right.mean()),
    "one mean for each k": validating(finish=lambda s: {k: np.mean(s[k]) for k in s}),
    "sorted accuracies": validating(finish=lambda s: {k: sorted(s[k]) for k in s}),
    "keys are texts": validating(finish=lambda s: {str(k): s[k] for k in s}),
    "lists instead of a dictionary": validating(finish=lambda s: list(s.values())),
    "keys in a fixed list": validating(finish=lambda s: {k: s.get(k, [0.0]) for k in (1, 3, 5, 8)}),
    "accuracies pile up": accuracies_pile_up,
}  # fmt: skip


def by_mean(k_to_accuracies):
    return {k: np.mean(values) for k, values in k_to_accuracies.items()}


CHOICES = {
    "the first of equals": lambda s: max(s, key=lambda k: np.mean(s[k])),
    "the largest of equals": lambda s: max(sorted(s, reverse=True), key=lambda k: np.mean(s[k])),
    "the worst": lambda s: min(sorted(s), key=lambda k: np.mean(s[k])),
    "the best single fold": lambda s: max(sorted(s), key=lambda k: np.max(s[k])),
    "the best worst fold": lambda s: max(sorted(s), key=lambda k: np.min(s[k])),
    "the best median": lambda s: max(sorted(s), key=lambda k: np.median(s[k])),
    "the best first fold": lambda s: max(sorted(s), key=lambda k: s[k][0]),
    "the best mean": lambda s: max(by_mean(s).values()),
    "its position": lambda s: int(np.argmax(list(by_mean(s).values()))),
    "the last": lambda s: list(s)[-1],
    "the smallest": min,
    "all of equals": lambda s: [k for k in sorted(s) if by_mean(s)[k] == max(by_mean(s).values())],
    "a usual value": lambda s: 10,
}

WRONG = [
    *((way, name, f) for way in WAYS for name, f in DISTANCES.items()),
    *((NO, f.__name__, f) for f in EXPANDED),
    *(("predict_labels", name, f) for name, f in LABELS.items()),
    *(("cross_validate", name, f) for name, f in CROSS_VALIDATIONS.items()),
    *(("choose_k", name, f) for name, f in CHOICES.items()),
]


@pytest.mark.parametrize(
    ("question", "name", "function"), WRONG, ids=[f"{row[0]}: {row[1]}" for row in WRONG]
)
@pytest.mark.slow
def test_wrong_program_is_caught(question, name, function, monkeypatch):
    """A typical mistake is caught by a hidden probe, whatever the hidden inputs of the run."""
    monkeypatch.setattr(KNearestNeighbor, "kept", None, raising=False)
    monkeypatch.delattr(KNearestNeighbor, "kept")
    for seed in SEEDS:
        found = problems(question, function, seed)
        assert found, f"{name} passes {question} with seed {seed}"
        assert any(not said.startswith("check ") for said in found), f"only seen: {found}"


def test_the_hidden_points_are_too_many_for_all_differences(monkeypatch):
    """An array of all differences of the largest probe doesn't fit in a submission's memory."""
    sizes = []

    def measured(self, X):
        sizes.append(len(X) * self.X_train.size * X.itemsize)
        return by_other_order(self, X)

    monkeypatch.setattr(KNearestNeighbor, NO, measured)
    KNN.run(NO)
    assert max(sizes) > Limits().memory_bytes


@pytest.mark.parametrize("way", WAYS)
def test_visible_check_names_the_pattern(way):
    """Students without the root are told so by the check that they see."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(KNearestNeighbor, way, DISTANCES["without the root"])
        with pytest.raises(AssertionError, match="the square of what it should be"):
            KNN.show_visible(way)

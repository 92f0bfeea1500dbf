"""Masks of what is held out; sorting by two keys."""

import numpy as np


def cross_validate(X, y, num_folds, k_choices):
    ends = np.cumsum([0] + [len(part) for part in np.array_split(y, num_folds)])
    scores = {k: np.zeros(num_folds) for k in k_choices}
    for fold in range(num_folds):
        held_out = np.zeros(len(X), dtype=bool)
        held_out[ends[fold] : ends[fold + 1]] = True
        model = KNearestNeighbor()
        model.train(X[~held_out], y[~held_out])
        dists = model.compute_distances_two_loops(X[held_out])
        for k in k_choices:
            scores[k][fold] = (model.predict_labels(dists, k) == y[held_out]).mean()
    return scores


def choose_k(k_to_accuracies):
    return sorted(k_to_accuracies, key=lambda k: (-np.mean(k_to_accuracies[k]), k))[0]

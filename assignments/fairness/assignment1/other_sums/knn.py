"""Folds by their numbers; the best k by a comparison of sums."""

import numpy as np


def cross_validate(X, y, num_folds, k_choices):
    folds = np.array_split(np.arange(len(y)), num_folds)
    k_to_accuracies = {}
    for k in k_choices:
        accuracies = []
        for fold in folds:
            others = np.setdiff1d(np.arange(len(y)), fold)
            model = KNearestNeighbor()
            model.train(X[others], y[others])
            hits = model.predict(X[fold], k=k, num_loops=1) == y[fold]
            accuracies.append(hits.sum() / len(fold))
        k_to_accuracies[k] = accuracies
    return k_to_accuracies


def choose_k(k_to_accuracies):
    best_k, best_sum = None, -1.0
    for k, accuracies in k_to_accuracies.items():
        total = sum(accuracies) / len(accuracies)
        if total > best_sum or (total == best_sum and k < best_k):
            best_k, best_sum = k, total
    return best_k

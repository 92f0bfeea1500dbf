"""Joined lists of arrays; a table of means."""

import numpy as np


def cross_validate(X, y, num_folds, k_choices):
    parts = list(zip(np.array_split(X, num_folds), np.array_split(y, num_folds), strict=True))
    result = {}
    for k in sorted(k_choices):
        result[k] = []
        for i, (X_val, y_val) in enumerate(parts):
            rest = [part for j, part in enumerate(parts) if j != i]
            knn = KNearestNeighbor()
            knn.train(np.vstack([a for a, _ in rest]), np.hstack([b for _, b in rest]))
            wrong = np.count_nonzero(knn.predict(X_val, k) != y_val)
            result[k].append(1 - wrong / len(y_val))
    return result


def choose_k(k_to_accuracies):
    ks = np.sort(list(k_to_accuracies))
    return int(ks[np.argmax([np.average(k_to_accuracies[k]) for k in ks])])

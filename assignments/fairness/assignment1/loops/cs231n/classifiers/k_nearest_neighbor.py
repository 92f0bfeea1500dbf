"""Plain Python where loops are allowed; the binomial formula with one product of stacked arrays."""

import math

import numpy as np


class KNearestNeighbor:
    def compute_distances_two_loops(self, X):
        return np.array(
            [
                [
                    math.sqrt(sum((a - b) ** 2 for a, b in zip(x, t, strict=True)))
                    for t in self.X_train
                ]
                for x in X
            ]
        )

    def compute_distances_one_loop(self, X):
        rows = []
        for x in X:
            rows.append(np.power(np.power(self.X_train - x, 2).sum(axis=-1), 0.5))
        return np.stack(rows)

    def compute_distances_no_loops(self, X):
        T = self.X_train
        left = np.hstack([np.sum(X * X, axis=1, keepdims=True), np.ones((len(X), 1)), -2 * X])
        right = np.hstack([np.ones((len(T), 1)), np.sum(T * T, axis=1, keepdims=True), T])
        return np.sqrt(np.clip(left @ right.T, 0, None))

    def predict_labels(self, dists, k=1):
        found = []
        for row in dists:
            nearest = sorted(range(len(row)), key=lambda j: row[j])[:k]
            votes = {}
            for j in nearest:
                votes[self.y_train[j]] = votes.get(self.y_train[j], 0) + 1
            found.append(min(votes, key=lambda label: (-votes[label], label)))
        return np.array(found)

"""Batches by np.random.choice; steps in place."""

import numpy as np


class LinearClassifier:
    def train(
        self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
    ):
        num_train, dim = X.shape
        if self.W is None:
            self.W = 0.001 * np.random.randn(dim, np.max(y) + 1)
        history = []
        for _ in range(num_iters):
            rows = np.random.choice(num_train, batch_size)
            loss, grad = self.loss(X[rows], y[rows], reg)
            history.append(loss)
            self.W -= learning_rate * grad
        return history

    def predict(self, X):
        return X.dot(self.W).argmax(axis=1)

"""Batches drawn one row after the other; scores of one example after the other."""

import numpy as np


class LinearClassifier:
    def train(
        self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
    ):
        num_train, dim = X.shape
        num_classes = len(set(y))
        if self.W is None:
            self.W = np.random.normal(scale=0.001, size=(dim, num_classes))
        history = []
        for _ in range(num_iters):
            rows = [np.random.randint(0, num_train) for _ in range(batch_size)]
            loss, grad = self.loss(np.array([X[i] for i in rows]), y[rows], reg)
            history += [loss]
            self.W = self.W - grad * learning_rate
        return history

    def predict(self, X):
        y_pred = np.zeros(X.shape[0], dtype=int)
        for i in range(X.shape[0]):
            y_pred[i] = np.argmax(self.W.T @ X[i])
        return y_pred

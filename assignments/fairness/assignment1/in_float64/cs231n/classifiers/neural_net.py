"""The biases as weights of a number that is always 1, in float64; minus logarithms of p."""

import numpy as np


class TwoLayerNet:
    def loss(self, X, y=None, reg=0.0):
        first = np.vstack([self.params["W1"], self.params["b1"]]).astype(np.float64)
        second = np.vstack([self.params["W2"], self.params["b2"]]).astype(np.float64)
        ones = np.ones((X.shape[0], 1))
        x = np.hstack([X, ones])
        h = np.hstack([np.maximum(x @ first, 0), ones])
        scores = h @ second
        if y is None:
            return scores
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            loss = np.mean(-np.log(p[np.arange(len(y)), y]))
        loss += reg * (np.sum(first[:-1] ** 2) + np.sum(second[:-1] ** 2))
        p[np.arange(len(y)), y] -= 1
        dsecond = h.T @ p / len(y)
        dh = (p @ second[:-1].T) * np.sign(h[:, :-1])
        dfirst = x.T @ dh / len(y)
        return loss, {
            "W1": dfirst[:-1] + 2 * reg * first[:-1],
            "b1": dfirst[-1],
            "W2": dsecond[:-1] + 2 * reg * second[:-1],
            "b2": dsecond[-1],
        }

    def predict(self, X):
        hidden = np.maximum(0, X @ self.params["W1"] + self.params["b1"])
        return np.argmax(hidden @ self.params["W2"] + self.params["b2"], axis=1)

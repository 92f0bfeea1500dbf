"""The forward pass written out with @; the caches of the layers are made anew on the way back."""

import numpy as np


class TwoLayerNet:
    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        sizes = (input_dim, hidden_dim, num_classes)
        self.params = {}
        self.reg = reg
        for i in (1, 2):
            self.params[f"W{i}"] = (
                np.random.standard_normal((sizes[i - 1], sizes[i])) * weight_scale
            )
            self.params[f"b{i}"] = 0.0 * np.arange(sizes[i])

    def loss(self, X, y=None):
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        rows = X.reshape(X.shape[0], -1)
        hidden = np.clip(rows @ W1 + b1, 0, None)
        scores = hidden @ W2 + b2
        if y is None:
            return scores
        exps = np.array([np.exp(row - max(row)) for row in scores])
        probabilities = exps / exps.sum(axis=1)[:, None]
        N = len(rows)
        data_loss = np.mean(-np.log(probabilities[range(N), y]))
        dscores = probabilities.copy()
        for i in range(N):
            dscores[i, y[i]] -= 1
        dhidden = (dscores / N) @ W2.T
        dhidden[hidden == 0] = 0
        grads = {
            "b2": (dscores / N).sum(0),
            "W2": hidden.T @ (dscores / N) + self.reg * W2,
            "b1": dhidden.sum(0),
            "W1": rows.T @ dhidden + self.reg * W1,
        }
        weights = np.concatenate([W1.ravel(), W2.ravel()])
        return data_loss + 0.5 * self.reg * weights @ weights, grads

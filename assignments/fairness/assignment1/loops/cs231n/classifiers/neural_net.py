"""The network, one example after the other."""

import numpy as np


class TwoLayerNet:
    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = [self.params[name] for name in ("W1", "b1", "W2", "b2")]
        hidden = np.array([np.clip(x @ W1 + b1, 0, np.inf) for x in X])
        scores = np.array([h @ W2 + b2 for h in hidden])
        if y is None:
            return scores
        loss = 0.0
        grads = {name: np.zeros_like(value) for name, value in self.params.items()}
        for i in range(len(X)):
            shifted = scores[i] - np.max(scores[i])
            dscore = np.exp(shifted) / np.exp(shifted).sum()
            loss += np.log(np.exp(shifted).sum()) - shifted[y[i]]
            dscore[y[i]] -= 1
            dhidden = W2 @ dscore * (hidden[i] > 0)
            grads["W2"] += np.outer(hidden[i], dscore) / len(X)
            grads["b2"] += dscore / len(X)
            grads["W1"] += np.outer(X[i], dhidden) / len(X)
            grads["b1"] += dhidden / len(X)
        loss /= len(X)
        for name in ("W1", "W2"):
            loss += reg * (self.params[name] ** 2).sum()
            grads[name] += 2 * reg * self.params[name]
        return loss, grads

    def predict(self, X):
        return np.array([int(np.argmax(row)) for row in self.loss(X)])

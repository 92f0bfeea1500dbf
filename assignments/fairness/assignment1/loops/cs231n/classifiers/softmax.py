"""math in place of NumPy where loops are allowed; probabilities before their logarithms."""

import math

import numpy as np


def softmax_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(X)):
        scores = X[i] @ W
        top = max(scores)
        total = math.fsum(math.exp(s - top) for s in scores)
        loss += top + math.log(total) - scores[y[i]]
        shares = np.array([math.exp(s - top) / total for s in scores])
        shares[y[i]] -= 1
        dW += np.outer(X[i], shares)
    return loss / len(X) + reg * float((W * W).sum()), dW / len(X) + 2 * reg * W


def softmax_loss_vectorized(W, X, y, reg):
    scores = X @ W
    exps = np.exp(scores - scores.max(axis=1).reshape(-1, 1))
    p = exps / exps.sum(axis=1).reshape(-1, 1)
    with np.errstate(divide="ignore"):
        loss = -np.log(p[np.arange(len(y)), y]).mean() + reg * (W**2).sum()
    np.subtract.at(p, (np.arange(len(y)), y), 1)
    return loss, np.tensordot(X, p, axes=([0], [0])) / len(y) + 2 * reg * W

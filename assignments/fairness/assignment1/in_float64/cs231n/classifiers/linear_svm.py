"""Everything in float64; the right class kept among the margins, and taken off the loss."""

import numpy as np


def svm_loss_naive(W, X, y, reg):
    W, X = W.astype(np.float64), X.astype(np.float64)
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(len(X)):
        scores = X[i] @ W
        margins = np.maximum(scores - scores[y[i]] + 1, 0)
        loss += margins.sum() - 1
        active = (margins > 0).astype(np.float64)
        active[y[i]] -= active.sum()
        dW += X[i][:, None] * active
    return loss / len(X) + reg * np.sum(W * W), dW / len(X) + 2 * reg * W


def svm_loss_vectorized(W, X, y, reg):
    W, X = W.astype(np.float64), X.astype(np.float64)
    scores = X @ W
    margins = np.maximum(scores - scores[np.arange(len(y)), y].reshape(-1, 1) + 1, 0)
    active = np.where(margins > 0, 1.0, 0.0)
    active[np.arange(len(y)), y] -= active.sum(axis=1)
    loss = np.mean(margins.sum(axis=1) - 1) + reg * np.sum(W * W)
    return loss, np.dot(X.T, active / len(y)) + 2 * reg * W

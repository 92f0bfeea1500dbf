"""Masks of ones and zeros, einsum, division at the end."""

import numpy as np


def svm_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for x, label in zip(X, y, strict=True):
        scores = W.T @ x
        for j in range(len(scores)):
            margin = 1 + scores[j] - scores[label]
            if j != label and margin >= 0:
                loss += margin
                dW[:, j] += x
                dW[:, label] += -x
    return loss / len(X) + reg * (W**2).sum(), dW / len(X) + reg * 2 * W


def svm_loss_vectorized(W, X, y, reg):
    N, C = len(y), W.shape[1]
    right = np.eye(C)[y]
    scores = np.einsum("nd,dc->nc", X, W)
    margins = (scores - (scores * right).sum(1)[:, None] + 1) * (1 - right)
    active = (margins > 0) * 1.0
    coefficients = active - right * active.sum(1, keepdims=True)
    loss = np.sum(margins * active) / N + reg * np.einsum("dc,dc->", W, W)
    return loss, np.einsum("nd,nc->dc", X, coefficients) / N + 2 * reg * W

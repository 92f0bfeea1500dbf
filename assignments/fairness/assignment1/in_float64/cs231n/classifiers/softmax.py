"""Everything in float64; one shift for naive and vectorised."""

import numpy as np


def softmax_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(X.shape[0]):
        scores = X[i].astype(np.float64) @ W
        exps = np.exp(scores - scores.max())
        with np.errstate(divide="ignore"):
            loss -= np.log(exps[y[i]] / exps.sum())
        dscores = exps / exps.sum() - np.eye(W.shape[1])[y[i]]
        dW += X[i].reshape(-1, 1) @ dscores.reshape(1, -1)
    return loss / X.shape[0] + reg * np.sum(W**2), dW / X.shape[0] + reg * 2 * W


def softmax_loss_vectorized(W, X, y, reg):
    scores = X.astype(np.float64) @ W
    scores -= scores[np.arange(len(y)), scores.argmax(axis=1)][:, None]
    log_sums = np.log(np.exp(scores).sum(axis=1))
    loss = (log_sums - scores[np.arange(len(y)), y]).sum() / len(y) + reg * (W * W).sum()
    p = np.exp(scores - log_sums[:, None])
    p[np.arange(len(y)), y] -= 1
    return loss, X.T.astype(np.float64) @ p / len(y) + 2 * reg * W

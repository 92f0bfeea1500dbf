"""Everything in float64 whatever comes in; the loss is minus the logarithm of a probability."""

import numpy as np


def affine_forward(x, w, b):
    rows = np.asarray(x, dtype=np.float64).reshape(len(x), w.shape[0])
    return np.add(np.matmul(rows, w.astype(np.float64)), b), (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dout = dout.astype(np.float64)
    dx = (w.astype(np.float64) @ dout.T).T.reshape(x.shape)
    dw = (dout.T @ x.reshape(len(x), w.shape[0])).T
    return dx, dw, np.ones(len(dout)) @ dout


def relu_forward(x):
    out = (np.abs(x.astype(np.float64)) + x) / 2
    return out, x


def relu_backward(dout, cache):
    return dout.astype(np.float64) * np.heaviside(cache.astype(np.float64), 0.5)


def svm_loss(x, y):
    x = x.astype(np.float64)
    N = len(y)
    right = x[np.arange(N), y].reshape(N, 1)
    margins = np.clip(1 + x - right, 0, None)
    loss = (margins.sum() - N) / N  # the right class has a margin of 1
    dx = np.sign(margins)
    dx[np.arange(N), y] -= dx.sum(axis=1)
    return loss, dx / N


def softmax_loss(x, y):
    x = x.astype(np.float64)
    exps = np.exp(x - np.max(x, axis=-1, keepdims=True))
    p = exps / np.sum(exps, axis=-1, keepdims=True)
    with np.errstate(divide="ignore"):
        loss = np.mean(-np.log(p[np.arange(len(y)), y]))
    p[np.arange(len(y)), y] -= 1
    return loss, p / len(y)

"""Sums by einsum, choices by masks of ones and zeros; the gradient of ReLU at 0 is dout."""

import numpy as np


def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], np.prod(x.shape[1:]))
    out = np.einsum("nd,dm->nm", rows, w) + b[np.newaxis, :]
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = np.reshape(np.einsum("nm,dm->nd", dout, w), x.shape)
    dw = np.einsum("nd,nm->dm", x.reshape(x.shape[0], -1), dout)
    return dx, dw, np.einsum("nm->m", dout)


def relu_forward(x):
    return x * (x > 0), x


def relu_backward(dout, cache):
    return np.where(cache >= 0, dout, 0)


def svm_loss(x, y):
    N, C = x.shape
    right = y[:, None] == np.arange(C)
    margins = x - np.sum(x * right, axis=1, keepdims=True) + 1 - right
    active = (margins > 0) & ~right
    loss = np.sum(margins * active) / N
    dx = (active - right * active.sum(axis=1, keepdims=True)) / N
    return loss, dx


def softmax_loss(x, y):
    N, C = x.shape
    right = np.eye(C)[y]
    log_p = x - np.logaddexp.reduce(x, axis=1)[:, None]
    return -np.einsum("nc,nc->", right, log_p) / N, (np.exp(log_p) - right) / N

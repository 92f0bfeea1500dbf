"""One example, and one number, after the other; gradients of ReLU at 0 are 0."""

import math

import numpy as np


def affine_forward(x, w, b):
    out = np.zeros((len(x), w.shape[1]), dtype=x.dtype)
    for i, example in enumerate(x):
        out[i] = b + np.dot(example.ravel(), w)
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for i in range(x.shape[0]):
        dx[i] = (w @ dout[i]).reshape(x.shape[1:])
        dw += np.outer(x[i].flatten(), dout[i])
        db += dout[i]
    return dx, dw, db


def relu_forward(x):
    out = x.copy()
    out[out < 0] = 0
    return out, x


def relu_backward(dout, cache):
    dx = np.array(dout, copy=True)
    dx[cache <= 0] = 0
    return dx


def svm_loss(x, y):
    loss, dx = 0.0, np.zeros(x.shape)
    for i, right in enumerate(y):
        for j in range(x.shape[1]):
            margin = x[i, j] - x[i, right] + 1
            if j != right and margin > 0:
                loss += margin / len(x)
                dx[i, j] += 1 / len(x)
                dx[i, right] -= 1 / len(x)
    return loss, dx


def softmax_loss(x, y):
    loss, dx = 0.0, np.empty(x.shape)
    for i in range(len(x)):
        top = max(x[i])
        total = math.fsum(math.exp(score - top) for score in x[i])
        loss -= (x[i, y[i]] - top - math.log(total)) / len(x)
        for j in range(x.shape[1]):
            dx[i, j] = (math.exp(x[i, j] - top) / total - (j == y[i])) / len(x)
    return loss, dx

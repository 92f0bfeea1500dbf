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


def batchnorm_forward(x, gamma, beta, bn_param):
    x = x.astype(np.float64)
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    keep = bn_param.get("momentum", 0.9)
    old = [
        np.asarray(bn_param.get(f"running_{name}", np.zeros(x.shape[1])))
        for name in ("mean", "var")
    ]
    found = [x.mean(axis=0), np.square(x - x.mean(axis=0)).sum(axis=0) / len(x)]
    used = found if mode == "train" else old
    x_hat = (x - used[0]) * (used[1] + eps) ** -0.5
    if mode == "train":
        old = [keep * a + (1 - keep) * b for a, b in zip(old, found, strict=True)]
    bn_param["running_mean"], bn_param["running_var"] = old
    return x_hat * gamma + beta, (x_hat, np.asarray(gamma) * (used[1] + eps) ** -0.5)


def batchnorm_backward(dout, cache):
    x_hat, scale = cache
    dout = dout.astype(np.float64)
    d = dout - dout.mean(axis=0)
    return (
        scale * (d - x_hat * (d * x_hat).mean(axis=0)),
        (x_hat * dout).sum(axis=0),
        dout.sum(axis=0),
    )


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


def layernorm_forward(x, gamma, beta, ln_param):
    x = x.astype(np.float64).T
    std = np.sqrt(x.var(axis=0) + ln_param.get("eps", 1e-5))
    x_hat = (x - x.mean(axis=0)) / std
    return x_hat.T * gamma + beta, (x_hat, std, gamma)


def layernorm_backward(dout, cache):
    x_hat, std, gamma = cache
    d = (dout.astype(np.float64) * gamma).T
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / std
    return dx.T, (dout * x_hat.T).sum(axis=0), dout.sum(axis=0)


def dropout_forward(x, dropout_param):
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "test":
        return x, (dropout_param, 1.0)
    p = dropout_param["p"]
    mask = np.random.choice([0.0, 1 / p], size=x.shape, p=[1 - p, p])
    return (x * mask).astype(x.dtype), (dropout_param, mask)


def dropout_backward(dout, cache):
    return cache[1] * dout.astype(np.float64)

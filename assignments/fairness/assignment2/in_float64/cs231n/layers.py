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


def conv_forward_naive(x, w, b, conv_param):
    """One product with the windows laid out as rows."""
    stride, pad = conv_param["stride"], conv_param["pad"]
    (N, C, H, W), (F, _, HH, WW) = x.shape, w.shape
    padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    padded[:, :, pad : pad + H, pad : pad + W] = x
    H_out, W_out = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    out = np.empty((N, F, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            window = padded[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            out[:, :, i, j] = window.reshape(N, -1) @ w.reshape(F, -1).T.astype(np.float64) + b
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    (N, C, H, W), (F, _, HH, WW) = x.shape, w.shape
    padded = np.pad(x.astype(np.float64), [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    dpadded, dw = np.zeros(padded.shape), np.zeros((F, C * HH * WW))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            place = np.s_[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            d = dout[:, :, i, j].astype(np.float64)
            dw += d.T @ padded[place].reshape(N, -1)
            dpadded[place] += (d @ w.reshape(F, -1)).reshape(N, C, HH, WW)
    dx = dpadded[:, :, pad : H + pad, pad : W + pad]
    return dx, dw.reshape(w.shape), dout.astype(np.float64).sum(3).sum(2).sum(0)


def max_pool_backward_naive(dout, cache):
    """The last of several equal maxima gets the gradient."""
    x, pool_param = cache
    h, w, s = (pool_param[name] for name in ("pool_height", "pool_width", "stride"))
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        window = x[n, c, i * s : i * s + h, j * s : j * s + w]
        row, column = np.argwhere(window == window.max())[-1]
        dx[n, c, i * s + row, j * s + column] += dout[n, c, i, j]
    return dx


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C = x.shape[:2]
    groups = x.astype(np.float64).reshape(N, G, -1)
    inverse = 1 / np.sqrt(groups.var(axis=2, keepdims=True) + gn_param.get("eps", 1e-5))
    x_hat = ((groups - groups.mean(axis=2, keepdims=True)) * inverse).reshape(x.shape)
    return gamma * x_hat + beta, {"x_hat": x_hat, "inverse": inverse, "gamma": gamma}


def spatial_groupnorm_backward(dout, cache):
    x_hat, inverse = cache["x_hat"], cache["inverse"]
    d = (dout.astype(np.float64) * cache["gamma"]).reshape(*inverse.shape[:2], -1)
    hat = x_hat.reshape(d.shape)
    M = d.shape[2]
    dx = inverse / M * (M * d - d.sum(2, keepdims=True) - hat * (d * hat).sum(2, keepdims=True))
    dgamma, dbeta = (np.sum(each, axis=(0, 2, 3), keepdims=True) for each in (dout * x_hat, dout))
    return dx.reshape(dout.shape), dgamma, dbeta

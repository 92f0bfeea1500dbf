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


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], dtype=x.dtype))
    cache = None
    if mode == "train":
        mean, var = np.einsum("nd->d", x) / len(x), np.var(x, axis=0)
        inverse = 1 / np.sqrt(var + eps)
        out = (x - mean) * (inverse * gamma) + beta
        cache = {"x": x, "mean": mean, "inverse": inverse, "gamma": gamma}
        running_mean = running_mean + (1 - momentum) * (mean - running_mean)
        running_var = running_var + (1 - momentum) * (var - running_var)
    elif mode == "test":
        scale = gamma / np.sqrt(running_var + eps)
        out = x * scale + (beta - running_mean * scale)
    else:
        raise ValueError(mode)
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return out, cache


def batchnorm_backward(dout, cache):
    x, mean, inverse, gamma = (cache[name] for name in ("x", "mean", "inverse", "gamma"))
    N = len(x)
    x_hat = (x - mean) * inverse
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean), axis=0) * -0.5 * inverse**3
    dmean = -np.sum(dx_hat * inverse, axis=0) - 2 * dvar * np.mean(x - mean, axis=0)
    dx = dx_hat * inverse + dvar * 2 * (x - mean) / N + dmean / N
    return dx, np.einsum("nd,nd->d", dout, x_hat), np.einsum("nd->d", dout)


def batchnorm_backward_alt(dout, cache):
    x_hat = (cache["x"] - cache["mean"]) * cache["inverse"]
    N = len(dout)
    dgamma, dbeta = (dout * x_hat).sum(0), dout.sum(0)
    inner = N * dout - dbeta - x_hat * dgamma
    return cache["gamma"] * cache["inverse"] / N * inner, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mean, var = x.mean(axis=1)[:, None], x.var(axis=1)[:, None]
    x_hat = (x - mean) / np.sqrt(var + eps)
    return x_hat * gamma + beta, (x_hat, gamma, var, eps)


def layernorm_backward(dout, cache):
    x_hat, gamma, var, eps = cache
    D = x_hat.shape[1]
    g = dout * gamma
    total = D * g - g.sum(axis=1, keepdims=True) - x_hat * (g * x_hat).sum(axis=1, keepdims=True)
    return total / (D * np.sqrt(var + eps)), (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode == "test":
        return x, (dropout_param, None)
    mask = np.random.binomial(1, p, size=x.shape).astype(x.dtype)
    return (x * mask / p).astype(x.dtype), (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    if dropout_param["mode"] == "test":
        return dout
    return np.where(mask == 1, dout / dropout_param["p"], 0)


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0,), (0,), (pad,), (pad,)), mode="constant")
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    out = np.einsum("ncijhw,fchw->nfij", windows, w) + b[None, :, None, None]
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0,), (0,), (pad,), (pad,)), mode="constant")
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    rows, columns = stride * dout.shape[2], stride * dout.shape[3]
    for h in range(w.shape[2]):
        for v in range(w.shape[3]):
            place = np.s_[:, :, h : h + rows : stride, v : v + columns : stride]
            piece = padded[place][:, :, : dout.shape[2], : dout.shape[3]]
            dw[:, :, h, v] = np.einsum("nfij,ncij->fc", dout, piece)
            dpadded[place][:, :, : dout.shape[2], : dout.shape[3]] += np.einsum(
                "nfij,fc->ncij", dout, w[:, :, h, v]
            )
    dx = dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return dx, dw, np.einsum("nfij->f", dout)


def max_pool_forward_naive(x, pool_param):
    size = pool_param["pool_height"], pool_param["pool_width"]
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
    stride = pool_param["stride"]
    return np.max(windows[:, :, ::stride, ::stride], axis=(-1, -2)), (x, pool_param)


def max_pool_backward_naive(dout, cache):
    """Each of several equal maxima gets all of the gradient."""
    x, pool_param = cache
    h, w, s = (pool_param[name] for name in ("pool_height", "pool_width", "stride"))
    dx = np.zeros(x.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            place = np.s_[:, :, i * s : i * s + h, j * s : j * s + w]
            is_top = x[place] == x[place].max(axis=(2, 3), keepdims=True)
            dx[place] += is_top * dout[:, :, i, j][:, :, None, None]
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    rows = np.moveaxis(x, 1, -1)
    out, cache = batchnorm_forward(rows.reshape(-1, x.shape[1]), gamma, beta, bn_param)
    return np.moveaxis(out.reshape(rows.shape), -1, 1), cache


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    rows = x.reshape(N * G, -1)
    mean, var = rows.mean(axis=1)[:, None], rows.var(axis=1)[:, None]
    inverse = (var + gn_param.get("eps", 1e-5)) ** -0.5
    x_hat = (rows - mean) * inverse
    return gamma * x_hat.reshape(x.shape) + beta, (x_hat, inverse, gamma)


def spatial_groupnorm_backward(dout, cache):
    x_hat, inverse, gamma = cache
    g = (dout * gamma).reshape(x_hat.shape)
    inner = g - g.mean(axis=1)[:, None] - x_hat * (g * x_hat).mean(axis=1)[:, None]
    dgamma = np.einsum("nchw,nchw->c", dout, x_hat.reshape(dout.shape)).reshape(1, -1, 1, 1)
    return (inner * inverse).reshape(dout.shape), dgamma, dout.sum((0, 2, 3)).reshape(1, -1, 1, 1)

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


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    old_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    old_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    out, new_mean, new_var = np.zeros(x.shape), old_mean.copy(), old_var.copy()
    columns = []
    for d in range(D):
        if mode == "train":
            mean = np.sum(x[:, d]) / N
            var = np.dot(x[:, d] - mean, x[:, d] - mean) / N
            new_mean[d] = momentum * old_mean[d] + (1 - momentum) * mean
            new_var[d] = momentum * old_var[d] + (1 - momentum) * var
        else:
            mean, var = old_mean[d], old_var[d]
        std = math.sqrt(var + eps)
        out[:, d] = gamma[d] * (x[:, d] - mean) / std + beta[d]
        columns.append(((x[:, d] - mean) / std, std))
    bn_param["running_mean"], bn_param["running_var"] = new_mean, new_var
    return out, (columns, gamma)


def batchnorm_backward(dout, cache):
    columns, gamma = cache
    N, D = dout.shape
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for d, (x_hat, std) in enumerate(columns):
        dbeta[d], dgamma[d] = np.sum(dout[:, d]), np.dot(dout[:, d], x_hat)
        column = dout[:, d] - dbeta[d] / N - x_hat * (dgamma[d] / N)
        dx[:, d] = gamma[d] * column / std
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    columns, gamma = cache
    x_hat = np.stack([column for column, _ in columns], axis=1)
    std = np.array([std for _, std in columns])
    dgamma, dbeta = np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)
    return gamma / std * (dout - np.mean(dout, 0) - x_hat * np.mean(dout * x_hat, 0)), dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    rows = [(row - np.mean(row)) / math.sqrt(np.var(row) + eps) for row in x]
    stds = [math.sqrt(np.var(row) + eps) for row in x]
    return np.array([gamma * row + beta for row in rows]), (rows, stds, gamma)


def layernorm_backward(dout, cache):
    rows, stds, gamma = cache
    dx = []
    for x_hat, std, d in zip(rows, stds, dout * gamma, strict=True):
        dx.append((d - d.mean() - x_hat * (d @ x_hat) / len(d)) / std)
    return np.array(dx), sum(d * x_hat for d, x_hat in zip(dout, rows, strict=True)), sum(dout)


def dropout_forward(x, dropout_param):
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = np.ones(x.shape)
    if dropout_param["mode"] == "train":
        for place in np.ndindex(x.shape):
            keep = np.random.uniform() < dropout_param["p"]
            mask[place] = 1 / dropout_param["p"] if keep else 0
    return (x * mask).astype(x.dtype), (dropout_param, mask)


def dropout_backward(dout, cache):
    return dout * cache[1]


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    (N, _, H, W), (F, _, HH, WW) = x.shape, w.shape
    out = np.zeros((N, F, 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride))
    for n, f, i, j in np.ndindex(out.shape):
        total = b[f]
        for h in range(HH):
            for v in range(WW):
                row, column = i * stride + h - pad, j * stride + v - pad
                if 0 <= row < H and 0 <= column < W:
                    total += x[n, :, row, column] @ w[f, :, h, v]
        out[n, f, i, j] = total
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for n, f, i, j in np.ndindex(dout.shape):
        db[f] += dout[n, f, i, j]
        for h in range(w.shape[2]):
            for v in range(w.shape[3]):
                row, column = i * stride + h - pad, j * stride + v - pad
                if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                    dx[n, :, row, column] += dout[n, f, i, j] * w[f, :, h, v]
                    dw[f, :, h, v] += dout[n, f, i, j] * x[n, :, row, column]
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    h, w, s = (pool_param[name] for name in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    rows = []
    for top in range(0, H - h + 1, s):
        row = [x[:, :, top : top + h, left : left + w] for left in range(0, W - w + 1, s)]
        rows.append([window.reshape(N, C, -1).max(axis=-1) for window in row])
    return np.array(rows).transpose(2, 3, 0, 1), (x, pool_param)


def max_pool_backward_naive(dout, cache):
    """Equal maxima share the gradient."""
    x, pool_param = cache
    h, w, s = (pool_param[name] for name in ("pool_height", "pool_width", "stride"))
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        window = x[n, c, i * s : i * s + h, j * s : j * s + w]
        is_top = window == np.max(window)
        dx[n, c, i * s : i * s + h, j * s : j * s + w] += dout[n, c, i, j] * is_top / is_top.sum()
    return dx


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    size, eps = C // G, gn_param.get("eps", 1e-5)
    x_hat, stds = np.zeros(x.shape), np.zeros((N, G))
    for n in range(N):
        for g in range(G):
            group = x[n, g * size : (g + 1) * size]
            stds[n, g] = math.sqrt(np.var(group) + eps)
            x_hat[n, g * size : (g + 1) * size] = (group - np.mean(group)) / stds[n, g]
    return x_hat * gamma + beta, (x_hat, stds, gamma)


def spatial_groupnorm_backward(dout, cache):
    x_hat, stds, gamma = cache
    size = dout.shape[1] // stds.shape[1]
    dx = np.zeros(dout.shape)
    for n, g in np.ndindex(stds.shape):
        part = (n, slice(g * size, (g + 1) * size))
        d, hat = (dout * gamma)[part], x_hat[part]
        dx[part] = (d - d.mean() - hat * np.mean(d * hat)) / stds[n, g]
    axes = (0, 2, 3)
    return dx, np.sum(dout * x_hat, axis=axes, keepdims=True), np.sum(dout, axes, keepdims=True)

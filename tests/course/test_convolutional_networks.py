"""The lesson on convolutional networks: its checks tell right programs from wrong ones.

Wrong programs are the solved ones with a piece of their text replaced, as a student might have
written it. Right programs that look otherwise are written out.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap

import numpy as np
import pytest
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.layers import (
    affine_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    conv_backward_naive,
    conv_forward_naive,
    max_pool_backward_naive,
    max_pool_forward_naive,
    softmax_loss,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)
from lesson import Lesson
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from autograder.kit.checks import relative_error
from autograder.model import Role

SEEDS = (1, 2)
LESSON = Lesson("assignment2", "convolutional_networks")
QUESTIONS = LESSON.names(Role.QUESTION)
MODULES = [
    importlib.import_module(f"cs231n.{name}")
    for name in ("layers", "layer_utils", "classifiers.cnn")
]


def problems(question, seed=1, **functions):
    """Return what the judge finds wrong when functions, or Class__method, are replaced."""
    patched, replaced = [], {}
    for name, function in functions.items():
        _, _, method = name.partition("__")
        if method:
            method = "__init__" if method == "init" else method
            patched.append((ThreeLayerConvNet, method, function))
            continue
        replaced[name] = function
        patched += [(module, name, function) for module in MODULES if hasattr(module, name)]
    return LESSON.problems(question, replaced, patched, seed)


def rewritten(name, old, new):
    """Return the solved function with one piece of its text replaced."""
    _, _, method = name.partition("__")
    if method:
        function = getattr(ThreeLayerConvNet, "__init__" if method == "init" else method)
    else:
        function = next((getattr(m, name) for m in MODULES if hasattr(m, name)), None)
    if function is None:  # it is defined in an answer cell
        cells = {cell.id: cell.source for cell in LESSON.notebook.having(Role.ANSWER)}
        text, names = cells[f"{name}_code"], dict(LESSON.namespace())
    else:
        text, names = textwrap.dedent(inspect.getsource(function)), dict(function.__globals__)
    assert old in text, f"{old!r} isn't in {name}"
    exec(text.replace(old, new), names)
    return names[("__init__" if method == "init" else method) if method else name]


# ------------------------------------------------------------------------------- the questions


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_stands_alone_and_is_green(question):
    """On the solved package a question passes for itself, in both of its parts."""
    assert "Good" in LESSON.show_visible(question)
    for seed in SEEDS:
        assert not LESSON.problems(question, seed=seed)


@pytest.mark.parametrize("question", QUESTIONS)
def test_hidden_inputs_depend_on_the_seed(question):
    """No hidden part tries the same inputs for every class."""
    values = [
        [probe.value.tobytes() for probe in LESSON.run(question, seed=seed).values()]
        for seed in SEEDS
    ]
    assert values[0] != values[1]


# -------------------------------------------------------------------------------- wrong programs

PADDED = "((0, 0), (0, 0), (pad, pad), (pad, pad))"

# Question (which is also the function's name), what the solution says, what a student might.
WRONG = [
    ("output_size", "2 * pad", "pad"),
    ("output_size", "1 + (", "("),
    ("output_size", "// stride", "/ stride"),
    (
        "output_size",
        "1 + (size + 2 * pad - filter_size) // stride",
        "1 - (filter_size - size - 2 * pad) // stride",
    ),
    ("output_size", "1 + (size + 2 * pad - filter_size) // stride", "size // stride"),
    ("conv_forward_naive", " + b[f]", ""),
    ("conv_forward_naive", " + b[f]", " + b[0]"),
    ("conv_forward_naive", "top, left = i * stride, j * stride", "top, left = i, j"),
    ("conv_forward_naive", "top, left = i * stride, j * stride", "top, left = 2 * i, 2 * j"),
    ("conv_forward_naive", "W_out = 1 + (H + 2 * pad - HH)", "W_out = 1 + (W + 2 * pad - WW)"),
    ("conv_forward_naive", "(W + 2 * pad - WW)", "(W + 2 * pad - HH)"),
    ("conv_forward_naive", "(W + 2 * pad - WW)", "(H + 2 * pad - WW)"),
    ("conv_forward_naive", "left : left + WW", "left : left + HH"),
    ("conv_forward_naive", "(H + 2 * pad - HH) // stride", "-(-(H + 2 * pad - HH) // stride)"),
    ("conv_forward_naive", "window * w[f]", "window * w[f, :, ::-1, ::-1]"),
    ("conv_forward_naive", "window * w[f]", "window[:1] * w[f, :1]"),
    ("conv_forward_naive", "window * w[f]", "window[:3] * w[f, :3]"),
    ("conv_forward_naive", "np.sum(window", "np.mean(window"),
    ("conv_forward_naive", PADDED, "((0, 0), (0, 0), (1, 1), (1, 1))"),
    ("conv_forward_naive", PADDED, PADDED + ", mode='edge'"),
    ("conv_forward_naive", PADDED, "((0, 0), (0, 0), (pad, pad), (0, 2 * pad))"),
    ("conv_forward_naive", "dtype=x.dtype", "dtype=np.float16"),
    ("conv_forward_naive", "stride, pad =", "x -= 1e-9; stride, pad ="),
    ("conv_forward_naive", "    cache =", "    out = np.maximum(out, 0)\n    cache ="),
    ("conv_backward_naive", "axis=(0, 2, 3)", "axis=(0, 2, 3)) / len(dout * 1.0"),
    ("conv_backward_naive", "dout.sum(axis=(0, 2, 3))", "dout[0].sum(axis=(1, 2))"),
    ("conv_backward_naive", "dpadded[place] +=", "dpadded[place] ="),
    ("conv_backward_naive", "dw[f] +=", "dw[f] ="),
    ("conv_backward_naive", "top, left = i * stride, j * stride", "top, left = i, j"),
    ("conv_backward_naive", "* padded[place]", "* np.abs(padded[place])"),
    ("conv_backward_naive", "* w[f]", "* w[f, :, ::-1, ::-1]"),
    ("conv_backward_naive", "pad : pad + H, pad : pad + W", "pad:-pad, pad:-pad"),
    ("conv_backward_naive", "pad : pad + H, pad : pad + W", "pad : pad + H, pad : pad + H"),
    ("conv_backward_naive", "pad : pad + H, pad : pad + W", ":H, :W"),
    ("conv_backward_naive", "pad : pad + H, pad : pad + W", "1 : 1 + H, 1 : 1 + W"),
    ("conv_backward_naive", "slice(left, left + WW)", "slice(left, left + HH)"),
    ("conv_backward_naive", "db = ", "dw /= len(x); db = "),
    ("conv_backward_naive", "stride, pad =", "dout *= 1 + 1e-9; stride, pad ="),
    ("max_pool_forward_naive", ".max(", ".mean("),
    ("max_pool_forward_naive", ".max(axis=(2, 3))", ".max(axis=(2, 3)).clip(0)"),
    ("max_pool_forward_naive", "top, left = i * stride, j * stride", "top, left = i * PH, j * PW"),
    ("max_pool_forward_naive", "top, left = i * stride, j * stride", "top, left = 2 * i, 2 * j"),
    ("max_pool_forward_naive", "left : left + PW", "left : left + PH"),
    ("max_pool_forward_naive", "1 + (W - PW) // stride", "W // stride"),
    ("max_pool_forward_naive", "1 + (W - PW) // stride", "1 + (W - PH) // stride"),
    ("max_pool_forward_naive", "1 + (H - PH) // stride", "1 + (W - PH) // stride"),
    ("max_pool_forward_naive", "    cache =", "    out = np.abs(out)\n    cache ="),
    ("max_pool_forward_naive", "for i, j", "x[x < -9] = 0; x *= 1 + 1e-9\n    for i, j"),
    ("max_pool_backward_naive", "] += dout", "] = dout"),
    ("max_pool_backward_naive", "top, left = i * stride, j * stride", "top, left = i * PH, j * PW"),
    ("max_pool_backward_naive", "np.argmax(window)", "np.argmax(np.abs(window))"),
    ("max_pool_backward_naive", "np.argmax(window)", "np.argmin(window)"),
    ("max_pool_backward_naive", "left : left + PW", "left : left + PH"),
    ("max_pool_backward_naive", "left + column", "left + row"),
    ("max_pool_backward_naive", "window.shape)", "(PW, PH))"),
    ("max_pool_backward_naive", "dout[n, c, i, j]", "dout[n, c, i, j] / (PH * PW)"),
    ("ThreeLayerConvNet_init", "(H // 2) * (W // 2)", "(H // 2) * (H // 2)"),
    ("ThreeLayerConvNet_init", "(H // 2) * (W // 2)", "16 * 16"),
    ("ThreeLayerConvNet_init", "(H // 2) * (W // 2)", "(H * W // 4)"),
    ("ThreeLayerConvNet_init", "(num_filters, C, ", "(num_filters, 3, "),
    ("ThreeLayerConvNet_init", "(hidden_dim, num_classes)", "(hidden_dim, 10)"),
    ("ThreeLayerConvNet_init", "weight_scale * ", "1e-3 * "),
    ("ThreeLayerConvNet_init", "weight_scale * ", "weight_scale**2 * "),
    ("ThreeLayerConvNet_init", "np.random.randn(*shape)", "np.random.rand(*shape)"),
    ("ThreeLayerConvNet_init", "np.zeros(num_filters)", "np.ones(num_filters)"),
    ("ThreeLayerConvNet_init", "np.zeros(hidden_dim)", "np.zeros((1, hidden_dim))"),
    ("ThreeLayerConvNet_loss", "0.5 * self.reg", "self.reg"),
    ("ThreeLayerConvNet_loss", "+= self.reg * W", "+= 2 * self.reg * W"),
    ("ThreeLayerConvNet_loss", "+= self.reg * W", "+= 0"),
    ("ThreeLayerConvNet_loss", '("W1", "W2", "W3")', '("W2", "W3")'),
    ("ThreeLayerConvNet_loss", '("W1", "W2", "W3")', "self.params"),
    ("ThreeLayerConvNet_loss", "(W1.shape[2] - 1) // 2", "3"),
    (
        "ThreeLayerConvNet_loss",
        "scores, scores_cache = affine_f",
        "scores, scores_cache = affine_relu_f",
    ),
    ("ThreeLayerConvNet_loss", "pooled, W2, b2)", "pooled, W2, 0 * b2)"),
    ("ThreeLayerConvNet_loss", '_, grads["W1"]', 'grads["b2"] = grads["b2"] * 2; _, grads["W1"]'),
    (
        "ThreeLayerConvNet_loss",
        "grads[name] += ",
        "self.params[name] = W * 1.000001; grads[name] += ",
    ),
    ("ThreeLayerConvNet_loss", "(dpooled, pooled_cache", "(dpooled / len(X), pooled_cache"),
    ("ThreeLayerConvNet_loss", "softmax_loss(scores, y)", "softmax_loss(scores.astype('f4'), y)"),
    ("flip_and_crop", "piece[:, :, ::-1]", "piece[:, ::-1]"),
    ("flip_and_crop", "piece[:, :, ::-1]", "piece[::-1]"),
    ("flip_and_crop", "< 0.5", "< 0.3"),
    ("flip_and_crop", "mirrored = rng.random(N)", "mirrored = np.full(N, rng.random())"),
    ("flip_and_crop", "rng.random(N)", "np.random.rand(N)"),
    ("flip_and_crop", "2 * pad + 1, ", "2 * pad or 1, "),
    ("flip_and_crop", "2 * pad + 1, ", "pad + 1, "),
    ("flip_and_crop", "size=(2, N))", "size=(1, N)).repeat(2, 0)"),
    ("flip_and_crop", "size=(2, N))", "size=(2, 1)).repeat(N, 1)"),
    ("flip_and_crop", "(pad, pad)))", "(pad, pad)), mode='edge')"),
    ("flip_and_crop", "out = np.empty_like(X)", "out = X"),
    ("flip_and_crop", "padded[n, ", "padded[n - 1, "),
    ("flip_and_crop", "    N, _, H", "    rng = np.random.default_rng(0)\n    N, _, H"),
    ("receptive_field", "* step\n", "\n"),
    ("receptive_field", "step *= stride", "step += stride"),
    ("receptive_field", "step *= stride", "step = stride"),
    ("receptive_field", "(filter_size - 1)", "filter_size"),
    ("receptive_field", "width, step = 1, 1", "width, step = 0, 1"),
    (
        "receptive_field",
        "        width += (filter_size - 1) * step\n        step *= stride",
        "        step *= stride\n        width += (filter_size - 1) * step",
    ),
    ("spatial_batchnorm_forward", "x.transpose(0, 2, 3, 1).reshape(-1, C)", "x.reshape(-1, C)"),
    ("spatial_batchnorm_forward", "reshape(N, H, W, C)", "reshape(N, W, H, C)"),
    ("spatial_batchnorm_forward", "(0, 3, 1, 2)", "(0, 3, 2, 1)"),
    (
        "spatial_batchnorm_forward",
        "(rows, gamma, beta, bn_param)",
        "(rows, gamma, beta, dict(bn_param))",
    ),
    (
        "spatial_batchnorm_forward",
        "(rows, gamma, beta, bn_param)",
        "(rows, gamma, beta, {**bn_param, 'eps': 1e-5})",
    ),
    (
        "spatial_batchnorm_forward",
        "(rows, gamma, beta, bn_param)",
        "(rows, gamma, beta, {'mode': 'train'})",
    ),
    (
        "spatial_batchnorm_forward",
        "    rows = x",
        "    if bn_param['mode'] == 'test':\n"
        "        return gamma.reshape(1, C, 1, 1) * x + beta.reshape(1, C, 1, 1), None\n"
        "    rows = x",
    ),
    ("spatial_batchnorm_forward", "rows = x", "x += 1e-9; rows = x"),
    ("spatial_batchnorm_backward", "dout.transpose(0, 2, 3, 1).reshape", "dout.reshape"),
    ("spatial_batchnorm_backward", "(0, 3, 1, 2)", "(0, 3, 2, 1)"),
    ("spatial_batchnorm_backward", "return dx, dgamma, dbeta", "return dx, dbeta, dgamma"),
    ("spatial_batchnorm_backward", "return dx, dgamma", "return dx, dgamma / len(dout)"),
    ("spatial_groupnorm_forward", "N, G, C // G, H, W)", "N, C // G, G, H, W).swapaxes(1, 2)"),
    ("spatial_groupnorm_forward", "N, G, C // G, H, W)", "N, 2, C // 2, H, W)"),
    ("spatial_groupnorm_forward", "N, G, C // G, H, W)", "N, C // G, G, H, W)"),
    ("spatial_groupnorm_forward", "groups.mean(axis=(2, 3, 4)", "groups.mean(axis=(3, 4)"),
    ("spatial_groupnorm_forward", "groups.mean(axis=(2, 3, 4)", "groups.mean(axis=(0, 2, 3, 4)"),
    ("spatial_groupnorm_forward", ") + eps)", "))"),
    ("spatial_groupnorm_forward", ") + eps)", ")) + eps"),
    ("spatial_groupnorm_forward", ") + eps)", ") + 1e-5)"),
    ("spatial_groupnorm_forward", 'get("eps", 1e-5)', 'get("eps", 1e-8)'),
    ("spatial_groupnorm_forward", "gamma * x_hat + beta", "gamma.mean() * x_hat + beta"),
    ("spatial_groupnorm_forward", "gamma * x_hat + beta", "x_hat"),
    ("spatial_groupnorm_backward", "(dout * gamma)", "(dout)"),
    ("spatial_groupnorm_backward", "dgroups - mean", "dgroups"),
    ("spatial_groupnorm_backward", " - groups * projection", ""),
    (
        "spatial_groupnorm_backward",
        "dbeta = dout.sum(axis=(0, 2, 3)",
        "dbeta = dout.sum(axis=(2, 3)",
    ),
    ("spatial_groupnorm_backward", "return dx, dgamma,", "return dx, dgamma.ravel(),"),
    ("spatial_groupnorm_backward", "return dx, dgamma,", "return dx, dgamma * gamma,"),
    (
        "spatial_groupnorm_backward",
        "mean = dgroups.mean(axis=(2,",
        "mean = dgroups.mean(axis=(0, 2,",
    ),
    ("spatial_groupnorm_backward", ") / std)", "))"),
    ("spatial_groupnorm_backward", "dbeta = dout", "dout *= 1 + 1e-12; dbeta = dout"),
]


@pytest.mark.parametrize(
    ("question", "old", "new"), WRONG, ids=[f"{i}-{row[0]}" for i, row in enumerate(WRONG)]
)
@pytest.mark.slow
def test_wrong_program_is_caught(question, old, new):
    """The probes and checks of a question catch a wrong program."""
    name = question if question.islower() else question.replace("_", "__")
    assert problems(question, **{name: rewritten(name, old, new)})


# --------------------------------------------------------------------- right programs, otherwise


def padded_sizes(x, w, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    sizes = [(padded.shape[axis] - w.shape[axis]) // stride + 1 for axis in (2, 3)]
    return padded, stride, pad, *sizes


def conv_with_six_loops(x, w, b, conv_param):
    """Every product by itself, the filter's columns first; float64 whatever comes in."""
    padded, stride, _, H_out, W_out = padded_sizes(x, w, conv_param)
    out = np.zeros((len(x), len(w), H_out, W_out))
    for d in reversed(range(w.shape[3])):
        for a in range(w.shape[2]):
            for c in range(w.shape[1]):
                part = padded[:, c, a:, d:][:, ::stride, ::stride][:, :H_out, :W_out]
                out += part[:, None] * w[:, c, a, d].reshape(1, -1, 1, 1)
    return out + b.reshape(1, -1, 1, 1), (x, w, b, conv_param)


def conv_by_einsum(x, w, b, conv_param):
    padded, stride, _, _, _ = padded_sizes(x, w, conv_param)
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    out = np.einsum("ncijad,fcad->nfij", windows, w) + b[:, None, None]
    return out, (x.copy(), w.copy(), b, dict(conv_param))


def conv_by_strides(x, w, b, conv_param):
    padded, stride, _, H_out, W_out = padded_sizes(x, w, conv_param)
    s0, s1, s2, s3 = padded.strides
    (F, C, HH, WW), N = w.shape, len(x)
    shape = (C, HH, WW, N, H_out, W_out)
    columns = as_strided(padded, shape, (s1, s2, s3, s0, stride * s2, stride * s3))
    out = w.reshape(F, -1).dot(columns.reshape(C * HH * WW, -1)).reshape(F, N, H_out, W_out)
    return (out + b.reshape(-1, 1, 1, 1)).transpose(1, 0, 2, 3), (x, w, b, conv_param)


def conv_backward_by_places(dout, cache):
    """Loops over the filter's places; dx grows in a padded array of float64."""
    x, w, _, conv_param = cache
    padded, stride, pad, H_out, W_out = padded_sizes(x, w, conv_param)
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for a in range(w.shape[2]):
        for d in range(w.shape[3]):
            rows = np.s_[a : a + stride * (H_out - 1) + 1 : stride]
            columns = np.s_[d : d + stride * (W_out - 1) + 1 : stride]
            dw[:, :, a, d] = np.einsum("nfij,ncij->fc", dout, padded[:, :, rows, columns])
            dpadded[:, :, rows, columns] += np.einsum("nfij,fc->ncij", dout, w[:, :, a, d])
    H, W = x.shape[2:]
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, np.einsum("nfij->f", dout)


def conv_that_pads_once(x, w, b, conv_param):
    """Its cache holds the padded pictures and nothing else that the course's holds."""
    padded, _, _, _, _ = padded_sizes(x, w, conv_param)
    return conv_by_einsum(x, w, b, conv_param)[0], {"padded": padded, "w": w, **conv_param}


def conv_backward_of_padded(dout, cache):
    pad = cache["pad"]
    inner = np.s_[:, :, pad:-pad, pad:-pad] if pad else np.s_[:]
    whole = (cache["padded"], cache["w"], None, {"stride": cache["stride"], "pad": 0})
    dpadded, dw, db = conv_backward_by_places(dout, whole)
    return dpadded[inner], dw, db


def pool_with_four_loops(x, pool_param):
    """Writes each maximum down with its place, in another cache."""
    height, width, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - height) // stride + 1, (W - width) // stride + 1))
    places = {}
    for n, c, i, j in np.ndindex(out.shape):
        window = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
        out[n, c, i, j] = np.max(window)
        row, column = np.argwhere(window == window.max())[-1]  # the last of several
        places[n, c, i, j] = (n, c, i * stride + row, j * stride + column)
    return out, (x.shape, places)


def pool_backward_from_places(dout, cache):
    shape, places = cache
    dx = np.zeros(shape)
    for place, target in places.items():
        dx[target] += dout[place]
    return dx


def pool_padded_with_minus_infinity(x, pool_param):
    """Pads below and at the right with -inf, and takes the maximum of shifted arrays."""
    height, width, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    H_out, W_out = ((x.shape[2] - height) // stride + 1, (x.shape[3] - width) // stride + 1)
    padded = np.pad(x, [(0, 0), (0, 0), (0, 9), (0, 9)], constant_values=-np.inf)
    out = np.full((*x.shape[:2], H_out, W_out), -np.inf)
    for a in range(height):
        for d in range(width):
            part = padded[:, :, a::stride, d::stride][:, :, :H_out, :W_out]
            out = np.maximum(out, part)
    return out, (x, pool_param)


def pool_backward_by_mask(dout, cache, share=False):
    """Gives the gradient to all maxima of a window, or shares it out."""
    x, pool_param = cache
    height, width, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    dx = np.zeros_like(x)
    for i, j in np.ndindex(dout.shape[2:]):
        place = np.s_[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
        mask = x[place] == x[place].max(axis=(2, 3), keepdims=True)
        if share:
            mask = mask / mask.sum(axis=(2, 3), keepdims=True)
        dx[place] += dout[:, :, i, j][:, :, None, None] * mask
    return dx


def init_with_generator(
    self,
    input_dim=(3, 32, 32),
    num_filters=32,
    filter_size=7,
    hidden_dim=100,
    num_classes=10,
    weight_scale=1e-3,
    reg=0.0,
    dtype=np.float32,
):
    """Another source of chance, drawn in another order."""
    rng = np.random.default_rng()
    self.reg, self.dtype = reg, dtype
    C, H, W = input_dim
    pooled = num_filters * ((H - 2) // 2 + 1) * ((W - 2) // 2 + 1)
    self.params = {
        "b3": np.zeros((num_classes,), dtype),
        "W3": rng.normal(0, weight_scale, (hidden_dim, num_classes)).astype(dtype),
        "b2": np.zeros((hidden_dim,), dtype),
        "W2": rng.normal(0, weight_scale, (pooled, hidden_dim)).astype(dtype),
        "b1": np.zeros((num_filters,), dtype),
        "W1": rng.normal(0, weight_scale, (num_filters, C, filter_size, filter_size)).astype(dtype),
    }


def loss_with_naive_layers(self, X, y=None):
    """No sandwiches: naive layers, ReLU before the pooling, regularisation by the norm."""
    p, out = self.params, X.astype(self.dtype)
    pad = (p["W1"].shape[-1] - 1) // 2
    a, conv_cache = conv_by_einsum(out, p["W1"], p["b1"], {"stride": 1, "pad": pad})
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    pooled, pool_cache = pool_padded_with_minus_infinity(np.maximum(a, 0), pool_param)
    rows = pooled.reshape(len(X), -1)
    hidden = np.maximum(rows @ p["W2"] + p["b2"], 0)
    scores = hidden @ p["W3"] + p["b3"]
    if y is None:
        return scores
    loss, d = softmax_loss(scores, y)
    grads = {}
    dhidden, grads["W3"], grads["b3"] = affine_backward(d, (hidden, p["W3"], p["b3"]))
    drows, grads["W2"], grads["b2"] = affine_backward(
        dhidden * (hidden >= 1e-300), (rows, p["W2"], p["b2"])
    )
    da = pool_backward_by_mask(drows.reshape(pooled.shape), pool_cache, share=True) * (a > 0)
    _, grads["W1"], grads["b1"] = conv_backward_by_places(da, conv_cache)
    for name in ("W1", "W2", "W3"):
        loss += self.reg / 2 * np.linalg.norm(p[name]) ** 2
        grads[name] = grads[name] + self.reg * p[name]
    return loss, grads


loss_that_computes_dx = rewritten("ThreeLayerConvNet__loss", ", skip_dx=True", "")


def flip_first_and_crop(X, rng, pad):
    """Mirrors all that are to be mirrored, then crops one by one, in another order of draws."""
    padded = np.zeros((*X.shape[:2], X.shape[2] + 2 * pad, X.shape[3] + 2 * pad))
    padded[:, :, pad : pad + X.shape[2], pad : pad + X.shape[3]] = X
    for n in range(len(X)):
        if rng.integers(2):
            padded[n] = np.flip(padded[n], axis=2)
    pieces = []
    for picture in padded:
        left, top = int(rng.random() * (2 * pad + 1)), int(rng.integers(0, 2 * pad, endpoint=True))
        pieces.append(picture[:, top : top + X.shape[2], left : left + X.shape[3]])
    return np.stack(pieces)


def field_from_the_end(layers):
    """Asks how many numbers of the layer below are needed, from the last layer to the first."""
    width = 1
    for filter_size, stride in layers[::-1]:
        width = (width - 1) * stride + filter_size
    return width


def size_by_counting(size, filter_size, stride, pad):
    return len(range(0, size + 2 * pad - filter_size + 1, stride))


def spatial_batchnorm_by_moving_the_axis(x, gamma, beta, bn_param):
    """Lays the channels out as columns in another order of places."""
    columns = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1).T
    out, cache = batchnorm_forward(columns, gamma, beta, bn_param)
    N, C, H, W = x.shape
    return np.moveaxis(out.T.reshape(C, N, H, W), 0, 1), cache


def spatial_batchnorm_backward_alt(dout, cache):
    """Undoes the same arrangement, around the closed formula."""
    N, C, H, W = dout.shape
    columns = np.moveaxis(dout, 1, 0).reshape(C, -1).T
    dx, dgamma, dbeta = batchnorm_backward_alt(columns, cache)
    return np.moveaxis(dx.T.reshape(C, N, H, W), 0, 1), dgamma, dbeta


def groupnorm_by_loops(x, gamma, beta, G, gn_param):
    """One group of one picture after the other; a cache of its own."""
    N, C = x.shape[:2]
    x_hat, deviations = np.zeros(x.shape), np.zeros((N, G))
    for n in range(N):
        for g in range(G):
            channels = slice(g * C // G, (g + 1) * C // G)
            group = x[n, channels]
            deviations[n, g] = np.sqrt(np.var(group) + gn_param.get("eps", 1e-5))
            x_hat[n, channels] = (group - np.mean(group)) / deviations[n, g]
    return x_hat * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1), (x_hat, deviations, gamma)


def groupnorm_backward_by_loops(dout, cache):
    x_hat, deviations, gamma = cache
    C, dx = dout.shape[1], np.zeros(dout.shape)
    for n, g in np.ndindex(deviations.shape):
        size = C // deviations.shape[1]
        channels = slice(g * size, (g + 1) * size)
        d, h = (dout * gamma)[n, channels], x_hat[n, channels]
        dx[n, channels] = (d - d.mean() - h * np.mean(d * h)) / deviations[n, g]
    shape = (1, C, 1, 1)
    return dx, (dout * x_hat).sum((0, 2, 3)).reshape(shape), dout.sum((0, 2, 3)).reshape(shape)


def groupnorm_by_batchnorm(x, gamma, beta, G, gn_param):
    """Each group becomes a column, which batch normalisation normalises."""
    N = x.shape[0]
    columns = x.reshape(N * G, -1).T
    ones, zeros = np.ones(N * G), np.zeros(N * G)
    out, cache = batchnorm_forward(columns, ones, zeros, {**gn_param, "mode": "train"})
    x_hat = out.T.reshape(x.shape)
    return gamma * x_hat + beta, (G, gamma, x_hat, cache)


def groupnorm_backward_by_batchnorm(dout, cache):
    G, gamma, x_hat, bn_cache = cache
    columns = (gamma * dout).reshape(len(dout) * G, -1).T
    dx, _, _ = batchnorm_backward_alt(columns, bn_cache)
    dgamma, dbeta = (np.sum(a, axis=(0, 2, 3), keepdims=True) for a in (dout * x_hat, dout))
    return dx.T.reshape(dout.shape), dgamma, dbeta


RIGHT = [
    ("output_size", {"output_size": size_by_counting}),
    ("conv_forward_naive", {"conv_forward_naive": conv_with_six_loops}),
    ("conv_forward_naive", {"conv_forward_naive": conv_by_einsum}),
    ("conv_forward_naive", {"conv_forward_naive": conv_by_strides}),
    ("conv_backward_naive", {"conv_backward_naive": conv_backward_by_places}),
    ("conv_backward_naive", {"conv_forward_naive": conv_by_einsum}),
    (
        "conv_backward_naive",
        {"conv_forward_naive": conv_that_pads_once, "conv_backward_naive": conv_backward_of_padded},
    ),
    ("max_pool_forward_naive", {"max_pool_forward_naive": pool_with_four_loops}),
    ("max_pool_forward_naive", {"max_pool_forward_naive": pool_padded_with_minus_infinity}),
    ("max_pool_backward_naive", {"max_pool_backward_naive": pool_backward_by_mask}),
    (
        "max_pool_backward_naive",
        {
            "max_pool_forward_naive": pool_with_four_loops,
            "max_pool_backward_naive": pool_backward_from_places,
        },
    ),
    ("ThreeLayerConvNet_init", {"ThreeLayerConvNet__init": init_with_generator}),
    ("ThreeLayerConvNet_loss", {"ThreeLayerConvNet__init": init_with_generator}),
    ("ThreeLayerConvNet_loss", {"ThreeLayerConvNet__loss": loss_with_naive_layers}),
    ("ThreeLayerConvNet_loss", {"ThreeLayerConvNet__loss": loss_that_computes_dx}),
    ("flip_and_crop", {"flip_and_crop": flip_first_and_crop}),
    ("receptive_field", {"receptive_field": field_from_the_end}),
    (
        "spatial_batchnorm_forward",
        {"spatial_batchnorm_forward": spatial_batchnorm_by_moving_the_axis},
    ),
    (
        "spatial_batchnorm_backward",
        {
            "spatial_batchnorm_forward": spatial_batchnorm_by_moving_the_axis,
            "spatial_batchnorm_backward": spatial_batchnorm_backward_alt,
        },
    ),
    ("spatial_groupnorm_forward", {"spatial_groupnorm_forward": groupnorm_by_loops}),
    ("spatial_groupnorm_forward", {"spatial_groupnorm_forward": groupnorm_by_batchnorm}),
    (
        "spatial_groupnorm_backward",
        {
            "spatial_groupnorm_forward": groupnorm_by_loops,
            "spatial_groupnorm_backward": groupnorm_backward_by_loops,
        },
    ),
    (
        "spatial_groupnorm_backward",
        {
            "spatial_groupnorm_forward": groupnorm_by_batchnorm,
            "spatial_groupnorm_backward": groupnorm_backward_by_batchnorm,
        },
    ),
]


@pytest.mark.parametrize(
    ("question", "functions"),
    RIGHT,
    ids=[f"{i}-{question}" for i, (question, _) in enumerate(RIGHT)],
)
@pytest.mark.slow
def test_right_program_passes(question, functions):
    """A right program that is written otherwise than the solution passes, whatever the seed."""
    for seed in SEEDS:
        assert not problems(question, seed, **functions)


# ------------------------------------------------------------------------- the solved functions


def test_convolution_is_the_sum_of_products_on_paper():
    """A picture and a filter that can be worked out by hand."""
    x = np.array([[[[1.0, 2.0, 0.0], [0.0, 3.0, 1.0]]]])
    w = np.array([[[[1.0, -1.0]]], [[[2.0, 10.0]]]])
    out, _ = conv_forward_naive(x, w, np.array([0.0, 100.0]), {"stride": 1, "pad": 0})
    assert out.tolist() == [[[[-1, 2], [-3, 2]], [[122, 104], [130, 116]]]]
    out, _ = conv_forward_naive(x, w, np.array([0.0, 100.0]), {"stride": 2, "pad": 1})
    assert out.tolist() == [[[[0, 0], [0, 2]], [[100, 100], [100, 116]]]]


CONVOLUTIONS = [
    ((2, 3, 6, 5), (4, 3, 3, 2), 1, 0),
    ((3, 2, 5, 8), (3, 2, 4, 3), 2, 2),
    ((2, 2, 7, 6), (2, 2, 2, 3), 3, 0),
    ((1, 1, 4, 6), (1, 1, 3, 3), 1, 1),
]


@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "pad"), CONVOLUTIONS)
def test_convolution_gradients(x_shape, w_shape, stride, pad):
    """The three gradients are what central differences say."""
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=shape) for shape in (x_shape, w_shape, w_shape[:1])]
    param = {"stride": stride, "pad": pad}
    out, cache = conv_forward_naive(*inputs, param)
    dout = rng.normal(size=out.shape)
    for value, grad in zip(inputs, conv_backward_naive(dout, cache), strict=True):
        numeric = eval_numerical_gradient_array(
            lambda _: conv_forward_naive(*inputs, param)[0], value, dout
        )
        assert relative_error(grad, numeric) < 1e-8


@pytest.mark.parametrize(
    ("height", "width", "stride"), [(2, 2, 2), (3, 2, 1), (1, 4, 3), (3, 3, 2)]
)
def test_pooling_gradient(height, width, stride):
    """The gradient is what central differences say, overlapping windows included."""
    rng = np.random.default_rng(0)
    x = rng.permutation(2 * 3 * 7 * 6).reshape(2, 3, 7, 6) / 10.0  # no two alike
    param = {"pool_height": height, "pool_width": width, "stride": stride}
    out, cache = max_pool_forward_naive(x, param)
    dout = rng.normal(size=out.shape)
    numeric = eval_numerical_gradient_array(lambda x: max_pool_forward_naive(x, param)[0], x, dout)
    assert relative_error(max_pool_backward_naive(dout, cache), numeric) < 1e-8


@pytest.mark.parametrize("eps", [1e-5, 0.5])
@pytest.mark.parametrize("groups", [None, 1, 2, 3, 6])
def test_normalisation_gradients(groups, eps):
    """Spatial batch (None) and group normalisation: gradients are what central differences say."""
    rng = np.random.default_rng(0)
    x, shape = rng.normal(size=(2, 6, 3, 4)), (6,) if groups is None else (1, 6, 1, 1)
    inputs = [x, rng.normal(size=shape), rng.normal(size=shape)]

    def forward(*inputs):
        if groups is None:
            return spatial_batchnorm_forward(*inputs, {"mode": "train", "eps": eps})
        return spatial_groupnorm_forward(*inputs, groups, {"eps": eps})

    out, cache = forward(*inputs)
    dout = rng.normal(size=out.shape)
    backward = spatial_batchnorm_backward if groups is None else spatial_groupnorm_backward
    for value, grad in zip(inputs, backward(dout, cache), strict=True):
        numeric = eval_numerical_gradient_array(lambda _: forward(*inputs)[0], value, dout)
        assert grad.shape == value.shape
        assert relative_error(grad, numeric) < 1e-7


@pytest.mark.parametrize("input_dim", [(3, 20, 12), (1, 7, 10)])
def test_network_gradients(input_dim):
    """Gradients of the three-layer network are what central differences say."""
    rng = np.random.default_rng(0)
    model = ThreeLayerConvNet(input_dim, 2, 3, 3, 4, weight_scale=0.3, reg=0.5, dtype=np.float64)
    X, y = rng.normal(size=(2, *input_dim)), rng.integers(4, size=2)
    _, grads = model.loss(X, y)
    assert grads.keys() == model.params.keys()
    for name, value in model.params.items():
        numeric = eval_numerical_gradient(lambda _: model.loss(X, y)[0], value)
        assert relative_error(grads[name], numeric) < 1e-7, name


def test_normalisation_agrees_with_pytorch():
    """Values and gradients of spatial batch and group normalisation are PyTorch's."""
    torch = pytest.importorskip("torch", reason="PyTorch is an optional second opinion")
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=(3, 6, 4, 5)), rng.normal(size=(3, 6, 4, 5))
    gamma, beta = rng.normal(size=6), rng.normal(size=6)
    for groups in (None, 1, 2, 3, 6):
        tensors = [torch.tensor(array, requires_grad=True) for array in (x, gamma, beta)]
        if groups is None:
            out, cache = spatial_batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1})
            grads = spatial_batchnorm_backward(dout, cache)
            theirs = torch.nn.functional.batch_norm(
                tensors[0], None, None, *tensors[1:], training=True, eps=0.1
            )
        else:
            scale, shift = gamma.reshape(1, 6, 1, 1), beta.reshape(1, 6, 1, 1)
            out, cache = spatial_groupnorm_forward(x, scale, shift, groups, {"eps": 0.1})
            grads = spatial_groupnorm_backward(dout, cache)
            theirs = torch.nn.functional.group_norm(tensors[0], groups, *tensors[1:], eps=0.1)
        assert relative_error(out, theirs.detach().numpy()) < 1e-12
        theirs.backward(torch.tensor(dout))
        for grad, tensor in zip(grads, tensors, strict=True):
            assert relative_error(grad.reshape(tensor.shape), tensor.grad.numpy()) < 1e-11

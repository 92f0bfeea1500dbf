"""Measures the fast layers beside what they replace, and beside PyTorch where it is installed.

    python bench/convolution.py [rounds]

Everything runs with one thread, and the ways take turns, so that a busy machine touches them alike.
What counts is processor time; the table shows medians in ms, and their ratios to PyTorch: below 1
is faster. The naive layers get one picture of the batch, once, and their time is multiplied.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
sys.path.insert(0, str(Path(__file__).parents[1] / "assignments"))

import numpy as np
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.fast_layers import (
    conv_backward_fast,
    conv_forward_fast,
    max_pool_backward_fast,
    max_pool_forward_fast,
)
from cs231n.layers import (
    conv_backward_naive,
    conv_forward_naive,
    max_pool_backward_naive,
    max_pool_forward_naive,
)
from cs231n.optim import adam
from numpy.lib.stride_tricks import sliding_window_view

try:
    import torch
except ImportError:
    torch = None
else:
    torch.set_num_threads(1)

ROUNDS = 7
SHAPES = {  # x, w, stride, pad
    "A": ((50, 3, 31, 31), (25, 3, 3, 3), 2, 1),
    "B": ((100, 3, 32, 32), (32, 3, 7, 7), 1, 3),
    "C": ((128, 32, 16, 16), (64, 32, 3, 3), 1, 1),
}
Ways = dict[str, Callable[[], Any]]


def main(rounds: int) -> None:
    """Measure everything in both precisions and print a line for each thing measured."""
    for name, (x_shape, w_shape, stride, pad) in SHAPES.items():
        print(f"{name}: pictures {x_shape}, filters {w_shape}, stride {stride}, pad {pad}")
    if torch is None:
        print("PyTorch isn't installed; pip install -e '.[torch]' adds its column.")
    print(f"\n{'':36}{'naive':>10}{'im2col':>10}{'ours':>10}{'PyTorch':>10}{'ratio':>8}")
    for dtype in (np.float32, np.float64):
        for name, shape in SHAPES.items():
            for way, ways in convolutions(*shape, dtype).items():
                show(f"convolution {name}, {way}", dtype, measure(ways, rounds), shape[0][0])
        for way, ways in pools(dtype).items():
            show(f"max pooling 2x2, {way}", dtype, measure(ways, rounds), 50)
        show("training step, ConvNet", dtype, measure(training_steps(dtype), 3 * rounds), 50)


def measure(ways: Ways, rounds: int) -> dict[str, float]:
    """Return the median processor time of each way in ms, after one round that doesn't count."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            if turn != 1 and name == "naive":
                continue  # once is long enough
            start = time.process_time()
            way()
            if turn > 0:
                times[name].append(1000 * (time.process_time() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def show(title: str, dtype: type, found: dict[str, float], batch: int) -> None:
    """Print one line of the table; `batch` is how large the batch of the others was."""
    if "naive" in found:
        found["naive"] *= batch
    cells = [
        f"{found[name]:10.1f}" if name in found else " " * 10
        for name in ("naive", "im2col", "ours", "PyTorch")
    ]
    ratio = f"{found['ours'] / found['PyTorch']:8.2f}" if "PyTorch" in found else ""
    print(f"{title + ', ' + np.dtype(dtype).name:36}{''.join(cells)}{ratio}", flush=True)


# --------------------------------------------------------------------------------- what is measured


def convolutions(
    x_shape: tuple[int, ...], w_shape: tuple[int, ...], stride: int, pad: int, dtype: type
) -> dict[str, Ways]:
    """Return the ways to compute a convolution, and those to compute its three gradients."""
    rng = np.random.default_rng(0)
    x, w, b = (rng.normal(size=s).astype(dtype) for s in (x_shape, w_shape, w_shape[:1]))
    param = {"stride": stride, "pad": pad}
    out, cache = conv_forward_fast(x, w, b, param)
    naive_cache = conv_forward_naive(x[:1], w, b, param)[1]
    dout = rng.normal(size=out.shape).astype(dtype)
    columns = im2col(x, w, stride, pad)
    forward: Ways = {
        "naive": lambda: conv_forward_naive(x[:1], w, b, param),
        "im2col": lambda: im2col_forward(im2col(x, w, stride, pad), w, b, out.shape),
        "ours": lambda: conv_forward_fast(x, w, b, param),
    }
    backward: Ways = {
        "naive": lambda: conv_backward_naive(dout[:1], naive_cache),
        "im2col": lambda: im2col_backward(dout, columns, x, w, stride, pad),
        "ours": lambda: conv_backward_fast(dout, cache),
    }
    without_dx: Ways = {"ours": lambda: conv_backward_fast(dout, cache, skip_dx=True)}
    if torch is not None:
        function = torch.nn.functional.conv2d
        inputs = [torch.tensor(array, requires_grad=True) for array in (x, w, b)]
        after = function(*inputs, stride=stride, padding=pad)
        picture = function(inputs[0].detach(), *inputs[1:], stride=stride, padding=pad)
        tensor = torch.tensor(dout)
        forward["PyTorch"] = without_gradients(
            lambda: function(*inputs, stride=stride, padding=pad)
        )
        backward["PyTorch"] = lambda: torch.autograd.grad(after, inputs, tensor, retain_graph=True)
        without_dx["PyTorch"] = lambda: torch.autograd.grad(
            picture, inputs[1:], tensor, retain_graph=True
        )
    return {"forward": forward, "backward": backward, "no dx": without_dx}


def pools(dtype: type) -> dict[str, Ways]:
    """Return the ways to compute max pooling, and those to compute its gradient."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 32, 32, 32)).astype(dtype)
    dout = rng.normal(size=(50, 32, 16, 16)).astype(dtype)
    param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    cache, naive_cache = max_pool_forward_fast(x, param)[1], (x[:1], param)
    forward: Ways = {
        "naive": lambda: max_pool_forward_naive(x[:1], param),
        "ours": lambda: max_pool_forward_fast(x, param),
    }
    backward: Ways = {
        "naive": lambda: max_pool_backward_naive(dout[:1], naive_cache),
        "ours": lambda: max_pool_backward_fast(dout, cache),
    }
    if torch is not None:
        picture, tensor = torch.tensor(x, requires_grad=True), torch.tensor(dout)
        after = torch.nn.functional.max_pool2d(picture, 2)
        forward["PyTorch"] = without_gradients(lambda: torch.nn.functional.max_pool2d(picture, 2))
        backward["PyTorch"] = lambda: torch.autograd.grad(after, picture, tensor, retain_graph=True)
    return {"forward": forward, "backward": backward}


def training_steps(dtype: type) -> Ways:
    """Return the ways to take a step of Adam with the course's ConvNet and a batch of 50."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3, 32, 32)).astype(dtype), rng.integers(10, size=50)
    model = ThreeLayerConvNet(reg=1e-3, dtype=dtype)
    configs: dict[str, Any] = dict.fromkeys(model.params)

    def step() -> None:
        _, grads = model.loss(X, y)
        for name, w in model.params.items():
            model.params[name], configs[name] = adam(w, grads[name], configs[name])

    return {"ours": step} | ({} if torch is None else {"PyTorch": torch_step(X, y)})


def torch_step(X: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    """Return a function that takes the same step in PyTorch."""
    nn = torch.nn
    inputs, labels = torch.tensor(X), torch.tensor(y)
    layers = [nn.Conv2d(3, 32, 7, padding=3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    layers += [nn.Linear(32 * 16 * 16, 100), nn.ReLU(), nn.Linear(100, 10)]
    net = nn.Sequential(*layers).to(inputs.dtype)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(inputs), labels).backward()
        optimizer.step()

    return step


def without_gradients(function: Callable[[], Any]) -> Callable[[], Any]:
    """Return the function as PyTorch runs it when nobody will ask for gradients."""
    return torch.no_grad()(function)


# --------------------------------------------------------------------- im2col and one large product


def im2col(x: np.ndarray, w: np.ndarray, stride: int, pad: int) -> np.ndarray:
    """Copy each window into a column of one large matrix."""
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.transpose(1, 4, 5, 0, 2, 3).reshape(w[0].size, -1)


def im2col_forward(
    columns: np.ndarray, w: np.ndarray, b: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    """Compute a convolution with one matrix product; `shape` is that of the output."""
    N, F, H_out, W_out = shape
    out = w.reshape(F, -1) @ columns + b[:, None]
    return np.ascontiguousarray(out.reshape(F, N, H_out, W_out).transpose(1, 0, 2, 3))


def im2col_backward(
    dout: np.ndarray, columns: np.ndarray, x: np.ndarray, w: np.ndarray, stride: int, pad: int
) -> tuple[np.ndarray, ...]:
    """Compute the gradients of a convolution with two matrix products."""
    (N, F, H_out, W_out), (C, H, W), (HH, WW) = dout.shape, x.shape[1:], w.shape[2:]
    rows = dout.transpose(1, 0, 2, 3).reshape(F, -1)
    dw = (rows @ columns.T).reshape(w.shape)
    dcolumns = (w.reshape(F, -1).T @ rows).reshape(C, HH, WW, N, H_out, W_out)
    dpadded = np.zeros((N, C, H + 2 * pad, W + 2 * pad), x.dtype)
    bottom, right = stride * (H_out - 1) + 1, stride * (W_out - 1) + 1
    for i, j in np.ndindex(HH, WW):
        place = dpadded[:, :, i : i + bottom : stride, j : j + right : stride]
        place += dcolumns[:, i, j].transpose(1, 0, 2, 3)
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, rows.sum(axis=1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)

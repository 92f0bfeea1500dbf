"""The fast layers compute what the naive ones compute, for every size and setting."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from cs231n import fast_layers
from cs231n.fast_layers import (
    conv_backward_fast,
    conv_forward_fast,
    max_pool_backward_fast,
    max_pool_forward_fast,
)
from cs231n.gradient_check import eval_numerical_gradient_array
from cs231n.layer_utils import (
    conv_bn_relu_backward,
    conv_bn_relu_forward,
    conv_relu_backward,
    conv_relu_forward,
    conv_relu_pool_backward,
    conv_relu_pool_forward,
)
from cs231n.layers import (
    conv_backward_naive,
    conv_forward_naive,
    max_pool_backward_naive,
    max_pool_forward_naive,
    relu_backward,
    relu_forward,
)

from autograder.kit.checks import relative_error

FILTERS = [(1, 1), (3, 2), (2, 4), (5, 3)]
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}


def convolution_inputs(x_shape, w_shape, dtype=np.float64):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(dtype) for shape in (x_shape, w_shape, w_shape[:1])]


def require_equal(actual, expected, limit=1e-12):
    for ours, naive in zip(actual, expected, strict=True):
        assert ours.shape == naive.shape
        assert ours.dtype == naive.dtype
        assert relative_error(ours, naive) < limit


@pytest.mark.parametrize("size", FILTERS)
@pytest.mark.parametrize(("stride", "pad"), list(itertools.product([1, 2, 3, 4], [0, 1, 2])))
def test_convolution_equals_the_naive_one(size, stride, pad):
    """Any filter, stride and padding; strides that leave a rest or jump over pixels too."""
    x, w, b = convolution_inputs((3, 2, 6, 7), (4, 2, *size))
    copies = [array.copy() for array in (x, w, b)]
    param = {"stride": stride, "pad": pad}
    out, cache = conv_forward_naive(x, w, b, param)
    out_fast, cache_fast = conv_forward_fast(x, w, b, param)
    require_equal([out_fast], [out])
    dout = np.random.default_rng(1).normal(size=out.shape)
    require_equal(conv_backward_fast(dout, cache_fast), conv_backward_naive(dout, cache))
    for array, copy in zip((x, w, b), copies, strict=True):
        assert np.array_equal(array, copy)


def test_convolution_agrees_with_pytorch():
    """Sizes at which the naive layers are too slow: PyTorch's values and gradients."""
    torch = pytest.importorskip("torch", reason="PyTorch is an optional second opinion")
    for x_shape, w_shape, stride, pad in [
        ((7, 3, 31, 31), (25, 3, 3, 3), 2, 1),
        ((9, 3, 32, 32), (32, 3, 7, 7), 1, 3),
        ((5, 32, 16, 12), (64, 32, 3, 3), 1, 1),
    ]:
        arrays = convolution_inputs(x_shape, w_shape)
        tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
        theirs = torch.nn.functional.conv2d(*tensors, stride=stride, padding=pad)
        out, cache = conv_forward_fast(*arrays, {"stride": stride, "pad": pad})
        require_equal([out], [theirs.detach().numpy()])
        dout = np.random.default_rng(1).normal(size=out.shape)
        theirs.backward(torch.tensor(dout))
        grads = conv_backward_fast(dout, cache)
        require_equal(grads, [tensor.grad.numpy() for tensor in tensors])


def test_block_size_changes_nothing(monkeypatch):
    """One picture at a time, a few with a rest, or all at once: the same result."""
    x, w, b = convolution_inputs((7, 2, 6, 5), (3, 2, 3, 3))
    out, cache = conv_forward_fast(x, w, b, {"stride": 2, "pad": 1})
    dout = np.ones(out.shape)
    grads = conv_backward_fast(dout, cache)
    bytes_each = 8 * 3 * 2 * 3 * 8
    for size in (1, 2 * bytes_each, 3 * bytes_each, 100 * bytes_each):
        monkeypatch.setattr(fast_layers, "BLOCK_BYTES", size)
        require_equal([conv_forward_fast(x, w, b, {"stride": 2, "pad": 1})[0]], [out])
        require_equal(conv_backward_fast(dout, cache), grads)


def test_skipping_dx_leaves_the_others_as_they_are():
    """With skip_dx there is no dx, and the same dw and db."""
    x, w, b = convolution_inputs((3, 2, 6, 5), (4, 2, 3, 3))
    out, cache = conv_forward_fast(x, w, b, {"stride": 1, "pad": 1})
    dx, dw, db = conv_backward_fast(out, cache)
    nothing, dw_again, db_again = conv_backward_fast(out, cache, skip_dx=True)
    assert dx is not None
    assert nothing is None
    assert np.array_equal(dw, dw_again)
    assert np.array_equal(db, db_again)


def test_float32_stays_float32():
    """Single precision gives results in single precision, and right ones."""
    arrays = convolution_inputs((3, 2, 6, 5), (4, 2, 3, 3), np.float32)
    out, cache = conv_forward_fast(*arrays, {"stride": 1, "pad": 1})
    naive, naive_cache = conv_forward_naive(*arrays, {"stride": 1, "pad": 1})
    require_equal([out], [naive], 1e-5)
    grads, naive_grads = conv_backward_fast(out, cache), conv_backward_naive(out, naive_cache)
    require_equal(grads, naive_grads, 1e-5)
    pooled, pool_cache = max_pool_forward_fast(out, POOL)
    assert pooled.dtype == max_pool_backward_fast(pooled, pool_cache).dtype == np.float32


@pytest.mark.parametrize("transposed", [False, True])
def test_arrays_may_lie_in_memory_as_they_like(transposed):
    """Views with other strides, as a transpose makes them, give the same results."""
    x, w, b = convolution_inputs((3, 2, 6, 6), (4, 2, 3, 3))
    out, cache = conv_forward_fast(x, w, b, {"stride": 1, "pad": 1})
    dout = np.random.default_rng(1).normal(size=out.shape)

    def scattered(array):
        if transposed:
            return np.asfortranarray(array)
        return np.repeat(array, 2, axis=-1)[..., ::2]

    views = [scattered(x), scattered(w), b]
    out_view, cache_view = conv_forward_fast(*views, {"stride": 1, "pad": 1})
    require_equal([out_view], [out])
    grads = conv_backward_fast(scattered(dout), cache_view)
    require_equal(grads, conv_backward_fast(dout, cache))
    pooled, pool_cache = max_pool_forward_fast(out, POOL)
    pooled_view, view_cache = max_pool_forward_fast(scattered(out), POOL)
    assert np.array_equal(pooled, pooled_view)
    dx = max_pool_backward_fast(scattered(pooled), view_cache)
    assert np.array_equal(dx, max_pool_backward_fast(pooled, pool_cache))


@pytest.mark.parametrize(
    ("height", "width", "stride"), list(itertools.product([1, 2, 3], [1, 2, 4], [1, 2, 3]))
)
def test_pooling_equals_the_naive_one(height, width, stride):
    """Any window and stride: windows that overlap, stand side by side, or leave gaps."""
    x = np.random.default_rng(0).normal(size=(2, 3, 7, 6)) - 1
    param = {"pool_height": height, "pool_width": width, "stride": stride}
    out, cache = max_pool_forward_naive(x, param)
    out_fast, cache_fast = max_pool_forward_fast(x, param)
    assert np.array_equal(out_fast, out)
    dout = np.random.default_rng(1).normal(size=out.shape)
    dx = max_pool_backward_fast(dout, cache_fast)
    assert relative_error(dx, max_pool_backward_naive(dout, cache)) < 1e-14


def test_pooling_gives_the_gradient_of_equal_numbers_once():
    """Where several numbers of a window are the largest, one of them gets the gradient."""
    x = np.zeros((1, 1, 4, 4))
    out, cache = max_pool_forward_fast(x, POOL)
    dx = max_pool_backward_fast(np.full(out.shape, 3.0), cache)
    assert dx.sum() == 12
    assert np.count_nonzero(dx) == 4


SANDWICHES = [
    (conv_relu_forward, conv_relu_backward, 3, [{"stride": 2, "pad": 1}]),
    (conv_relu_pool_forward, conv_relu_pool_backward, 3, [{"stride": 1, "pad": 1}, POOL]),
    (conv_bn_relu_forward, conv_bn_relu_backward, 5, [{"stride": 1, "pad": 0}, {"mode": "train"}]),
]


@pytest.mark.parametrize(("forward", "backward", "count", "params"), SANDWICHES)
def test_sandwich_gradients(forward, backward, count, params):
    """Each sandwich's gradients are what central differences say; dx can be skipped."""
    rng = np.random.default_rng(2)
    inputs = convolution_inputs((2, 3, 6, 8), (4, 3, 3, 3))
    inputs = [*inputs, rng.normal(size=4), rng.normal(size=4)][:count]
    out, cache = forward(*inputs, *params)
    dout = rng.normal(size=out.shape)
    grads = backward(dout, cache)
    for value, grad in zip(inputs, grads, strict=True):
        numeric = eval_numerical_gradient_array(lambda _: forward(*inputs, *params)[0], value, dout)
        assert np.abs(grad - numeric).max() < 1e-6
    skipped = backward(dout, cache, skip_dx=True)
    assert skipped[0] is None
    for ours, grad in zip(skipped[1:], grads[1:], strict=True):
        assert np.array_equal(ours, grad)


def test_pooling_before_the_relu_is_the_same():
    """The sandwich gives what convolution, ReLU and pooling give in the order of its name."""
    arrays = convolution_inputs((2, 3, 8, 6), (4, 3, 3, 3))
    param = {"stride": 1, "pad": 1}
    out, cache = conv_relu_pool_forward(*arrays, param, POOL)
    a, conv_cache = conv_forward_fast(*arrays, param)
    active, relu_cache = relu_forward(a)
    pooled, pool_cache = max_pool_forward_fast(active, POOL)
    assert np.array_equal(out, pooled)
    dout = np.random.default_rng(1).normal(size=out.shape)
    dactive = max_pool_backward_fast(dout, pool_cache)
    expected = conv_backward_fast(relu_backward(dactive, relu_cache), conv_cache)
    require_equal(conv_relu_pool_backward(dout, cache), expected)

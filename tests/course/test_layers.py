"""The layers are right: by finite differences, by dull oracles, and by PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.layer_utils import affine_relu_backward, affine_relu_forward
from cs231n.layers import (
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    dropout_backward,
    dropout_forward,
    layernorm_backward,
    layernorm_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
    svm_loss,
)

from autograder.kit.checks import relative_error

SHAPES = ((1, 3), (4, 7), (3, 2, 5), (5, 3, 2, 4))


def random(seed=0):
    return np.random.default_rng(seed)


def require_gradients(forward, inputs, gradients, dout, limit=1e-8):
    """Raise unless each gradient is what central differences say of `forward(*inputs)`."""
    for x, gradient in zip(inputs, gradients, strict=True):
        numeric = eval_numerical_gradient_array(lambda _: forward(*inputs), x, dout)
        assert gradient.shape == x.shape
        assert relative_error(gradient, numeric) < limit


# ----------------------------------------------------------------------------- fully connected


@pytest.mark.parametrize("shape", SHAPES)
def test_affine_is_the_sum_of_products_on_paper(shape):
    """Each output is the sum of all inputs times weights, plus a bias."""
    rng = random()
    x, w, b = rng.normal(size=shape), rng.normal(size=(math.prod(shape[1:]), 3)), rng.normal(size=3)
    rows = [list(example.flat) for example in x]
    expected = [
        [math.fsum(v * w[k, j] for k, v in enumerate(row)) + b[j] for j in range(3)] for row in rows
    ]
    assert relative_error(affine_forward(x, w, b)[0], expected) < 1e-13


@pytest.mark.parametrize("shape", SHAPES)
def test_affine_gradients(shape):
    """The gradients with respect to x, w and b are those of finite differences."""
    rng = random()
    inputs = [rng.normal(size=s) for s in (shape, (math.prod(shape[1:]), 3), (3,))]
    dout = rng.normal(size=(shape[0], 3))
    gradients = affine_backward(dout, affine_forward(*inputs)[1])
    require_gradients(lambda *a: affine_forward(*a)[0], inputs, gradients, dout)


@pytest.mark.parametrize("shape", SHAPES)
def test_relu(shape):
    """What is negative becomes 0, and lets no gradient through."""
    rng = random()
    x, dout = rng.normal(size=shape), rng.normal(size=shape)
    out, cache = relu_forward(x)
    assert out.shape == shape
    assert np.array_equal(out.ravel(), [max(0.0, v) for v in x.flat])
    require_gradients(lambda x: relu_forward(x)[0], [x], [relu_backward(dout, cache)], dout)


def test_affine_relu_gradients():
    """The sandwich hands the gradient through both of its layers."""
    rng = random()
    inputs = [rng.normal(size=s) for s in ((2, 3, 4), (12, 10), (10,))]
    dout = rng.normal(size=(2, 10))
    gradients = affine_relu_backward(dout, affine_relu_forward(*inputs)[1])
    require_gradients(lambda *a: affine_relu_forward(*a)[0], inputs, gradients, dout)


# -------------------------------------------------------------------------------------- losses


def dull_svm(x, y):
    """The hinge loss as on paper."""
    terms = [
        max(0.0, score - row[right] + 1)
        for row, right in zip(x.tolist(), y, strict=True)
        for j, score in enumerate(row)
        if j != right
    ]
    return math.fsum(terms) / len(x)


def dull_softmax(x, y):
    """The cross-entropy as on paper, with Python's own logarithm of a sum."""
    total = 0.0
    for row, right in zip(x.tolist(), y, strict=True):
        top = max(row)
        total += top + math.log(math.fsum(math.exp(v - top) for v in row)) - row[right]
    return total / len(x)


@pytest.mark.parametrize(("loss", "oracle"), [(svm_loss, dull_svm), (softmax_loss, dull_softmax)])
@pytest.mark.parametrize("shape", [(1, 4), (5, 7), (6, 2), (3, 1)])
def test_losses(loss, oracle, shape):
    """A loss is that on paper, and its gradient that of finite differences."""
    rng = random()
    x, y = 2 * rng.normal(size=shape), rng.integers(shape[1], size=shape[0])
    value, dx = loss(x, y)
    assert value == pytest.approx(oracle(x, y), rel=1e-12, abs=1e-15)
    assert relative_error(dx, eval_numerical_gradient(lambda x: loss(x, y)[0], x)) < 1e-8


@pytest.mark.parametrize("offset", [1e3, -1e3])
def test_softmax_of_large_scores(offset):
    """Scores of a thousand of either sign give the loss of the same scores without the thousand."""
    x, y = random().normal(size=(4, 6)), np.array([5, 0, 2, 2])
    loss, dx = softmax_loss(x + offset, y)
    assert loss == pytest.approx(softmax_loss(x, y)[0], rel=1e-10)
    assert relative_error(dx, softmax_loss(x, y)[1]) < 1e-10


def test_softmax_that_is_sure_and_wrong_is_finite():
    """A right class without any probability left has a large loss, not an infinite one."""
    assert softmax_loss(np.array([[1000.0, -1000.0]]), np.array([1]))[0] == 2000


# -------------------------------------------------------------------------------- normalisation


@pytest.mark.parametrize("backward", [batchnorm_backward, batchnorm_backward_alt])
@pytest.mark.parametrize("eps", [1e-5, 0.5])
def test_batchnorm_gradients(backward, eps):
    """Both backward functions agree with finite differences, for a large eps too."""
    rng = random()
    inputs = [3 * rng.normal(size=(6, 4)) + 5, rng.normal(size=4), rng.normal(size=4)]
    dout = rng.normal(size=(6, 4))

    def forward(x, gamma, beta):
        return batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})

    gradients = backward(dout, forward(*inputs)[1])
    require_gradients(lambda *a: forward(*a)[0], inputs, gradients, dout, limit=1e-7)


def test_batchnorm_normalises_each_feature():
    """In training each feature of the output has the mean beta and the deviation gamma."""
    rng = random()
    gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([11.0, 12.0, 13.0])
    out, _ = batchnorm_forward(5 * rng.normal(size=(200, 3)) + 7, gamma, beta, {"mode": "train"})
    assert relative_error(out.mean(axis=0), beta) < 1e-12
    assert relative_error(out.std(axis=0), gamma) < 1e-6  # eps is in there


def test_batchnorm_keeps_running_averages():
    """They are averages of means and biased variances without eps, and test mode uses them."""
    rng = random()
    bn_param = {"mode": "train", "eps": 0.3, "momentum": 0.6}
    mean, var = np.zeros(3), np.zeros(3)
    for _ in range(3):
        x = 2 * rng.normal(size=(5, 3)) + 1
        batchnorm_forward(x, np.ones(3), np.zeros(3), bn_param)
        mean, var = 0.6 * mean + 0.4 * x.mean(axis=0), 0.6 * var + 0.4 * x.var(axis=0)
    assert relative_error(bn_param["running_mean"], mean) < 1e-13
    assert relative_error(bn_param["running_var"], var) < 1e-13
    bn_param["mode"] = "test"
    out, _ = batchnorm_forward(x[:1], np.full(3, 2.0), np.full(3, 3.0), bn_param)
    assert relative_error(out, 2 * (x[:1] - mean) / np.sqrt(var + 0.3) + 3) < 1e-13
    assert np.array_equal(bn_param["running_mean"], mean)


@pytest.mark.parametrize("eps", [1e-5, 0.5])
def test_layernorm(eps):
    """Each example is normalised by itself, and the gradients are those of finite differences."""
    rng = random()
    inputs = [3 * rng.normal(size=(3, 6)) + 5, rng.normal(size=6), rng.normal(size=6)]
    dout = rng.normal(size=(3, 6))

    def forward(x, gamma, beta):
        return layernorm_forward(x, gamma, beta, {"eps": eps})

    x, gamma, beta = inputs
    expected = [gamma * (row - row.mean()) / math.sqrt(row.var() + eps) + beta for row in x]
    assert relative_error(forward(*inputs)[0], expected) < 1e-13
    gradients = layernorm_backward(dout, forward(*inputs)[1])
    require_gradients(lambda *a: forward(*a)[0], inputs, gradients, dout, limit=1e-7)


@pytest.mark.parametrize("forward", [batchnorm_forward, dropout_forward])
def test_unknown_mode_is_refused(forward):
    """A mode that is neither train nor test is named."""
    parameters = [np.ones((2, 2))] + [np.ones(2)] * (2 if forward is batchnorm_forward else 0)
    with pytest.raises(ValueError, match="tset"):
        forward(*parameters, {"mode": "tset", "p": 0.5})


# -------------------------------------------------------------------------------------- dropout


@pytest.mark.parametrize("p", [0.25, 0.7])
def test_dropout_keeps_with_probability_p(p):
    """A share of p is kept and divided by p, so that the mean stays; test mode changes nothing."""
    x = random().normal(size=(500, 400)) + 10
    np.random.seed(0)
    out, _ = dropout_forward(x, {"mode": "train", "p": p})
    kept = out != 0
    assert kept.mean() == pytest.approx(p, abs=0.01)
    assert relative_error(out[kept], x[kept] / p) < 1e-13
    assert out.mean() == pytest.approx(x.mean(), rel=0.02)
    assert np.array_equal(dropout_forward(x, {"mode": "test", "p": p})[0], x)


def test_dropout_gradient():
    """The gradient passes where the number passed, with the same factor; in test mode all does."""
    rng = random()
    x, dout = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
    param = {"mode": "train", "p": 0.6, "seed": 123}
    dx = dropout_backward(dout, dropout_forward(x, param)[1])
    require_gradients(lambda x: dropout_forward(x, param)[0], [x], [dx], dout)
    cache = dropout_forward(x, {"mode": "test", "p": 0.6})[1]
    assert np.array_equal(dropout_backward(dout, cache), dout)


def test_dropout_keeps_the_dtype():
    """What comes in as float32 goes out as float32."""
    for mode in ("train", "test"):
        out, _ = dropout_forward(np.ones(5, np.float32), {"mode": mode, "p": 0.5})
        assert out.dtype == np.float32


# -------------------------------------------------------------------------------------- PyTorch


@pytest.fixture(scope="module")
def torch():
    """PyTorch, a second opinion that not every machine has."""
    module = pytest.importorskip("torch", reason="PyTorch isn't installed; it is optional")
    module.set_num_threads(1)
    return module


def torch_gradients(torch, function, arrays, dout):
    """Return what PyTorch computes, and its gradients."""
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    out = function(*tensors)
    out.backward(torch.tensor(dout))
    return out.detach().numpy(), [t.grad.numpy() for t in tensors]


def test_layers_agree_with_pytorch(torch):
    """Affine, ReLU, batch and layer normalisation compute what PyTorch's do, gradients too."""
    rng, F = random(), torch.nn.functional
    x, w, b = rng.normal(size=(5, 7)), rng.normal(size=(7, 4)), rng.normal(size=4)
    gamma, beta, dout = rng.normal(size=7), rng.normal(size=7), rng.normal(size=(5, 7))
    train = {"mode": "train"}
    cases = [
        (affine_forward, affine_backward, (x, w, b), lambda x, w, b: x @ w + b),
        (relu_forward, relu_backward, (x,), F.relu),
        (
            lambda *a: batchnorm_forward(*a, dict(train)),
            batchnorm_backward,
            (x, gamma, beta),
            lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True),
        ),
        (
            lambda *a: layernorm_forward(*a, {}),
            layernorm_backward,
            (x, gamma, beta),
            lambda x, g, b: F.layer_norm(x, (7,), g, b),
        ),
    ]
    for forward, backward, arrays, theirs in cases:
        out, cache = forward(*arrays)
        upstream = dout[:, : out.shape[1]]
        expected, gradients = torch_gradients(torch, theirs, arrays, upstream)
        assert relative_error(out, expected) < 1e-12
        ours = backward(upstream, cache)
        for mine, their in zip(ours if isinstance(ours, tuple) else [ours], gradients, strict=True):
            assert relative_error(mine, their) < 1e-10


def test_losses_agree_with_pytorch(torch):
    """Both losses and their gradients are PyTorch's."""
    rng, F = random(), torch.nn.functional
    x, y = 3 * rng.normal(size=(6, 5)), rng.integers(5, size=6)
    labels = torch.tensor(y)
    cases = [
        (softmax_loss, lambda x: F.cross_entropy(x, labels)),
        (svm_loss, lambda x: 5 * F.multi_margin_loss(x, labels)),  # theirs divides by the classes
    ]
    for loss, theirs in cases:
        value, dx = loss(x, y)
        expected, (gradient,) = torch_gradients(torch, theirs, [x], np.array(1.0))
        assert value == pytest.approx(float(expected), rel=1e-12)
        assert relative_error(dx, gradient) < 1e-12

"""The update rules are right: by dull oracles over many steps, and by PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from cs231n.optim import adam, rmsprop, sgd, sgd_momentum

from autograder.kit.checks import relative_error


def dull_sgd(w, gradients, learning_rate):
    for g in gradients:
        w -= learning_rate * g
    return w


def dull_momentum(w, gradients, learning_rate, momentum):
    velocity = 0.0
    for g in gradients:
        velocity = momentum * velocity - learning_rate * g
        w += velocity
    return w


def dull_rmsprop(w, gradients, learning_rate, decay_rate, epsilon):
    """The mean of squares written out as a sum over all steps."""
    for t in range(1, len(gradients) + 1):
        squares = [decay_rate ** (t - 1 - i) * gradients[i] ** 2 for i in range(t)]
        root = math.sqrt((1 - decay_rate) * math.fsum(squares))
        w -= learning_rate * gradients[t - 1] / (root + epsilon)
    return w


def dull_adam(w, gradients, learning_rate, beta1, beta2, epsilon):
    """Corrected means written out: weighted averages of all gradients so far."""
    for t in range(1, len(gradients) + 1):
        weights1 = [beta1 ** (t - 1 - i) for i in range(t)]
        weights2 = [beta2 ** (t - 1 - i) for i in range(t)]
        m = math.fsum(a * g for a, g in zip(weights1, gradients, strict=False)) / math.fsum(
            weights1
        )
        v = math.fsum(a * g * g for a, g in zip(weights2, gradients, strict=False)) / math.fsum(
            weights2
        )
        w -= learning_rate * m / (math.sqrt(v) + epsilon)
    return w


RULES = [
    (sgd, dull_sgd, {"learning_rate": 0.3}),
    (sgd_momentum, dull_momentum, {"learning_rate": 0.3, "momentum": 0.7}),
    (rmsprop, dull_rmsprop, {"learning_rate": 0.1, "decay_rate": 0.8, "epsilon": 0.05}),
    (adam, dull_adam, {"learning_rate": 0.1, "beta1": 0.8, "beta2": 0.9, "epsilon": 0.05}),
]


def take_steps(rule, w, gradients, settings):
    """Return w after one step for each gradient."""
    config = dict(settings)
    for dw in gradients:
        w, config = rule(w, dw, config)
    return w


@pytest.mark.parametrize(
    ("rule", "oracle", "settings"), RULES, ids=lambda v: getattr(v, "__name__", None)
)
def test_ten_steps(rule, oracle, settings):
    """After ten steps each number is where the oracle puts it, and w itself is unchanged."""
    rng = np.random.default_rng(0)
    w, gradients = rng.normal(size=(2, 3)), rng.normal(size=(10, 2, 3))
    before = w.copy()
    after = take_steps(rule, w, gradients, settings)
    expected = [
        oracle(float(w[index]), [float(g) for g in gradients[(slice(None), *index)]], **settings)
        for index in np.ndindex(w.shape)
    ]
    assert relative_error(after.ravel(), expected) < 1e-12
    assert np.array_equal(w, before)


@pytest.mark.parametrize("rule", [sgd, sgd_momentum, rmsprop, adam])
def test_defaults(rule):
    """A rule works without a config, and keeps float32 what is float32."""
    w = np.ones(3, np.float32)
    after, config = rule(w, np.ones(3, np.float32))
    assert after.dtype == np.float32
    assert np.all(after < w)
    assert config["learning_rate"] == (1e-3 if rule is adam else 1e-2)


@pytest.mark.parametrize("rule", [rmsprop, adam])
def test_gradients_of_zero_move_nothing(rule):
    """Where the gradient has always been 0, nothing is divided by 0."""
    assert np.array_equal(rule(np.ones(3), np.zeros(3))[0], np.ones(3))


def test_rules_agree_with_pytorch():
    """PyTorch's optimisers with the same settings end at the same place."""
    torch = pytest.importorskip("torch", reason="PyTorch isn't installed; it is optional")
    rng = np.random.default_rng(1)
    w, gradients = rng.normal(size=5), rng.normal(size=(6, 5))
    theirs = [
        lambda p: torch.optim.SGD(p, lr=0.3),
        lambda p: torch.optim.SGD(p, lr=0.3, momentum=0.7),
        lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.8, eps=0.05),
        lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.9), eps=0.05),
    ]
    for (rule, _, settings), make in zip(RULES, theirs, strict=True):
        parameter = torch.tensor(w, requires_grad=True)
        optimizer = make([parameter])
        for dw in gradients:
            parameter.grad = torch.tensor(dw)
            optimizer.step()
        expected = parameter.detach().numpy()
        assert relative_error(take_steps(rule, w, gradients, settings), expected) < 1e-12

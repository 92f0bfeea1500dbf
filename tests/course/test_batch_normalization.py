"""The lesson on batch normalisation: its checks tell right programs from wrong ones.

Wrong programs are the solved ones with a piece of their text replaced, as a student might have
written it. Right programs that look otherwise are written out.
"""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest
from cs231n.classifiers import fc_net
from cs231n.gradient_check import eval_numerical_gradient_array
from cs231n.layers import (
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
    softmax_loss,
)
from lesson import Lesson
from variants import edited

from autograder.kit.checks import relative_error
from autograder.model import Role

SEEDS = (1, 2)
LESSON = Lesson("assignment2", "batch_normalization")
QUESTIONS = LESSON.names(Role.QUESTION)
MODULES = [importlib.import_module(f"cs231n.{name}") for name in ("layers", "classifiers.fc_net")]


def problems(question, seed=1, **functions):
    """Return what the judge finds wrong when functions, or init and loss of the net, are replaced.

    A tuple of edits stands for the solved function with them.
    """
    patched, replaced = [], {}
    for name, new in functions.items():
        owner = fc_net.FullyConnectedNet if name in ("init", "loss") else MODULES[0]
        attribute = "__init__" if name == "init" else name
        function = edited(getattr(owner, attribute), *new) if isinstance(new, tuple) else new
        if owner is fc_net.FullyConnectedNet:
            patched.append((owner, attribute, function))
        else:
            replaced[name] = function
            patched += [(module, name, function) for module in MODULES if hasattr(module, name)]
    return LESSON.problems(question, replaced, patched, seed)


# ----------------------------------------------------------------- the solved functions are right


def random(seed=0):
    return np.random.default_rng(seed)


def layer_inputs(N, D):
    rng = random(N + 10 * D)
    return [3 * rng.normal(size=(N, D)) + 5, rng.normal(size=D), rng.normal(size=D)]


@pytest.mark.parametrize("eps", [1e-3, 0.5, 20.0])
@pytest.mark.parametrize("shape", [(2, 3), (6, 4), (5, 1), (3, 7)])
def test_forward_is_the_formula_on_paper(shape, eps):
    """Each column, or each row, is normalised by a mean and a biased variance, eps in the root."""
    x, gamma, beta = layer_inputs(*shape)

    def normalized(values):
        mean = math.fsum(values) / len(values)
        var = math.fsum((v - mean) ** 2 for v in values) / len(values)
        return [(v - mean) / math.sqrt(var + eps) for v in values]

    columns = np.array([normalized(column) for column in x.T.tolist()]).T
    out, _ = batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})
    assert relative_error(out, gamma * columns + beta) < 1e-12
    rows = np.array([normalized(row) for row in x.tolist()])
    out, _ = layernorm_forward(x, gamma, beta, {"eps": eps})
    assert relative_error(out, gamma * rows + beta) < 1e-12


@pytest.mark.parametrize("eps", [1e-3, 0.5, 20.0])
@pytest.mark.parametrize("shape", [(2, 3), (6, 4), (5, 2), (3, 7)])
def test_backward_agrees_with_central_differences(shape, eps):
    """All three backward functions are the gradients of their forward functions."""
    inputs = layer_inputs(*shape)
    dout = random(3).normal(size=shape)
    for forward, backward in [
        (batchnorm_forward, batchnorm_backward),
        (batchnorm_forward, batchnorm_backward_alt),
        (layernorm_forward, layernorm_backward),
    ]:
        _, cache = forward(*inputs, {"mode": "train", "eps": eps})
        for array, gradient in zip(inputs, backward(dout, cache), strict=True):
            numeric = eval_numerical_gradient_array(
                lambda _, f=forward: f(*inputs, {"mode": "train", "eps": eps})[0], array, dout
            )
            assert np.max(np.abs(gradient - numeric)) < 1e-8


def test_layers_agree_with_pytorch():
    """Forward, running averages of means, test mode and gradients are PyTorch's."""
    torch = pytest.importorskip("torch", reason="PyTorch isn't installed; it is optional")
    (x, gamma, beta), dout = layer_inputs(6, 4), random(5).normal(size=(6, 4))
    tensors = [torch.tensor(array, requires_grad=True) for array in (x, gamma, beta)]
    for kind, eps in [("batch", 0.2), ("layer", 0.3)]:
        if kind == "batch":
            expected = torch.nn.functional.batch_norm(
                tensors[0], None, None, *tensors[1:], training=True, eps=eps
            )
            out, cache = batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})
            gradients = batchnorm_backward(dout, cache)
        else:
            expected = torch.nn.functional.layer_norm(tensors[0], (4,), *tensors[1:], eps=eps)
            out, cache = layernorm_forward(x, gamma, beta, {"eps": eps})
            gradients = layernorm_backward(dout, cache)
        wanted = torch.autograd.grad(expected, tensors, torch.tensor(dout))
        assert relative_error(out, expected.detach().numpy()) < 1e-12
        for gradient, tensor in zip(gradients, wanted, strict=True):
            assert relative_error(gradient, tensor.numpy()) < 1e-10


def test_running_averages_agree_with_pytorch():
    """Momentum is the other share than PyTorch's, and our variance is the biased one."""
    torch = pytest.importorskip("torch", reason="PyTorch isn't installed; it is optional")
    layer = torch.nn.BatchNorm1d(3, eps=0.2, momentum=0.4, affine=False, dtype=torch.float64)
    torch.nn.init.zeros_(layer.running_var)
    bn_param = {"mode": "train", "eps": 0.2, "momentum": 0.6}
    for _ in range(3):
        x = layer_inputs(5, 3)[0]
        layer(torch.tensor(x))
        batchnorm_forward(x, np.ones(3), np.zeros(3), bn_param)
    assert relative_error(bn_param["running_mean"], layer.running_mean.numpy()) < 1e-12
    unbiased = layer.running_var.numpy() * 4 / 5
    assert relative_error(bn_param["running_var"], unbiased) < 1e-12


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
    first, second = ([p.value for p in LESSON.run(question, seed=s).values()] for s in SEEDS)
    assert any(not np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_lesson_needs_no_dropout(monkeypatch):
    """Who hasn't written dropout yet passes it all."""

    def unwritten(*_):
        raise NotImplementedError

    for name in ("dropout_forward", "dropout_backward"):
        for module in MODULES:
            monkeypatch.setattr(module, name, unwritten)
    for question in QUESTIONS:
        assert not LESSON.problems(question)


def test_weights_are_tolerated_whatever_the_stream():
    """No draw of right weights fails, whatever the seed of the reference."""
    for seed in range(20):
        assert not problems("initial_weights", seed, initial_weights=weights_by_rows)


# -------------------------------------------------------------------------------- wrong programs

BN, LN = "batchnorm_forward", "layernorm_forward"
TEST = "batchnorm_forward_test"
NET, LAYER_NET = "FullyConnectedNet_batchnorm", "FullyConnectedNet_layernorm"
NORM = "normalize(out, gamma, beta, self.bn_params[i - 1])"
RELU = "        out, relu_cache = relu_forward(out)\n"
NO_CACHES = "        norm_cache, dropout_cache = None, None\n"
NEW_MEAN = "+ (1 - momentum) * mean\n        running_var"
NEW_VAR = "running_var + (1 - momentum) * var\n    "
TEST_OUT = "out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta"
TEST_OF_BATCH = "out = gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta"

# Question, function, and edits: what the solution says, what a student might.
WRONG = [
    (BN, BN, ("np.sqrt(var + eps)", "np.sqrt(var) + eps")),
    (BN, BN, ("np.sqrt(var + eps)", "np.sqrt(var + 1e-5)")),
    (BN, BN, ("np.sqrt(var + eps)", "np.sqrt(var)")),
    (BN, BN, ("np.sqrt(var + eps)", "(var + eps)")),
    (BN, BN, ("(centered**2).mean(axis=0)", "(centered**2).sum(axis=0) / (len(x) - 1)")),
    (BN, BN, ("(centered**2).mean(axis=0)", "(centered**2).mean()")),
    (BN, BN, ("(centered**2).mean(axis=0)", "(x**2).mean(axis=0)")),
    (BN, BN, ("mean = x.mean(axis=0)", "mean = x.mean()")),
    (BN, BN, ("mean = x.mean(axis=0)", "mean = x.sum(axis=0) / 200")),
    (BN, BN, ("out = gamma * x_hat + beta", "out = x_hat")),
    (BN, BN, ("out = gamma * x_hat + beta", "out = gamma * (x_hat + beta)")),
    (BN, BN, ("out = gamma * x_hat + beta", "out = gamma[0] * x_hat + beta")),
    (BN, BN, ("centered = x - mean", "x -= mean; centered = x")),
    (BN, BN, ("out = gamma * x_hat + beta", "gamma *= x_hat[0] * 0 + 2; out = gamma * x_hat")),
    (TEST, BN, (NEW_MEAN, NEW_MEAN.replace("(1 - momentum)", "momentum"))),
    (TEST, BN, (NEW_VAR, NEW_VAR.replace("(1 - momentum)", "momentum"))),
    (TEST, BN, (NEW_MEAN, "+ 0.4 * (mean - running_mean)\n        running_var")),
    (TEST, BN, (NEW_VAR, "(1 - momentum) / momentum * running_var + momentum * var\n    ")),
    (TEST, BN, (NEW_VAR, "0 * x[0] + (1 - momentum) * var\n    ")),
    (TEST, BN, ("+ (1 - momentum) * var", "+ (1 - momentum) * (var + eps)")),
    (TEST, BN, ("+ (1 - momentum) * var", "+ (1 - momentum) * std")),
    (TEST, BN, ("+ (1 - momentum) * var", "+ (1 - momentum) * x.var(axis=0, ddof=1)")),
    (TEST, BN, (NEW_MEAN, "* 0\n        running_var")),
    (TEST, BN, ("        running_var = momentum * running_var + (1 - momentum) * var\n", "")),
    (TEST, BN, (NEW_MEAN, "* 0 + mean\n        running_var")),
    (TEST, BN, ('bn_param.get("momentum", 0.9)', "0.9")),
    (TEST, BN, ('bn_param.get("momentum", 0.9)', 'bn_param.get("momentum", 0.1)')),
    (TEST, BN, ('bn_param["running_mean"] = running_mean', "pass")),
    (TEST, BN, ('bn_param["running_var"] = running_var', "pass")),
    (TEST, BN, (TEST_OUT, TEST_OF_BATCH)),
    (TEST, BN, (TEST_OUT, TEST_OUT + "; running_mean = 0.9 * running_mean + 0.1 * x.mean(axis=0)")),
    (TEST, BN, (TEST_OUT, TEST_OUT + "; running_var = 0.9 * running_var + 0.1 * x.var(axis=0)")),
    (TEST, BN, (TEST_OUT, TEST_OUT.replace("np.sqrt(running_var + eps)", "np.sqrt(running_var)"))),
    (TEST, BN, (TEST_OUT, TEST_OUT.replace("running_var + eps", "running_var + 1e-5"))),
    (TEST, BN, (TEST_OUT, TEST_OUT.replace("np.sqrt(running_var + eps)", "running_var"))),
    (TEST, BN, (TEST_OUT, TEST_OUT.replace("gamma * ", "").replace(" + beta", ""))),
    (
        TEST,
        BN,
        (TEST_OUT, "x -= running_mean; out = x / np.sqrt(running_var + eps) * gamma + beta"),
    ),
    *(
        (question, question, edits)
        for question in ("batchnorm_backward", "batchnorm_backward_alt")
        for edits in [
            ("dout.sum(axis=0)", "dout.mean(axis=0)"),
            ("dout.sum(axis=0)", "dout.sum(axis=0, keepdims=True)"),
            ("(dout * x_hat).sum(axis=0)", "(dout * x_hat).mean(axis=0)"),
            ("(dout * x_hat).sum(axis=0)", "(dout * gamma * x_hat).sum(axis=0)"),
            ("N = len(dout)", "N = len(dout) - 1"),
            ("N = len(dout)", "N = dout.shape[1]"),
            ("N = len(dout)", "N = len(dout); dout *= 1.0 + 1e-9"),
        ]
    ),
    ("batchnorm_backward", "batchnorm_backward", ("dcentered + dmean / N", "dcentered")),
    ("batchnorm_backward", "batchnorm_backward", ("dcentered + dmean / N", "dcentered + dmean")),
    ("batchnorm_backward", "batchnorm_backward", ("+ dvar * 2 * centered / N", "")),
    ("batchnorm_backward", "batchnorm_backward", ("(2 * std)", "(2 * np.sqrt(std**2 - 1e-5))")),
    ("batchnorm_backward", "batchnorm_backward", ("/ std**2", "/ (std**2 + 1e-5)")),
    ("batchnorm_backward", "batchnorm_backward", ("dx_hat = dout * gamma", "dx_hat = dout")),
    ("batchnorm_backward", "batchnorm_backward", ("-(dx_hat * centered)", "(dx_hat * centered)")),
    ("batchnorm_backward_alt", "batchnorm_backward_alt", ("gamma / std *", "1 / std *")),
    ("batchnorm_backward_alt", "batchnorm_backward_alt", (" - dbeta / N", "")),
    ("batchnorm_backward_alt", "batchnorm_backward_alt", (" - x_hat * dgamma / N", "")),
    (
        "batchnorm_backward_alt",
        "batchnorm_backward_alt",
        ("x_hat * dgamma", "x_hat * dgamma * gamma"),
    ),
    (
        "batchnorm_backward_alt",
        "batchnorm_backward_alt",
        ("x_hat * dgamma / N", "x_hat / x_hat.std(axis=0) * dgamma / N"),
    ),
    (LN, LN, ("x.mean(axis=1, keepdims=True)\n", "x.mean(axis=0, keepdims=True)\n")),
    (LN, LN, ("x.mean(axis=1, keepdims=True)\n", "x.mean()\n")),
    (LN, LN, ("(centered**2).mean(axis=1, keepdims=True)", "(centered**2).mean(axis=0)")),
    (
        LN,
        LN,
        ("(centered**2).mean(axis=1", "x.shape[1] / (x.shape[1] - 1) * (centered**2).mean(axis=1"),
    ),
    (LN, LN, (" + eps)", " + 1e-5)")),
    (LN, LN, (" + eps)", ") + eps")),
    (LN, LN, ("gamma * x_hat + beta", "x_hat")),
    (LN, LN, ("gamma * x_hat + beta", "gamma.mean() * x_hat + beta.mean()")),
    (LN, LN, ("centered = x - ", "x -= x.mean(axis=1, keepdims=True); centered = x - ")),
    *(
        ("layernorm_backward", "layernorm_backward", edits)
        for edits in [
            ("dout.sum(axis=0)", "dout.sum(axis=1)"),
            ("dout.sum(axis=0)", "dout.mean(axis=0)"),
            ("(dout * x_hat).sum(axis=0)", "(dout * x_hat).mean(axis=0)"),
            ("(dout * x_hat).sum(axis=0)", "(dout * x_hat).sum(axis=1)"),
            ("dx_hat = dout * gamma", "dx_hat = dout"),
            ("dx_hat.mean(axis=1, keepdims=True)", "dx_hat.mean(axis=0)"),
            ("dx_hat.mean(axis=1, keepdims=True)", "dx_hat.sum(axis=1, keepdims=True) / len(dout)"),
            ("(dx_hat * x_hat).mean(axis=1", "(dout * x_hat).mean(axis=1"),
            ("(dx_hat - mean - x_hat * projection) / std", "(dx_hat - mean) / std"),
            ("(dx_hat - mean - x_hat * projection) / std", "(dx_hat - x_hat * projection) / std"),
            ("projection) / std", "projection) / np.sqrt(std**2 - 1e-5)"),
            ("/ std", "* gamma / std"),
            ("dbeta = ", "dout *= 1 + 1e-9; dbeta = "),
        ]
    ),
    *(
        (question, "init", edits)
        for question in (NET, LAYER_NET)
        for edits in [
            ("np.ones(sizes[i])", "np.zeros(sizes[i])"),
            ('"beta{i}"] = np.zeros(sizes[i])', '"beta{i}"] = np.ones(sizes[i])'),
            ("np.ones(sizes[i])", "weight_scale * np.random.randn(sizes[i])"),
            ("np.ones(sizes[i])", "np.ones((1, sizes[i]))"),
            ("if normalization and i < self.num_layers", "if normalization"),
            ("np.ones(sizes[i])", "np.ones(sizes[1])"),
        ]
    ),
    *(
        (question, "loss", edits)
        for question in (NET, LAYER_NET)
        for edits in [
            (RELU, "", NO_CACHES, NO_CACHES + RELU),  # in front of the normalisation
            (NORM, NORM.replace("gamma, beta", "beta, gamma")),
            (NORM, NORM.replace("gamma, beta", "gamma * 0 + 1, beta")),
            (
                "np.sum(W**2)",
                'sum(np.sum(w**2) for n, w in self.params.items() if n[0] != "b") / last',
            ),
            (
                'grads[f"W{i}"] += self.reg * W',
                'grads[f"W{i}"] += self.reg * W\n        if i < last:\n'
                '            grads[f"gamma{i}"] += self.reg * self.params[f"gamma{i}"]',
            ),
            ('f"beta{i}"] = undo(dout, norm_cache)', 'f"beta{i}"] = undo(dout, caches[1][1])'),
            (
                'dout, grads[f"gamma{i}"], grads[f"beta{i}"] =',
                '_, grads[f"gamma{i}"], grads[f"beta{i}"] =',
            ),
            ('grads[f"gamma{i}"], grads[f"beta{i}"] =', 'grads[f"beta{i}"], grads[f"gamma{i}"] ='),
            (
                'self.params[f"gamma{i}"], self.params[f"beta{i}"]',
                'self.params["gamma1"], self.params["beta1"]',
            ),
            (
                "    if y is None:\n",
                "    scores = scores - scores.mean(axis=0)\n    if y is None:\n",
            ),
            ("    if y is None:\n", "    scores = np.maximum(scores, 0)\n    if y is None:\n"),
            ("0.5 * self.reg * np.sum(W**2)", "self.reg * np.sum(W**2)"),
            ('grads[f"W{i}"] += self.reg * W', 'grads[f"W{i}"] += 2 * self.reg * W'),
        ]
    ),
    (NET, "loss", ("self.bn_params[i - 1]", "self.bn_params[0 if i < 3 else i - 1]")),
    (NET, "loss", ("self.bn_params[i - 1]", '{"mode": mode}')),
    (NET, "loss", ("self.bn_params[i - 1]", 'dict(self.bn_params[i - 1], mode="train")')),
    (
        NET,
        "loss",
        ('batchnorm_forward if self.normalization == "batchnorm"', "layernorm_forward if True"),
    ),
    (NET, "loss", ('mode = "test" if y is None else "train"', 'mode = "train"')),
    (
        NET,
        "loss",
        ("if self.normalization:\n            undo", "if i > 1:\n            undo"),
    ),
    (
        LAYER_NET,
        "loss",
        (
            'batchnorm_forward if self.normalization == "batchnorm" else layernorm_forward',
            "lambda *a: batchnorm_forward(*a[:3], {'mode': 'train'})",
        ),
    ),
    (
        LAYER_NET,
        "loss",
        ('if self.normalization == "batchnorm" else layernorm_backward', "if 1 else 0"),
    ),
]


@pytest.mark.parametrize(
    ("question", "name", "edits"), WRONG, ids=[f"{i}-{row[0]}" for i, row in enumerate(WRONG)]
)
@pytest.mark.slow
def test_wrong_program_is_caught(question, name, edits):
    """The probes and checks of a question catch a wrong program."""
    assert problems(question, **{name: edits})


def weights(deviations, draw=None):
    """Return a function like initial_weights with these deviations, Gaussian unless drawn."""

    def initial_weights(kind, fan_in, fan_out, rng):
        s = deviations(fan_in, fan_out)[kind]
        return s * (draw or (lambda rng, size: rng.normal(size=size)))(rng, (fan_in, fan_out))

    return initial_weights


def right_deviations(D, M):
    return {"small": 0.01, "large": 1.0, "xavier": D**-0.5, "he": (2 / D) ** 0.5}


WRONG_WEIGHTS = [
    weights(lambda D, M: {**right_deviations(D, M), "small": 0.1}),
    weights(lambda D, M: {**right_deviations(D, M), "large": 0.5}),
    weights(lambda D, M: {**right_deviations(D, M), "xavier": 1 / D}),
    weights(lambda D, M: {**right_deviations(D, M), "xavier": M**-0.5}),
    weights(lambda D, M: {**right_deviations(D, M), "xavier": (2 / (D + M)) ** 0.5}),
    weights(lambda D, M: {**right_deviations(D, M), "he": 2 / D}),
    weights(lambda D, M: {**right_deviations(D, M), "he": (2 / M) ** 0.5}),
    weights(lambda D, M: {**right_deviations(D, M), "he": D**-0.5}),
    weights(right_deviations, lambda rng, size: rng.uniform(-(3**0.5), 3**0.5, size)),
    weights(right_deviations, lambda rng, size: rng.normal(size=size) + 0.5),
    weights(right_deviations, lambda rng, size: np.random.randn(*size)),
    weights(right_deviations, lambda rng, size: rng.normal(size=size[::-1])),
    weights(right_deviations, lambda rng, size: rng.normal(size=size[1]) * np.ones(size)),
    weights(right_deviations, lambda rng, size: np.random.default_rng(0).normal(size=size)),
]


@pytest.mark.parametrize("wrong", WRONG_WEIGHTS)
@pytest.mark.slow
def test_wrong_weights_are_caught(wrong):
    """Other deviations, means, distributions and sources of chance are caught."""
    assert problems("initial_weights", initial_weights=wrong)


# --------------------------------------------------------------------- right programs, otherwise


def weights_by_rows(kind, fan_in, fan_out, rng):
    """Scaled by the generator, drawn in another order."""
    scale = {"small": 1e-2, "large": 1, "xavier": 1 / np.sqrt(fan_in), "he": np.sqrt(2 / fan_in)}
    return np.stack([rng.normal(0, scale[kind], fan_in) for _ in range(fan_out)], axis=1)


def weights_in_float32(kind, fan_in, fan_out, rng):
    w = rng.standard_normal((fan_in, fan_out), dtype=np.float32)
    return w * np.float32(right_deviations(fan_in, fan_out)[kind])


def bn_by_var(x, gamma, beta, bn_param):
    """NumPy's variance, averages changed where they are, another cache, float64 throughout."""
    eps, momentum = bn_param.setdefault("eps", 1e-5), bn_param.setdefault("momentum", 0.9)
    mean = bn_param.setdefault("running_mean", np.zeros(x.shape[1]))
    var = bn_param.setdefault("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "test":
        factor = gamma / (var + eps) ** 0.5
        return x * factor + (beta - factor * mean), None
    x = x.astype(np.float64)
    mu, v = np.mean(x, 0), np.var(x, 0)
    bn_param["running_mean"] += (1 - momentum) * (mu - mean)
    bn_param["running_var"] += (1 - momentum) * (v - var)
    cache = {"x": x, "mu": mu, "v": v, "eps": eps, "gamma": gamma.copy()}
    return (x - mu) * (v + eps) ** -0.5 * gamma + beta, cache


def bn_by_squares(x, gamma, beta, bn_param):
    """The variance as mean of squares minus square of the mean; batches with loops."""
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1])
    mean, var = bn_param.get("running_mean", zeros), bn_param.get("running_var", zeros)
    cache = None
    if bn_param["mode"] == "train":
        mu = sum(x) / len(x)
        v = sum((row - mu) ** 2 for row in x) / len(x)
        out = np.array([gamma * (row - mu) / np.sqrt(v + eps) + beta for row in x])
        cache = {"x": x, "mu": mu, "v": v, "eps": eps, "gamma": gamma}
        mean = mean * momentum + mu * (1 - momentum)
        var = var * momentum + np.abs((x**2).mean(0) - mu**2) * (1 - momentum)
    else:
        out = gamma * ((x - mean) / np.sqrt(var + eps)) + beta
    bn_param.update(running_mean=mean, running_var=var)
    return out, cache


def bn_backward_by_graph(dout, cache):
    """The twelve small steps as many write them."""
    x, mu, v, eps, gamma = (cache[key] for key in ("x", "mu", "v", "eps", "gamma"))
    N, D = dout.shape
    xmu = x - mu
    ivar = 1.0 / np.sqrt(v + eps)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dvar = -0.5 * divar * (v + eps) ** -1.5
    dsq = np.ones((N, D)) / N * dvar
    dxmu = dxmu1 + 2 * xmu * dsq
    dx = dxmu + np.ones((N, D)) / N * -np.sum(dxmu, axis=0)
    return dx, np.einsum("nd,nd->d", dout, xmu * ivar), np.einsum("nd->d", dout)


def bn_backward_by_formula(dout, cache):
    x, mu, v, eps, gamma = (cache[key] for key in ("x", "mu", "v", "eps", "gamma"))
    N = x.shape[0]
    dgamma = np.sum(dout * (x - mu) / np.sqrt(v + eps), axis=0)
    inner = N * dout - np.sum(dout, 0) - (x - mu) / (v + eps) * np.sum(dout * (x - mu), 0)
    return gamma * (v + eps) ** -0.5 / N * inner, dgamma, np.ones(N) @ dout


def bn_backward_by_jacobian(dout, cache):
    """The matrix of all derivatives of a feature, written out."""
    x, mu, v, eps, gamma = (cache[key] for key in ("x", "mu", "v", "eps", "gamma"))
    N, D = x.shape
    std = np.sqrt(v + eps)
    x_hat = (x - mu) / std
    dx = np.zeros((N, D))
    for d in range(D):
        J = (np.eye(N) - 1 / N - np.outer(x_hat[:, d], x_hat[:, d]) / N) / std[d]
        dx[:, d] = J @ dout[:, d] * gamma[d]
    return dx, (dout * x_hat).sum(0), dout.sum(0)


def ln_by_transposition(x, gamma, beta, ln_param):
    out, cache = bn_by_var(x.T, np.ones(len(x)), np.zeros(len(x)), {"mode": "train", **ln_param})
    return gamma * out.T + beta, (out.T, gamma, cache)


def ln_backward_by_transposition(dout, cache):
    x_hat, gamma, inner = cache
    dx, _, _ = bn_backward_by_graph((dout * gamma).T, inner)
    return dx.T, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def ln_by_loops(x, gamma, beta, ln_param):
    std = [math.sqrt(np.var(row) + ln_param.get("eps", 1e-5)) for row in x]
    x_hat = np.array([(row - row.mean()) / s for row, s in zip(x, std, strict=True)])
    return x_hat * gamma + beta, (x_hat, gamma, np.array(std)[:, None])


def init_at_the_end(self, *args, **kwargs):
    """Gammas and betas are made in a loop of their own, as rows of float64."""
    original_init(self, *args, **kwargs)
    weights_and_biases = {k: v for k, v in self.params.items() if k[0] in "Wb" and k[:2] != "be"}
    if self.normalization is not None:
        for i in range(self.num_layers - 1):
            size = len(weights_and_biases[f"b{i + 1}"])
            weights_and_biases[f"gamma{i + 1}"] = np.full(size, 1.0)
            weights_and_biases[f"beta{i + 1}"] = np.full((size,), 0.0)
    self.params = weights_and_biases


original_init = fc_net.FullyConnectedNet.__init__


def loss_with_lists(self, X, y=None):
    """Lists in place of a dictionary of caches, and branches for the kinds of normalisation."""
    mode = "test" if y is None else "train"
    for param in self.bn_params:
        param["mode"] = mode
    p, L, caches = self.params, self.num_layers, []
    out = X.astype(self.dtype).reshape(len(X), -1)
    for i in range(L - 1):
        z, first = affine_forward(out, p[f"W{i + 1}"], p[f"b{i + 1}"])
        second = None
        if self.normalization == "batchnorm":
            z, second = fc_net.batchnorm_forward(
                z, p[f"gamma{i + 1}"], p[f"beta{i + 1}"], self.bn_params[i]
            )
        elif self.normalization == "layernorm":
            z, second = fc_net.layernorm_forward(
                z, p[f"gamma{i + 1}"], p[f"beta{i + 1}"], self.bn_params[i]
            )
        caches.append((first, second, z > 0))
        out = np.where(z > 0, z, 0.0)
    scores, last = affine_forward(out, p[f"W{L}"], p[f"b{L}"])
    if y is None:
        return scores
    loss, d = softmax_loss(scores, y)
    grads = {}
    d, grads[f"W{L}"], grads[f"b{L}"] = affine_backward(d, last)
    for i in range(L - 1, 0, -1):
        first, second, positive = caches.pop()
        d = d * positive
        if self.normalization == "batchnorm":
            d, grads[f"gamma{i}"], grads[f"beta{i}"] = fc_net.batchnorm_backward(d, second)
        elif self.normalization == "layernorm":
            d, grads[f"gamma{i}"], grads[f"beta{i}"] = fc_net.layernorm_backward(d, second)
        d, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(d, first)
    for name in list(p):
        if name.startswith("W"):
            loss += self.reg / 2 * np.vdot(p[name], p[name])
            grads[name] = grads[name] + self.reg * p[name]
    return loss, grads


BY_VAR = {BN: bn_by_var, "batchnorm_backward": bn_backward_by_graph}
BY_SQUARES = {BN: bn_by_squares, "batchnorm_backward": bn_backward_by_formula}
BY_JACOBIAN = {BN: bn_by_var, "batchnorm_backward": bn_backward_by_jacobian}
BY_TRANSPOSITION = {LN: ln_by_transposition, "layernorm_backward": ln_backward_by_transposition}
RIGHT = [
    ("initial_weights", {"initial_weights": weights_by_rows}),
    ("initial_weights", {"initial_weights": weights_in_float32}),
    (BN, BY_VAR),
    (BN, BY_SQUARES),
    (TEST, BY_VAR),
    (TEST, BY_SQUARES),
    ("batchnorm_backward", BY_VAR),
    ("batchnorm_backward", BY_SQUARES),
    ("batchnorm_backward", BY_JACOBIAN),
    ("batchnorm_backward_alt", {**BY_VAR, "batchnorm_backward_alt": bn_backward_by_formula}),
    ("batchnorm_backward_alt", {**BY_SQUARES, "batchnorm_backward_alt": bn_backward_by_jacobian}),
    ("batchnorm_backward_alt", {"batchnorm_backward_alt": batchnorm_backward}),
    (NET, BY_VAR),
    (NET, BY_SQUARES),
    (NET, BY_JACOBIAN),
    (NET, {"batchnorm_backward": batchnorm_backward_alt}),
    (NET, {"init": init_at_the_end, "loss": loss_with_lists}),
    (NET, {**BY_VAR, "loss": loss_with_lists}),
    (LN, {LN: ln_by_transposition}),
    (LN, {LN: ln_by_loops}),
    ("layernorm_backward", BY_TRANSPOSITION),
    ("layernorm_backward", {LN: ln_by_loops}),
    (LAYER_NET, BY_TRANSPOSITION),
    (LAYER_NET, {"init": init_at_the_end, "loss": loss_with_lists}),
    (LAYER_NET, {LN: ln_by_loops, "loss": loss_with_lists}),
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

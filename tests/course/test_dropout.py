"""The lesson on dropout: its checks tell right programs from wrong ones, whatever the coins.

Wrong programs are the solved ones with a piece of their text replaced, as a student might have
written it. Right programs that look otherwise are written out; above all, they toss other coins.
"""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from cs231n.classifiers import fc_net
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.layers import affine_backward, affine_forward, dropout_backward, dropout_forward
from cs231n.layers import softmax_loss as plain_softmax_loss
from lesson import Lesson
from variants import edited

from autograder.kit.checks import relative_error
from autograder.model import Role

SEEDS = (1, 2)
LESSON = Lesson("assignment2", "dropout")
QUESTIONS = LESSON.names(Role.QUESTION)
MODULES = [importlib.import_module(f"cs231n.{name}") for name in ("layers", "classifiers.fc_net")]


def problems(question, seed=1, **functions):
    """Return what the judge finds wrong when functions, or the loss of the net, are replaced.

    A tuple of edits stands for the solved function with them.
    """
    patched, replaced = [], {}
    for name, new in functions.items():
        owner = fc_net.FullyConnectedNet if name == "loss" else MODULES[0]
        function = edited(getattr(owner, name), *new) if isinstance(new, tuple) else new
        if name == "loss":
            patched.append((owner, name, function))
        else:
            replaced[name] = function
            patched += [(module, name, function) for module in MODULES if hasattr(module, name)]
    return LESSON.problems(question, replaced, patched, seed)


# ----------------------------------------------------------------- the solved functions are right


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_mean_and_variance_are_those_of_a_coin(p):
    """Over many coins the mean is x and the variance x^2 (1 - p) / p."""
    np.random.seed(0)
    out, _ = dropout_forward(np.full((400, 500), 3.0), {"mode": "train", "p": p})
    assert out.mean() == pytest.approx(3, rel=0.02)
    assert out.var() == pytest.approx(9 * (1 - p) / p, rel=0.03)
    assert np.unique(out) == pytest.approx([0, 3 / p])


@pytest.mark.parametrize("shape", [(1, 4), (5, 3), (2, 3, 4)])
def test_gradient_agrees_with_central_differences(shape):
    """With a seed the numeric gradient meets the same coins."""
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=shape), rng.normal(size=shape)
    param = {"mode": "train", "p": 0.4, "seed": 5}
    dx = dropout_backward(dout, dropout_forward(x, param)[1])
    numeric = eval_numerical_gradient_array(lambda x: dropout_forward(x, param)[0], x, dout)
    assert np.max(np.abs(dx - numeric)) < 1e-8


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_network_gradients_agree_with_central_differences(normalization):
    """All gradients of networks with three hidden layers and dropout are those of their loss."""
    model = fc_net.FullyConnectedNet(
        [7, 9, 8], 6, 4, 0.7, normalization, reg=0.4, dtype=np.float64, seed=11
    )
    rng = np.random.default_rng(2)
    for name, value in model.params.items():
        model.params[name] = 0.5 * rng.normal(size=value.shape)
    X, y = rng.normal(size=(5, 6)), rng.integers(4, size=5)
    _, grads = model.loss(X, y)
    for name, value in model.params.items():
        numeric = eval_numerical_gradient(lambda _: model.loss(X, y)[0], value)
        assert np.max(np.abs(grads[name] - numeric)) < 1e-7


def test_gradient_agrees_with_pytorch():
    """PyTorch, given our coins, computes our output and our gradient."""
    torch = pytest.importorskip("torch", reason="PyTorch isn't installed; it is optional")
    rng = np.random.default_rng(1)
    x, dout = rng.normal(size=(20, 30)), rng.normal(size=(20, 30))
    out, cache = dropout_forward(x, {"mode": "train", "p": 0.3, "seed": 1})
    tensor = torch.tensor(x, requires_grad=True)
    expected = tensor * torch.tensor(out != 0) / 0.3
    expected.backward(torch.tensor(dout))
    assert relative_error(out, expected.detach().numpy()) < 1e-14
    assert relative_error(dropout_backward(dout, cache), tensor.grad.numpy()) < 1e-14


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


def test_lesson_needs_normalisation_in_one_question_only():
    """Who hasn't written the normalisations passes all questions but the last."""

    def unwritten(*_):
        raise NotImplementedError

    later = {"batchnorm_forward": unwritten, "layernorm_forward": unwritten}
    assert [name for name in QUESTIONS if problems(name, **later)] == ["dropout_and_normalization"]


# -------------------------------------------------------------------------------- wrong programs

FORWARD, BACKWARD, NET = "dropout_forward", "dropout_backward", "FullyConnectedNet_dropout"
BOTH = "dropout_and_normalization"
MASK = "(np.random.rand(*x.shape) < p) / p"
TEST = '    elif mode == "test":'
RELU = "        out, relu_cache = relu_forward(out)\n"
DROP = (
    "        if self.use_dropout:\n"
    "            out, dropout_cache = dropout_forward(out, self.dropout_param)\n"
)
NO_CACHES = "        norm_cache, dropout_cache = None, None\n"
UNDROP = "        if self.use_dropout:\n            dout = dropout_backward(dout, dropout_cache)\n"
UNRELU = "        dout = relu_backward(dout, relu_cache)\n"
FIRST = "    out, caches = X, {}\n"
SCORES = "    if y is None:\n"

# Question, function, and edits: what the solution says, what a student might.
WRONG = [
    *(
        (FORWARD, FORWARD, (MASK, mask))
        for mask in [
            "(np.random.rand(*x.shape) > p) / p",
            "(np.random.rand(*x.shape) > p) / (1 - p)",
            "(np.random.rand(*x.shape) < 1 - p) / (1 - p)",
            "(np.random.rand(*x.shape) < p)",
            "(np.random.rand(*x.shape) < p) / (1 - p)",
            "(np.random.rand(*x.shape) < p) * p",
            "(np.random.randn(*x.shape) < p) / p",
            "(np.random.rand(*x.shape) < 0.5) / 0.5",
            "(np.random.rand(*x.shape) < p) / 0.25",
            "np.random.rand(*x.shape) / p",
            "np.random.rand(*x.shape[1:]) < p; mask = mask / p",
            "(np.random.rand(*x.shape[:-1], 1) < p) / p",
            "(np.random.rand(x.shape[0], *[1] * (x.ndim - 1)) < p) / p",
            "(np.random.rand() < p) / p * np.ones(x.shape)",
            "(np.random.default_rng(0).random(x.shape) < p) / p",
            "(np.random.default_rng().random(x.shape) < p) / p",
            "(np.arange(x.size).reshape(x.shape) % 10 < 10 * p) / p",
            "(np.random.rand(*x.shape) < p) / (np.random.rand(*x.shape) < p).mean()",
            "(np.random.rand(*x.shape).argsort(axis=-1) < p * x.shape[-1]) / p",
            "(np.random.rand(*x.shape) < p) / p; x *= mask; x /= np.where(mask > 0, mask, 1)",
        ]
    ),
    (FORWARD, FORWARD, ("out = x * mask", "out = x + mask")),
    (FORWARD, FORWARD, ("out = x * mask", "x *= mask; out = x")),
    (FORWARD, FORWARD, ("        out = x\n", "        out = x * p\n")),
    (FORWARD, FORWARD, ("        out = x\n", "        out = x / p\n")),
    (FORWARD, FORWARD, ("        out = x\n", "        out = x * (np.random.rand(*x.shape) < p)\n")),
    (FORWARD, FORWARD, ("        out = x\n", "        x *= p; out = x\n")),
    (FORWARD, FORWARD, ('if "seed" in dropout_param', "if False")),
    (FORWARD, FORWARD, ('dropout_param["seed"])', "0)")),
    *(
        (BACKWARD, BACKWARD, ("dout * mask", gradient))
        for gradient in [
            "dout",
            "dout * (mask > 0)",
            'dout * (mask > 0) * dropout_param["p"]',
            "dout * (mask == 0)",
            'dout * mask / dropout_param["p"]',
            'dout * (np.random.rand(*dout.shape) < dropout_param["p"]) / dropout_param["p"]',
            'dout * (mask > 0) / (1 - dropout_param["p"])',
            "dout * mask; dout *= 2",
            "dout * mask.mean()",
            "(dout * mask)[:, :10]",
        ]
    ),
    (BACKWARD, BACKWARD, ("return dout", "return dout * 0.3")),
    (BACKWARD, FORWARD, ("cache = (dropout_param, mask)", "cache = (dropout_param, out)")),
    (
        BACKWARD,
        FORWARD,
        ("cache = (dropout_param, mask)", "cache = (dropout_param, mask * (x > 0))"),
    ),
    (BACKWARD, FORWARD, ("cache = (dropout_param, mask)", "cache = (dropout_param, mask * p)")),
    (NET, "loss", (DROP, "", UNDROP, "")),
    (NET, "loss", (DROP, "")),
    (NET, "loss", (UNDROP, "")),
    (NET, "loss", (DROP, DROP.replace("if self.use_dropout", "if self.use_dropout and i == 1"))),
    (NET, "loss", (DROP, DROP + DROP.replace("dropout_cache", "_"))),
    (NET, "loss", (UNDROP, UNDROP.replace("dropout_cache", "caches[1][3]"))),
    (NET, "loss", (UNDROP, UNDROP.replace("dropout_cache", "caches[last - 1][3]"))),
    (NET, "loss", (UNDROP, UNDROP + UNDROP)),
    (
        NET,
        "loss",
        (DROP, DROP.replace("self.dropout_param", '{**self.dropout_param, "mode": "train"}')),
    ),
    (NET, "loss", (DROP, DROP.replace("self.dropout_param", '{**self.dropout_param, "p": 0.5}'))),
    (
        NET,
        "loss",
        (
            DROP,
            DROP.replace(
                "self.dropout_param", '{**self.dropout_param, "p": 1 - self.dropout_param["p"]}'
            ),
        ),
    ),
    (NET, "loss", (DROP, DROP.replace("self.dropout_param", '{**self.dropout_param, "seed": 3}'))),
    (NET, "loss", ('"test" if y is None else "train"', '"train"')),
    (NET, "loss", ('"test" if y is None else "train"', '"test"')),
    (
        NET,
        "loss",
        (FIRST, "    if self.use_dropout: X, _ = dropout_forward(X, self.dropout_param)\n" + FIRST),
    ),
    (
        NET,
        "loss",
        (
            SCORES,
            "    if self.use_dropout: scores, _ = dropout_forward(scores, self.dropout_param)\n"
            + SCORES,
        ),
    ),
    (
        NET,
        "loss",
        (
            SCORES,
            "    if self.use_dropout: scores, c = dropout_forward(scores, self.dropout_param)\n"
            + SCORES,
            "softmax_loss(scores, y)\n",
            "softmax_loss(scores, y)\n"
            "    if self.use_dropout: dscores = dropout_backward(dscores, c)\n",
        ),
    ),
    (NET, "loss", ('grads[f"W{i}"] += self.reg * W', 'grads[f"W{i}"] += 0.9 * self.reg * W')),
    (NET, "loss", (SCORES, "    scores = np.maximum(scores, 0)\n" + SCORES)),
    *(
        (BOTH, "loss", edits)
        for edits in [
            (DROP, "", NO_CACHES, NO_CACHES + DROP, UNDROP, "", UNRELU, UNRELU),
            (DROP, "", NO_CACHES, NO_CACHES + DROP),
            (RELU, "", NO_CACHES, NO_CACHES + RELU),
            (UNDROP, ""),
            (UNDROP, UNDROP.replace("dropout_cache", "caches[1][3]")),
            (
                "if self.normalization:\n            normalize",
                "if self.normalization and not self.use_dropout:\n            normalize",
            ),
            (
                "if self.normalization:\n            undo",
                "if self.normalization and not self.use_dropout:\n            undo",
            ),
        ]
    ),
]


@pytest.mark.parametrize(
    ("question", "name", "edits"), WRONG, ids=[f"{i}-{row[0]}" for i, row in enumerate(WRONG)]
)
@pytest.mark.slow
def test_wrong_program_is_caught(question, name, edits):
    """The probes and checks of a question catch a wrong program, and not by luck."""
    for seed in SEEDS:
        assert problems(question, seed, **{name: edits})


def test_dropout_before_normalisation_is_caught_with_its_right_gradient():
    """The order counts, even if forward and backward pass agree with each other."""
    affine = '        dout, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(dout, affine_cache)\n'
    later = (DROP, "", NO_CACHES, NO_CACHES + DROP, UNDROP, "", affine, UNDROP + affine)
    assert problems(BOTH, loss=later)


# --------------------------------------------------------------------- right programs, otherwise


def dropout_by(toss, divide_first=True, cast=True):
    """Return a dropout_forward whose coins come from toss(p, shape, seed)."""

    def dropout_forward(x, dropout_param):
        p, mode, seed = (dropout_param.get(key) for key in ("p", "mode", "seed"))
        if seed is not None:
            np.random.seed(seed)
        if mode == "test":
            return x, (dropout_param, None)
        coins = toss(p, x.shape, seed)
        mask = coins / p
        out = x * mask if divide_first else x * coins / p
        return out.astype(x.dtype) if cast else out, (dropout_param, mask)

    return dropout_forward


def backward_by_where(dout, cache):
    """Reads the mode nowhere: no mask, no dropout."""
    _, mask = cache
    return dout.copy() if mask is None else np.where(mask > 0, dout * mask.max(), 0.0)


def toss_in_a_loop(p, shape, _):
    return np.array([np.random.uniform() <= p for _ in range(int(np.prod(shape)))]).reshape(shape)


COINS = {
    "random_sample": lambda p, shape, _: np.random.random_sample(shape) <= p,
    "upside down": lambda p, shape, _: np.random.uniform(size=shape) > 1 - p,
    "complement": lambda p, shape, _: 1.0 - (np.random.rand(*shape) >= p),
    "binomial": lambda p, shape, _: np.random.binomial(1, p, size=shape),
    "choice": lambda p, shape, _: np.random.choice([0.0, 1.0], size=shape, p=[1 - p, p]),
    "generator": lambda p, shape, seed: np.random.default_rng(seed).random(shape) < p,
    "transposed": lambda p, shape, _: (np.random.rand(*shape[::-1]) < p).T,
    "float32": lambda p, shape, _: np.random.rand(*shape).astype(np.float32) < np.float32(p),
    "loop": toss_in_a_loop,
}


def loss_with_lists(self, X, y=None):
    """Layers in lists, dropout before the way back is known, and no caches but these."""
    training, p, L = y is not None, self.params, self.num_layers
    if self.use_dropout:
        self.dropout_param["mode"] = "train" if training else "test"
    for param in self.bn_params:
        param["mode"] = "train" if training else "test"
    kinds = {
        "batchnorm": (fc_net.batchnorm_forward, fc_net.batchnorm_backward),
        "layernorm": (fc_net.layernorm_forward, fc_net.layernorm_backward),
    }
    forward, backward = kinds.get(self.normalization, (None, None))
    out, steps = X.reshape(len(X), -1).astype(self.dtype), []
    for i in range(1, L):
        out, cache = affine_forward(out, p[f"W{i}"], p[f"b{i}"])
        steps.append((affine_backward, cache, (f"W{i}", f"b{i}")))
        if forward:
            out, cache = forward(out, p[f"gamma{i}"], p[f"beta{i}"], self.bn_params[i - 1])
            steps.append((backward, cache, (f"gamma{i}", f"beta{i}")))
        positive = out > 0
        out = out * positive
        steps.append((lambda dout, positive: (dout * positive,), positive, ()))
        if self.use_dropout:
            out, cache = fc_net.dropout_forward(out, self.dropout_param)
            steps.append((lambda d, c: (fc_net.dropout_backward(d, c),), cache, ()))
    out, cache = affine_forward(out, p[f"W{L}"], p[f"b{L}"])
    steps.append((affine_backward, cache, (f"W{L}", f"b{L}")))
    if not training:
        return out
    (loss, dout), grads = plain_softmax_loss(out, y), {}
    for undo, cache, names in reversed(steps):
        dout, *found = undo(dout, cache)
        grads.update(zip(names, found, strict=True))
    for i in range(1, L + 1):
        loss += 0.5 * self.reg * (p[f"W{i}"] ** 2).sum()
        grads[f"W{i}"] = grads[f"W{i}"] + self.reg * p[f"W{i}"]
    return loss, grads


BEFORE_RELU = (RELU, "", DROP, DROP + RELU, UNRELU, "", UNDROP, UNRELU + UNDROP)
RIGHT = [
    *((question, {FORWARD: dropout_by(COINS[name])}) for question in QUESTIONS for name in COINS),
    (FORWARD, {FORWARD: dropout_by(COINS["binomial"], divide_first=False)}),
    (FORWARD, {FORWARD: dropout_by(COINS["choice"], cast=False)}),
    *((question, {BACKWARD: backward_by_where}) for question in QUESTIONS),
    *((question, {"loss": loss_with_lists}) for question in (NET, BOTH)),
    # Coins and ReLU can be exchanged: a factor that isn't negative passes through a ReLU.
    *((question, {"loss": BEFORE_RELU}) for question in (NET, BOTH)),
    *(
        (question, {"loss": loss_with_lists, FORWARD: dropout_by(COINS["generator"], cast=False)})
        for question in (NET, BOTH)
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


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.slow
def test_right_coins_hardly_ever_fail(question):
    """Two independent sets of coins agree within the tolerances, class after class."""
    for seed in range(100, 130):
        assert not problems(question, seed, dropout_forward=dropout_by(COINS["generator"]))

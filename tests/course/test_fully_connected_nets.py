"""The lesson on fully connected nets: its checks tell right programs from wrong ones.

Wrong programs are the solved ones with a piece of their text replaced, as a student might have
written it. Right programs that look otherwise are written out.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap

import numpy as np
import pytest
from cs231n import stand_in
from cs231n.classifiers import fc_net
from lesson import ASSIGNMENTS, Lesson

from autograder.model import Role

SEEDS = (1, 2)
LESSON = Lesson("assignment2", "fully_connected_nets")
QUESTIONS = [name for name in LESSON.names(Role.QUESTION) if name != "best_model"]
MODULES = [
    importlib.import_module(f"cs231n.{name}")
    for name in ("layers", "layer_utils", "optim", "classifiers.fc_net")
]


def problems(question, seed=1, **functions):
    """Return what the judge finds wrong when functions, or Class__method, are replaced."""
    patched, replaced = [], {}
    for name, function in functions.items():
        owner, _, method = name.partition("__")
        if method:
            method = "__init__" if method == "init" else method
            patched.append((getattr(fc_net, owner), method, function))
            continue
        replaced[name] = function
        patched += [(module, name, function) for module in MODULES if hasattr(module, name)]
    return LESSON.problems(question, replaced, patched, seed)


class Stale(dict):
    """Caches that are kept in the network, and of which the first ones stay for ever."""

    def __init__(self, attributes):
        super().__init__()
        self.kept = attributes.setdefault("kept", {})

    def __setitem__(self, key, value):
        super().__setitem__(key, self.kept.setdefault(key, value))


def rewritten(name, old, new):
    """Return the solved function with one piece of its text replaced."""
    owner, _, method = name.partition("__")
    if method:
        function = getattr(getattr(fc_net, owner), "__init__" if method == "init" else method)
    else:
        function = next((getattr(m, name) for m in MODULES if hasattr(m, name)), None)
    if function is None:  # it is defined in an answer cell
        cells = {cell.id: cell.source for cell in LESSON.notebook.having(Role.ANSWER)}
        text, names = cells[f"{name}_code"], dict(LESSON.namespace())
    else:
        text, names = textwrap.dedent(inspect.getsource(function)), dict(function.__globals__)
    assert old in text, f"{old!r} isn't in {name}"
    names["Stale"] = Stale
    exec(text.replace(old, new), names)
    return names[("__init__" if method == "init" else method) if method else name]


# ------------------------------------------------------------------------------- the questions


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_stands_alone_and_is_green(question):
    """On the solved package a question passes for itself, in both of its parts."""
    assert "Good" in LESSON.show_visible(question)
    for seed in SEEDS:
        assert not LESSON.problems(question, seed=seed)


@pytest.mark.parametrize("question", [q for q in QUESTIONS if not q.startswith("overfit")])
def test_hidden_inputs_depend_on_the_seed(question):
    """No hidden part tries the same inputs for every class (accuracies of 1 look alike)."""
    values = [
        [probe.value.tobytes() for probe in LESSON.run(question, seed=seed).values()]
        for seed in SEEDS
    ]
    assert values[0] != values[1]


def test_handed_in_model_earns_the_bonus(monkeypatch):
    """The model that comes with the solution labels new pictures well above the bonus's 55 %."""
    monkeypatch.chdir(ASSIGNMENTS / "assignment2")
    for seed in (90001, 90002):
        images, labels = stand_in.draw(2000, seed=seed)
        lesson = Lesson("assignment2", "fully_connected_nets", {"images": images})
        found = lesson.run("best_model")
        assert np.mean(found["predictions"].value == labels) > 0.57
        assert np.array_equal(found["bonus predictions"].value, found["predictions"].value)


def test_handed_in_model_is_small():
    """It is a plain network as students of this lesson can load it, in less than 900 kB."""
    file = ASSIGNMENTS / "assignment2" / "best_fc_net.npz"
    assert file.stat().st_size < 900_000
    with np.load(file, allow_pickle=False) as arrays:
        assert str(arrays["normalization"]) == ""
        assert float(arrays["dropout"]) == 1


def test_lesson_needs_no_normalisation_and_no_dropout(monkeypatch):
    """Who has written this lesson's functions only, and none of the later ones, passes it all."""
    later = [name for name in dir(fc_net) if name.startswith(("batchnorm", "layernorm", "dropout"))]
    assert len(later) == 6

    def unwritten(*_):
        raise NotImplementedError

    for name in later:
        for module in MODULES:
            monkeypatch.setattr(module, name, unwritten, raising=False)
    for question in QUESTIONS:
        assert not LESSON.problems(question)


# -------------------------------------------------------------------------------- wrong programs

# Question (which is also the function's name), what the solution says, what a student might.
WRONG = [
    ("affine_forward", " + b  #", "  #"),
    ("affine_forward", "x.reshape(len(x), -1)", "x.reshape(-1, len(x)).T"),
    ("affine_forward", "x.reshape(len(x), -1)", "x.reshape(2, -1)"),
    ("affine_forward", "x.reshape(len(x), -1)", "x.reshape(len(x), 120)"),
    ("affine_forward", "out = x.res", "x -= 0.0 * x + 1e-9; out = x.res"),
    ("affine_forward", "out = x.res", "x.shape = (len(x), -1); out = x.res"),
    ("affine_forward", "+ b", "+ b.sum()"),
    (
        "affine_forward",
        "x.reshape(len(x), -1) @ w + b",
        "np.maximum(x.reshape(len(x), -1) @ w + b, 0)",
    ),
    ("affine_forward", "x.reshape(len(x), -1) @ w", "(x.reshape(len(x), -1) @ w).astype('f4')"),
    ("affine_backward", "dout.sum(axis=0)", "dout.mean(axis=0)"),
    ("affine_backward", "dout.sum(axis=0)", "dout.sum(axis=0, keepdims=True)"),
    ("affine_backward", "dout.sum(axis=0)", "dout[0]"),
    ("affine_backward", ".T @ dout", ".T @ dout / len(x)"),
    ("affine_backward", ".reshape(x.shape)", ""),
    ("affine_backward", ".reshape(x.shape)", ".reshape(x.shape[1:] + x.shape[:1]).T"),
    ("affine_backward", "x.reshape(len(x), -1).T", "x.reshape(-1, len(x))"),
    ("affine_backward", "(dout @ w.T)", "(-dout @ w.T)"),
    ("affine_backward", "db = dout", "dout /= len(dout); db = dout"),
    ("relu_forward", "np.maximum(x, 0)", "np.maximum(x, 0.01 * x)"),
    ("relu_forward", "np.maximum(x, 0)", "np.abs(x)"),
    ("relu_forward", "np.maximum(x, 0)", "np.maximum(x, 0, out=x)"),
    ("relu_forward", "np.maximum(x, 0)", "np.clip(x, 0, 6)"),
    ("relu_forward", "np.maximum(x, 0)", "np.maximum(x, 1e-5)"),
    ("relu_forward", "np.maximum(x, 0)", "np.where(x > 1e-4, x, 0)"),
    ("relu_backward", "(x > 0)", "(dout > 0)"),
    ("relu_backward", "(x > 0)", "(x < 0)"),
    ("relu_backward", "(x > 0)", "(x > 1e-4)"),
    ("relu_backward", "dout * (x > 0)", "(x > 0) * 1.0"),
    ("relu_backward", "dout * (x > 0)", "x * (x > 0)"),
    ("relu_backward", "dx = dout * (x > 0)", "dx = dout; dx[x <= 0] = 0"),
    ("svm_loss", "    margins[rows, y] = 0\n", ""),
    ("svm_loss", "margins.sum() / N", "margins.sum()"),
    ("svm_loss", "margins.sum() / N", "margins.mean()"),
    ("svm_loss", "    dx /= N\n", ""),
    ("svm_loss", "-dx.sum(axis=1)", "-1"),
    ("svm_loss", "-dx.sum(axis=1)", "dx.sum(axis=1)"),
    ("svm_loss", "margins > 0", "margins >= 0"),
    ("svm_loss", "margins > 0", "margins"),
    ("svm_loss", "[:, None] + 1", "[:, None] + 0.5"),
    ("svm_loss", "margins.sum() / N", "(margins**2).sum() / N"),
    ("svm_loss", "margins.sum() / N", "margins.max(axis=1).sum() / N"),
    ("svm_loss", "N = len(x)", "N = 50"),
    ("svm_loss", "rows = ", "x -= x.min(); rows = "),
    ("svm_loss", "margins.sum() / N", "margins.sum() / N / 9 * (x.shape[1] - 1)"),
    ("softmax_loss", "x - x.max(axis=1, keepdims=True)", "x + 0.0"),
    ("softmax_loss", "x.max(axis=1, keepdims=True)", "x.max()"),
    ("softmax_loss", "x.max(axis=1, keepdims=True)", "x.max(axis=0, keepdims=True)"),
    (
        "softmax_loss",
        "shifted = x - x.max(axis=1, keepdims=True)",
        "x -= x.max(axis=1, keepdims=True); shifted = x",
    ),
    ("softmax_loss", ".sum() / N", ".sum()"),
    ("softmax_loss", "    dx /= N\n", ""),
    ("softmax_loss", "dx[rows, y] -= 1", "dx[rows, y] -= 1 / N"),
    ("softmax_loss", "dx[rows, y] -= 1", "dx[rows, y] = -1"),
    ("softmax_loss", "    dx[rows, y] -= 1\n", ""),
    ("softmax_loss", "N = len(x)", "N = 50"),
    ("softmax_loss", "loss = -", "loss = "),
    ("softmax_loss", "np.log(", "np.log10("),
    ("softmax_loss", "-log_p[rows, y]", "-np.log(np.exp(log_p[rows, y]) + 1e-3)"),
    ("TwoLayerNet_init", "np.random.randn(input_dim", "np.random.rand(input_dim"),
    ("TwoLayerNet_init", "weight_scale * np.random.randn(hidden", "np.random.randn(hidden"),
    ("TwoLayerNet_init", "weight_scale * ", "1e-3 * "),
    ("TwoLayerNet_init", "weight_scale * ", "weight_scale**2 * "),
    ("TwoLayerNet_init", "np.zeros(hidden_dim)", "np.ones(hidden_dim)"),
    ("TwoLayerNet_init", "np.zeros(num_classes)", "weight_scale * np.random.randn(num_classes)"),
    ("TwoLayerNet_init", "np.zeros(num_classes)", "np.zeros((1, num_classes))"),
    ("TwoLayerNet_init", "np.zeros(num_classes)", "np.zeros(7)"),
    ("TwoLayerNet_init", "randn(hidden_dim, num_classes)", "randn(hidden_dim, 7)"),
    (
        "TwoLayerNet_init",
        "np.random.randn(input_dim, hidden_dim)",
        "np.random.randn(input_dim, 1) * np.ones((1, hidden_dim))",
    ),
    (
        "TwoLayerNet_init",
        "np.random.randn(input_dim, hidden_dim)",
        "np.random.randn(hidden_dim) * np.ones((input_dim, 1))",
    ),
    (
        "TwoLayerNet_init",
        "np.random.randn(input_dim, hidden_dim)",
        "np.random.uniform(-1.732, 1.732, (input_dim, hidden_dim))",
    ),
    (
        "TwoLayerNet_loss",
        "scores, scores_cache = affine_forward",
        "scores, (scores_cache, _) = affine_relu_forward",
    ),
    ("TwoLayerNet_loss", "0.5 * self.reg", "self.reg"),
    ("TwoLayerNet_loss", "np.sum(W1**2) + np.sum(W2**2)", "np.sum(W2**2)"),
    ("TwoLayerNet_loss", "np.sum(W2**2))", "np.sum(W2**2) + np.sum(b1**2) + np.sum(b2**2))"),
    ("TwoLayerNet_loss", 'grads["W1"] += self.reg * W1', 'grads["W1"] += 2 * self.reg * W1'),
    ("TwoLayerNet_loss", 'grads["W1"] += self.reg * W1', 'grads["W1"] += 0.5 * self.reg * W1'),
    ("TwoLayerNet_loss", 'grads["W2"] += self.reg * W2', 'grads["b2"] += self.reg * b2'),
    ("TwoLayerNet_loss", 'grads["W2"] += self.reg * W2', ""),
    (
        "TwoLayerNet_loss",
        "affine_relu_backward(dhidden, hidden_cache)",
        "affine_backward(dhidden, hidden_cache[0])",
    ),
    ("TwoLayerNet_loss", "if y is None", "if y is None and len(X) > 1"),
    (
        "TwoLayerNet_loss",
        'W1, b1 = self.params["W1"]',
        'self.params["W1"] -= 0.01; W1, b1 = self.params["W1"]',
    ),
    ("TwoLayerNet_loss", "self.reg * (np.sum", "1.0 * (self.reg > 0) * (np.sum"),
    (
        "FullyConnectedNet_init",
        "sizes = [input_dim, *hidden_dims, num_classes]",
        "hidden_dims.append(num_classes); sizes = [input_dim, *hidden_dims]",
    ),
    (
        "FullyConnectedNet_init",
        "sizes = [input_dim, *hidden_dims, num_classes]",
        "hidden_dims.insert(0, input_dim); sizes = [*hidden_dims, num_classes]",
    ),
    ("FullyConnectedNet_init", "range(1, self.num_layers + 1)", "range(1, 4)"),
    ("FullyConnectedNet_init", "range(1, self.num_layers + 1)", "range(1, self.num_layers)"),
    ("FullyConnectedNet_init", "num_classes]", "10]"),
    ("FullyConnectedNet_init", "[input_dim, ", "[15, "),
    ("FullyConnectedNet_init", "weight_scale * np", "np.sqrt(2 / sizes[i - 1]) * np"),
    ("FullyConnectedNet_init", "weight_scale * np", "5e-2 * np"),
    ("FullyConnectedNet_init", "np.random.randn(", "np.random.rand("),
    ("FullyConnectedNet_init", "weight_scale * np", "(weight_scale if i == 1 else 0.05) * np"),
    ("FullyConnectedNet_init", "np.zeros(sizes[i])", "np.full(sizes[i], 0.01)"),
    ("FullyConnectedNet_init", "np.zeros(sizes[i])", "np.zeros((1, sizes[i]))"),
    ("FullyConnectedNet_loss", "last = self.num_layers", "last = 3"),
    ("FullyConnectedNet_loss", "last = self.num_layers", "last = min(self.num_layers, 3)"),
    ("FullyConnectedNet_loss", "    return scores", "    return np.maximum(scores, 0)"),
    (
        "FullyConnectedNet_loss",
        "loss, dscores = softmax_loss(scores, y)",
        "loss, dscores = svm_loss(scores, y)",
    ),
    ("FullyConnectedNet_loss", "loss += 0.5 * self.reg", "loss += self.reg"),
    (
        "FullyConnectedNet_loss",
        "np.sum(W**2)",
        "(np.sum(W**2) + np.sum(self.params[f'b{i}'] ** 2))",
    ),
    (
        "FullyConnectedNet_loss",
        'grads[f"W{i}"] += self.reg * W',
        'grads[f"W{i}"] += 2 * self.reg * W',
    ),
    (
        "FullyConnectedNet_loss",
        'grads[f"W{i}"] += self.reg * W',
        'grads[f"b{i}"] += self.reg * self.params[f"b{i}"]',
    ),
    ("FullyConnectedNet_loss", 'grads[f"W{i}"] += self.reg * W', "pass"),
    ("FullyConnectedNet_loss", "for i in range(1, last + 1):\n", "for i in range(1, last):\n"),
    (
        "FullyConnectedNet_loss",
        "for i in range(1, last + 1):\n",
        "for i in range(1, min(last + 1, 4)):\n",
    ),
    ("FullyConnectedNet_loss", "dout = relu_backward(dout, relu_cache)", "pass"),
    (
        "FullyConnectedNet_loss",
        "relu_backward(dout, relu_cache)",
        "relu_backward(dout, caches[1][2]) if i == 1 else dout",
    ),
    (
        "FullyConnectedNet_loss",
        "out, relu_cache = relu_forward(out)",
        "out, relu_cache = relu_forward(out) if i < 3 else (out, abs(out) + 1)",
    ),
    (
        "FullyConnectedNet_loss",
        '    grads[f"W{i}"] += self.reg * W\n',
        "    self.params[f'W{i}'] = W * (1 - 1e-3)\n        grads[f\"W{i}\"] += self.reg * W\n",
    ),
    (
        "FullyConnectedNet_loss",
        "out, caches = X, {}",
        "out, caches = X, Stale(self.__dict__)",
    ),
    ("sgd_momentum", 'v - config["learning_rate"] * dw', 'v + config["learning_rate"] * dw'),
    ("sgd_momentum", 'config["momentum"] * v', "0.9 * v"),
    ("sgd_momentum", 'config["learning_rate"] * dw', "1e-3 * dw"),
    ("sgd_momentum", "next_w = w + v", "next_w = w - v"),
    ("sgd_momentum", 'config["velocity"] = v', "pass"),
    ("sgd_momentum", 'config["velocity"] = v', 'config["velocity"] = np.zeros_like(v)'),
    ("sgd_momentum", 'config["velocity"] = v', 'config.setdefault("velocity", v)'),
    ("sgd_momentum", 'config["velocity"] = v', 'config["v"] = v'),
    (
        "sgd_momentum",
        "next_w = w + v",
        'next_w = w + config["momentum"] * v - config["learning_rate"] * dw',
    ),
    (
        "sgd_momentum",
        'config["momentum"] * v - config["learning_rate"] * dw',
        'config["momentum"] * v - (1 - config["momentum"]) * config["learning_rate"] * dw',
    ),
    ("rmsprop", "+ (1 - decay) * dw**2", "+ dw**2"),
    ("rmsprop", 'decay * config["cache"] +', 'config["cache"] +'),
    ("rmsprop", "(1 - decay) * dw**2", "(1 - decay) * dw"),
    ("rmsprop", "(1 - decay) * dw**2", "(1 - decay) * np.abs(dw)"),
    (
        "rmsprop",
        '(np.sqrt(config["cache"]) + config["epsilon"])',
        'np.sqrt(config["cache"] + config["epsilon"])',
    ),
    ("rmsprop", '+ config["epsilon"]', "+ 1e-8"),
    ("rmsprop", '+ config["epsilon"]', ""),
    ("rmsprop", 'decay = config["decay_rate"]', "decay = 0.99"),
    (
        "rmsprop",
        'config["cache"] = ',
        "cache = ",
    ),
    ("rmsprop", "next_w = w - ", "next_w = w + "),
    ("rmsprop", "np.sqrt(", "("),
    ("adam", 'config["t"] += 1', "pass"),
    ("adam", 'config["t"] += 1', 'config["t"] = 6'),
    ("adam", 'config["t"] += 1', 'config["t"] = max(config["t"], 1)'),
    ("adam", "    return next_w", '    config["t"] += 1\n    return next_w'),
    ("adam", 'config["m"] / (1', 'config["m"] * (1'),
    ("adam", 'config["m"] / (1 - beta1 ** config["t"])', 'config["m"]'),
    ("adam", 'config["v"] / (1 - beta2 ** config["t"])', 'config["v"]'),
    ("adam", 'm_hat = config["m"]', 'm_hat = config["m"] = config["m"]'),
    ("adam", "v_hat = ", 'v_hat = config["v"] = '),
    ("adam", "m_hat = ", 'm_hat = config["m"] = '),
    ("adam", '1 - beta2 ** config["t"]', '1 - beta1 ** config["t"]'),
    ("adam", '(np.sqrt(v_hat) + config["epsilon"])', 'np.sqrt(v_hat + config["epsilon"])'),
    ("adam", '+ config["epsilon"]', "+ 1e-8"),
    ("adam", 'config["beta1"], config["beta2"]', "0.9, 0.999"),
    ("adam", "(1 - beta2) * dw**2", "(1 - beta2) * dw"),
    ("adam", 'beta1 * config["m"] + (1 - beta1) * dw', 'beta1 * config["m"] + dw'),
    ("sample_hyperparameters", "np.log(limits)", "np.array(limits)"),
    ("sample_hyperparameters", "rng.uniform", "np.random.uniform"),
    (
        "sample_hyperparameters",
        "float(np.exp(rng.uniform(low, high)))",
        "float(rng.uniform(low, high))",
    ),
    (
        "sample_hyperparameters",
        "float(np.exp(rng.uniform(low, high)))",
        "float(np.exp(rng.choice([low, high])))",
    ),
    (
        "sample_hyperparameters",
        "float(np.exp(rng.uniform(low, high)))",
        "float(10.0 ** np.round(rng.uniform(low, high) / np.log(10)))",
    ),
    (
        "sample_hyperparameters",
        "    return {name",
        "    u = rng.random()\n"
        "    return {n: np.exp(a + u * (b - a)) for n, (a, b) in logs.items()}\n    return {name",
    ),
    (
        "sample_hyperparameters",
        "    logs = ",
        "    rng = np.random.default_rng(0)\n    logs = ",
    ),
    ("refine_ranges", "-result[0]", "result[0]"),
    ("refine_ranges", "[:keep]", ""),
    ("refine_ranges", "[:keep]", "[:2]"),
    ("refine_ranges", "sorted(results, key=lambda result: -result[0])", "results"),
    (
        "refine_ranges",
        "    best = ",
        "    results.sort(key=lambda result: -result[0])\n    best = ",
    ),
    (
        "refine_ranges",
        "(min(settings[name] for settings in best), max",
        "(max(settings[name] for settings in best), max",
    ),
]


@pytest.mark.parametrize(
    ("question", "old", "new"), WRONG, ids=[f"{i}-{row[0]}" for i, row in enumerate(WRONG)]
)
@pytest.mark.slow
def test_wrong_program_is_caught(question, old, new):
    """The probes and checks of a question catch a wrong program."""
    name = question if question.islower() else question.replace("_", "__")
    wrong = rewritten(name, old, new)
    assert problems(question, **{name: wrong})


@pytest.mark.parametrize(
    ("question", "settings"),
    [
        ("three", {"learning_rate": 1e-4, "weight_scale": 1e-2}),
        ("three", {"learning_rate": 1.0, "weight_scale": 2e-2}),
        ("three", {"learning_rate": 1e-5, "weight_scale": 2e-2}),
        ("five", {"learning_rate": 2e-3, "weight_scale": 1e-5}),
        ("five", {"learning_rate": 2e-3, "weight_scale": 1.0}),
        ("five", {"learning_rate": 1e-5, "weight_scale": 5e-2}),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value", "ignore:divide by zero")
def test_settings_that_do_not_learn_are_caught(question, settings):
    """The settings to begin with, and others that are far off, don't learn fifty pictures."""
    found = problems(f"overfit_{question}_layers", **{f"{question}_layer_settings": settings})
    assert any(problem.startswith("share of") for problem in found)


# --------------------------------------------------------------------- right programs, otherwise


def affine_with_loops(x, w, b):
    """Sums written out, in another order, and another cache."""
    rows = x.reshape(x.shape[0], np.prod(x.shape[1:]))
    out = np.zeros((len(rows), w.shape[1]))
    for k in reversed(range(w.shape[0])):
        out += rows[:, k : k + 1] * w[k]
    return out + b, (x.copy(), w, b)


def affine_backward_with_einsum(dout, cache):
    x, w, _ = cache
    rows = np.reshape(x, (x.shape[0], -1))
    dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
    return dx, np.einsum("nd,nm->dm", rows, dout), np.ones(len(x)) @ dout


def relu_by_where(x):
    return np.where(x < 0, 0.0, x), x


def relu_by_product(x):
    """Its zeros are minus zero where x was negative."""
    return x * (x > 0), x


def relu_by_mask(x):
    out = x.astype(np.float64)
    out[out < 0] = 0
    return out, x


def relu_backward_with_kink(dout, cache):
    dx = np.array(dout, copy=True)
    dx[cache < 0] = 0
    return dx


def svm_with_loops(x, y):
    loss, dx = 0.0, np.zeros(x.shape)
    for i, right in enumerate(y):
        for j in range(x.shape[1]):
            margin = float(x[i, j]) - float(x[i, right]) + 1
            if j != right and margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, right] -= 1
    return loss / len(x), dx / len(x)


def svm_that_subtracts_one(x, y):
    """Counts the right class too, and takes its 1 away again."""
    N = x.shape[0]
    margins = np.maximum(0, x - x[np.arange(N), y].reshape(-1, 1) + 1)
    mask = (margins > 0) * 1.0
    mask[np.arange(N), y] -= mask.sum(axis=1)
    return np.sum(margins) / N - 1, mask / N


def softmax_by_probabilities(x, y):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    one_hot = np.eye(x.shape[1])[y]
    return -np.mean(np.log((p * one_hot).sum(axis=1))), (p - one_hot) / x.shape[0]


def softmax_with_guard(x, y):
    """A tiny number guards the logarithm, as many do."""
    _, dx = softmax_by_probabilities(x, y)
    p = (dx * len(x))[np.arange(len(x)), y] + 1
    return -np.sum(np.log(p + 1e-12)) / len(x), dx


def softmax_by_logaddexp(x, y):
    log_p = x - np.logaddexp.reduce(x, axis=1)[:, None]
    dx = np.exp(log_p)
    dx[range(len(x)), y] -= 1
    return np.mean(-log_p[range(len(x)), y]), dx / len(x)


def softmax_with_loops(x, y):
    loss, dx = 0.0, np.zeros_like(x, dtype=np.float64)
    for i in range(len(x)):
        row = x[i] - x[i].mean() if np.ptp(x[i]) < 100 else x[i] - x[i].max()
        total = sum(np.exp(v) for v in row)
        loss += np.log(total) - row[y[i]]
        for j in range(len(row)):
            dx[i, j] = np.exp(row[j]) / total - (j == y[i])
    return loss / len(x), dx / len(x)


def init_with_generator(
    self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
):
    """Another source of chance, drawn in another order."""
    rng = np.random.default_rng()
    self.reg = reg
    self.params = {
        "b2": np.zeros((num_classes,)),
        "W2": rng.normal(0, weight_scale, (hidden_dim, num_classes)),
        "b1": np.zeros((hidden_dim,)),
        "W1": rng.normal(0, weight_scale, (input_dim, hidden_dim)),
    }


def two_layer_loss_in_one_go(self, X, y=None):
    """No layers at all: one function as in the first assignment."""
    W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
    rows = X.reshape(len(X), -1)
    hidden = np.maximum(rows.dot(W1) + b1, 0)
    scores = hidden.dot(W2) + b2
    if y is None:
        return scores
    loss, d = softmax_by_probabilities(scores, y)
    dhidden = d.dot(W2.T) * (hidden > 0)
    grads = {
        "W2": hidden.T.dot(d) + self.reg * W2,
        "b2": d.sum(0),
        "W1": rows.T.dot(dhidden) + self.reg * W1,
        "b1": dhidden.sum(0),
    }
    return loss + self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2)) / 2, grads


def deep_loss_with_lists(self, X, y=None):
    """Lists of activations, in place of layers and caches; gradients in float64."""
    L = self.num_layers
    activations = [np.asarray(X, dtype=self.dtype).reshape(len(X), -1)]
    for i in range(1, L + 1):
        z = activations[-1].dot(self.params[f"W{i}"]) + self.params[f"b{i}"]
        activations.append(np.maximum(z, 0) if i < L else z)
    if y is None:
        return activations[-1]
    loss, d = softmax_by_logaddexp(activations[-1], y)
    grads = {}
    for i in range(L, 0, -1):
        W = self.params[f"W{i}"]
        loss += 0.5 * self.reg * np.linalg.norm(W) ** 2
        grads[f"W{i}"] = (activations[i - 1].T.dot(d) + self.reg * W).astype(np.float64)
        grads[f"b{i}"] = np.sum(d, axis=0)
        d = d.dot(W.T) * (activations[i - 1] > 0)
    return loss, grads


def momentum_in_place(w, dw, config=None):
    """Changes w and the velocity where they are."""
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.setdefault("velocity", np.zeros_like(w))
    v *= config["momentum"]
    v -= config["learning_rate"] * dw
    w += v
    return w, config


def rmsprop_with_new_dictionary(w, dw, config=None):
    """Returns another dictionary than it was given."""
    defaults = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": 0.0}
    config = {**defaults, **(config or {})}
    rate = config["decay_rate"]
    cache = rate * config["cache"] + (1 - rate) * np.square(dw)
    step = config["learning_rate"] * dw / (cache**0.5 + config["epsilon"])
    return w - step, {**config, "cache": cache}


def adam_in_place(w, dw, config=None):
    """The correction is moved into the step, and everything happens in place."""
    config = {} if config is None else config
    for key, value in [("learning_rate", 1e-3), ("beta1", 0.9), ("beta2", 0.999)]:
        config.setdefault(key, value)
    config.setdefault("epsilon", 1e-8)
    m = config.setdefault("m", np.zeros_like(w))
    v = config.setdefault("v", np.zeros_like(w))
    config["t"] = t = config.get("t", 0) + 1
    m += (1 - config["beta1"]) * (dw - m)
    v += (1 - config["beta2"]) * (dw * dw - v)
    root = np.sqrt(1 - config["beta2"] ** t)
    step = config["learning_rate"] * root / (1 - config["beta1"] ** t)
    w -= step * m / (np.sqrt(v) + root * config["epsilon"])
    return w, config


def sample_by_powers(rng, ranges):
    settings = {}
    for name in sorted(ranges, reverse=True):
        low, high = ranges[name]
        settings[name] = low * (high / low) ** rng.random()
    return settings


def sample_by_exponents(rng, ranges):
    return {
        name: 10 ** (np.log10(low) + np.log10(high / low) * rng.beta(1, 1))
        for name, (low, high) in ranges.items()
    }


def refine_with_arrays(results, keep):
    order = np.argsort([accuracy for accuracy, _ in results])[::-1][:keep]
    values = {name: np.array([results[i][1][name] for i in order]) for name in results[0][1]}
    return {name: [column.min(), column.max()] for name, column in values.items()}


RIGHT = [
    ("affine_forward", {"affine_forward": affine_with_loops}),
    ("affine_backward", {"affine_backward": affine_backward_with_einsum}),
    ("affine_backward", {"affine_forward": affine_with_loops}),
    ("relu_forward", {"relu_forward": relu_by_where}),
    ("relu_forward", {"relu_forward": relu_by_product}),
    ("relu_forward", {"relu_forward": relu_by_mask}),
    ("relu_backward", {"relu_backward": relu_backward_with_kink}),
    ("svm_loss", {"svm_loss": svm_with_loops}),
    ("svm_loss", {"svm_loss": svm_that_subtracts_one}),
    ("softmax_loss", {"softmax_loss": softmax_by_probabilities}),
    ("softmax_loss", {"softmax_loss": softmax_with_guard}),
    ("softmax_loss", {"softmax_loss": softmax_by_logaddexp}),
    ("softmax_loss", {"softmax_loss": softmax_with_loops}),
    ("TwoLayerNet_init", {"TwoLayerNet__init": init_with_generator}),
    ("TwoLayerNet_loss", {"TwoLayerNet__init": init_with_generator}),
    ("TwoLayerNet_loss", {"TwoLayerNet__loss": two_layer_loss_in_one_go}),
    ("TwoLayerNet_loss", {"softmax_loss": softmax_with_guard, "affine_forward": affine_with_loops}),
    ("FullyConnectedNet_loss", {"FullyConnectedNet__loss": deep_loss_with_lists}),
    ("FullyConnectedNet_loss", {"softmax_loss": softmax_with_guard, "relu_forward": relu_by_mask}),
    ("FullyConnectedNet_loss", {"affine_backward": affine_backward_with_einsum}),
    ("overfit_three_layers", {"FullyConnectedNet__loss": deep_loss_with_lists}),
    ("overfit_five_layers", {"FullyConnectedNet__loss": deep_loss_with_lists}),
    ("sgd_momentum", {"sgd_momentum": momentum_in_place}),
    ("rmsprop", {"rmsprop": rmsprop_with_new_dictionary}),
    ("adam", {"adam": adam_in_place}),
    ("sample_hyperparameters", {"sample_hyperparameters": sample_by_powers}),
    ("sample_hyperparameters", {"sample_hyperparameters": sample_by_exponents}),
    ("refine_ranges", {"refine_ranges": refine_with_arrays}),
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


def test_deep_net_drawn_by_a_generator_passes():
    """Neither the source of chance nor the order of the parameters matters."""
    new = rewritten(
        "FullyConnectedNet__init",
        "weight_scale * np.random.randn(sizes[i - 1], sizes[i])",
        "np.random.default_rng().normal(scale=weight_scale, size=(sizes[i - 1], sizes[i]))",
    )
    for question in ("FullyConnectedNet_init", "FullyConnectedNet_loss", "overfit_three_layers"):
        assert not problems(question, FullyConnectedNet__init=new)


@pytest.mark.parametrize(
    ("question", "learning_rate", "weight_scale"),
    [
        ("three", 1e-2, 1e-2),
        ("three", 1e-3, 3e-2),
        ("three", 1e-2, 2e-2),
        ("three", 1e-3, 4e-2),
        ("five", 3e-3, 5e-2),
        ("five", 1e-2, 5e-2),
        ("five", 1e-3, 7e-2),
        ("five", 1e-3, 1e-1),
    ],
)
def test_other_settings_that_learn_pass(question, learning_rate, weight_scale):
    """Whatever learns the fifty pictures that students see passes on others too."""
    settings = {"learning_rate": learning_rate, "weight_scale": weight_scale}
    for seed in SEEDS:
        replaced = {f"{question}_layer_settings": settings}
        assert not problems(f"overfit_{question}_layers", seed, **replaced)

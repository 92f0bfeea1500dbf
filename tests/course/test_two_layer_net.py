"""Tests the two-layer net and its lesson: wrong programs are caught, right ones pass."""

import math

import numpy as np
import pytest
from cs231n import stand_in
from cs231n.classifiers.neural_net import TwoLayerNet
from cs231n.gradient_check import eval_numerical_gradient
from cs231n.vis_utils import draw_graph, visualize_grid
from lesson import ASSIGNMENTS, Lesson

from autograder.authoring.markers import strip_solution
from autograder.model import Role

LESSON = Lesson("assignment1", "two_layer_net", {"images": np.zeros((6, 32, 32, 3), np.uint8)})
SAMPLE = ASSIGNMENTS / "assignment1" / "best_two_layer_net.npz"
NAMES = ("W1", "b1", "W2", "b2")


@pytest.fixture(autouse=True)
def in_the_folder_of_the_assignment(monkeypatch):
    """The lesson finds handed-in files where it is."""
    monkeypatch.chdir(ASSIGNMENTS / "assignment1")


def make_net(rng, D, H, C):
    net = TwoLayerNet(D, H, C)
    net.params = {name: rng.normal(size=value.shape) for name, value in net.params.items()}
    return net


# --------------------------------------------------------------------------- the solved class


def test_first_parameters_are_small_noise_and_zero_biases():
    """A new network has weights with the standard deviation asked for, and no biases."""
    np.random.seed(3)
    net = TwoLayerNet(300, 40, 7, std=0.02)
    assert {name: net.params[name].shape for name in NAMES} == {
        "W1": (300, 40),
        "b1": (40,),
        "W2": (40, 7),
        "b2": (7,),
    }
    assert abs(net.params["W1"].std() - 0.02) < 0.001  # 12000 numbers: spread 0.00013
    assert not net.params["b1"].any()
    assert not net.params["b2"].any()


@pytest.mark.parametrize("reg", [0.0, 0.3])
@pytest.mark.parametrize(("N", "D", "H", "C"), [(5, 4, 6, 3), (1, 3, 2, 7), (8, 2, 9, 2)])
def test_gradients_are_those_of_the_loss(N, D, H, C, reg):
    """All gradients equal finite differences of the loss, for any sizes."""
    rng = np.random.default_rng(N)
    net, X, y = make_net(rng, D, H, C), rng.normal(size=(N, D)), rng.integers(C, size=N)
    _, grads = net.loss(X, y, reg)
    for name in NAMES:
        numeric = eval_numerical_gradient(lambda _: net.loss(X, y, reg)[0], net.params[name])
        np.testing.assert_allclose(grads[name], numeric, rtol=1e-6, atol=1e-8)


def test_loss_and_gradients_are_those_of_torch():
    """PyTorch finds the same scores, loss and gradients."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(8)
    net, X, y = make_net(rng, 6, 11, 4), rng.normal(size=(9, 6)), rng.integers(4, size=9)
    loss, grads = net.loss(X, y, reg=0.2)
    p = {name: torch.tensor(value, requires_grad=True) for name, value in net.params.items()}
    scores = torch.relu(torch.tensor(X) @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    np.testing.assert_allclose(net.loss(X), scores.detach().numpy(), rtol=1e-12)
    expected = torch.nn.functional.cross_entropy(scores, torch.tensor(y))
    expected = expected + 0.2 * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum())
    expected.backward()
    np.testing.assert_allclose(loss, expected.item(), rtol=1e-12)
    for name in NAMES:
        np.testing.assert_allclose(grads[name], p[name].grad.numpy(), rtol=1e-9, atol=1e-14)


def test_loss_in_closed_form():
    """Worked by hand: equal scores cost log C, a score that leads by 1000 costs nothing."""
    net = TwoLayerNet(2, 3, 5, std=0)
    X, y = np.ones((4, 2)), np.array([0, 1, 2, 3])
    assert net.loss(X, y)[0] == pytest.approx(math.log(5), rel=1e-14)
    net.params["b2"][:] = [0, 0, 1000, 0, 0]
    assert net.loss(X, np.full(4, 2))[0] == pytest.approx(0, abs=1e-12)
    assert net.loss(X, np.full(4, 0))[0] == pytest.approx(1000, rel=1e-12)
    net.params["W1"][:] = 2
    assert net.loss(X, np.full(4, 2), reg=0.5)[0] == pytest.approx(0.5 * 6 * 4, rel=1e-12)


def test_training_in_closed_form():
    """Each step is minus learning rate times gradient; once an epoch the rate decays."""
    rng = np.random.default_rng(0)
    net = make_net(rng, 3, 4, 2)
    other = make_net(rng, 3, 4, 2)
    other.params = {name: value.copy() for name, value in net.params.items()}
    X, y = np.tile(rng.normal(size=3), (4, 1)), np.ones(4, dtype=int)
    stats = net.train(
        X, y, X, y, learning_rate=0.1, learning_rate_decay=0.5, num_iters=5, batch_size=2, reg=0.1
    )
    losses = []
    for rate in (0.1, 0.05, 0.05, 0.025, 0.025):  # epochs of two steps; the first decay is at once
        loss, grads = other.loss(X, y, reg=0.1)
        losses.append(loss)
        for name in NAMES:
            other.params[name] = other.params[name] - rate * grads[name]
    np.testing.assert_allclose(stats["loss_history"], losses, rtol=1e-12)
    for name in NAMES:
        np.testing.assert_allclose(net.params[name], other.params[name], rtol=1e-12)
    assert len(stats["train_acc_history"]) == len(stats["val_acc_history"]) == 3


def test_toy_is_learned_by_heart():
    """With the published settings the toy's loss falls below 0.02, whatever is drawn."""
    names = LESSON.namespace()
    X, y = names["make_toy_data"]()
    for seed in range(20):
        net = names["make_toy_net"]()
        np.random.seed(seed)
        stats = net.train(X, y, X, y, learning_rate=1e-1, reg=5e-6, num_iters=100)
        assert stats["loss_history"][-1] < 0.02
        np.testing.assert_array_equal(net.predict(X), y)


def test_verbose_training_prints_the_loss(capsys):
    """Verbose training says every hundred iterations how far it is; quiet training says nothing."""
    net, X, y = make_net(np.random.default_rng(0), 2, 3, 2), np.eye(2), np.array([0, 1])
    net.train(X, y, X, y, num_iters=150)
    assert capsys.readouterr().out == ""
    net.train(X, y, X, y, num_iters=150, verbose=True)
    assert len(capsys.readouterr().out.splitlines()) == 2


# --------------------------------------------------------------------------- the given pictures


def test_grid_holds_each_picture_stretched():
    """Picture i stands in row i // columns; each is stretched to 0..ubound; unused places are 0."""
    rng = np.random.default_rng(1)
    pictures = rng.normal(size=(5, 2, 4, 3)) * np.arange(1, 6).reshape(5, 1, 1, 1)
    grid = visualize_grid(pictures, ubound=9.0, padding=1)
    assert grid.shape == (2 * 3 - 1, 3 * 5 - 1, 3)
    low, high = pictures[4].min(), pictures[4].max()
    np.testing.assert_allclose(grid[3:5, 5:9], 9 * (pictures[4] - low) / (high - low))
    assert grid.min() == 0
    assert grid.max() == 9
    assert not grid[:, 4].any()
    assert not grid[3:, 10:].any()


def test_grid_of_a_flat_picture_has_no_nan():
    """A picture of one colour, which can't be stretched, becomes black."""
    assert not visualize_grid(np.full((1, 3, 3, 1), 7.0)).any()


def test_graph_names_all_boxes_and_arrows():
    """Every text of a graph is drawn."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    draw_graph(axes, {"a": (0, 0), "b": (1, 0)}, [("a", "b", "there", "back")])
    assert {text.get_text() for text in axes.texts} >= {"a", "b", "there", "back"}
    plt.close(figure)


# --------------------------------------------------------------------------- the questions


@pytest.mark.parametrize("question", LESSON.names(Role.QUESTION))
def test_solved_question_is_green_alone(question):
    """Each question's visible check passes on the solved package, without any other question."""
    LESSON.show_visible(question)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("question", [q for q in LESSON.names(Role.QUESTION) if "best" not in q])
def test_solved_question_agrees_with_itself(question, seed):
    """Run twice with other random draws, the reference agrees with itself.

    The best network is judged by hidden labels instead: see the test of the sample weights.
    """
    np.random.seed(seed)
    assert LESSON.problems(question, seed=seed) == []


def test_sample_weights_are_small_and_good():
    """The sample is a small file, and clearly better than the threshold of the extra point."""
    assert SAMPLE.stat().st_size < 600_000
    net, mean_image = LESSON.namespace("best_two_layer_net")["load_net"](SAMPLE)
    images, labels = stand_in.draw(3000, seed=20_231)
    y_pred = net.predict(images.reshape(len(images), -1) - mean_image)
    assert np.mean(y_pred == labels) > 0.53  # spread 0.009


def test_diverged_network_is_not_saved(tmp_path):
    """Weights that float16 can't hold are refused with a sentence, not written as infinities."""
    names = LESSON.namespace()
    net = TwoLayerNet(4, 3, 2)
    net.params["W1"][0, 0] = np.inf
    with pytest.raises(ValueError, match="diverged"):
        names["save_net"](tmp_path / "net.npz", net, np.zeros(4))


# --------------------------------------------------------------------------- wrong and right ones

SOURCE = (ASSIGNMENTS / "cs231n/classifiers/neural_net.py").read_text(encoding="utf-8")


def changed_class(*changes):
    """Return TwoLayerNet with pieces of its source replaced; each must occur exactly once."""
    text = SOURCE
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
        text = text.replace(old, new)
    names = {}
    exec(compile(text, "changed neural_net.py", "exec"), names)
    return names["TwoLayerNet"]


def problems(question, *changes):
    """Return what the judge says of a class with these changes."""
    changed = changed_class(*changes)
    methods = ("loss", "train", "predict")
    patches = [(TwoLayerNet, method, getattr(changed, method)) for method in methods]
    return LESSON.problems(question, patched=patches)


SCORES, LOSS, GRADIENTS, PREDICT, TRAIN = (
    f"TwoLayerNet_{part}" for part in ("scores", "loss", "gradients", "predict", "train")
)
HIDDEN = "hidden = np.maximum(0, X @ W1 + b1)"
OUT = "scores = hidden @ W2 + b2"
SHIFTED = "shifted = scores - scores.max(axis=1, keepdims=True)"
LOG_PROBS = "log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
DATA_LOSS = "loss = -log_probs[np.arange(N), y].mean()"
REG_LOSS = "loss += reg * (np.sum(W1 * W1) + np.sum(W2 * W2))"
MASK = "dhidden[hidden <= 0] = 0"
ROWS = "rows = np.random.randint(num_train, size=batch_size)"
BATCH = "X_batch, y_batch = X[rows], y[rows]"
STEP = "self.params[name] -= learning_rate * grad"
ARGMAX = "return np.argmax(self.loss(X), axis=1)"

WRONG = {
    "no ReLU": (SCORES, HIDDEN, "hidden = X @ W1 + b1"),
    "ReLU before the bias": (SCORES, HIDDEN, "hidden = np.maximum(0, X @ W1) + b1"),
    "sigmoid": (SCORES, HIDDEN, "hidden = 1 / (1 + np.exp(-(X @ W1 + b1)))"),
    "leaky ReLU": (SCORES, HIDDEN, "a = X @ W1 + b1; hidden = np.maximum(0.01 * a, a)"),
    "ReLU on the scores": (SCORES, OUT, "scores = np.maximum(0, hidden @ W2 + b2)"),
    "no second bias": (SCORES, OUT, "scores = hidden @ W2"),
    "no first bias": (SCORES, HIDDEN, "hidden = np.maximum(0, X @ W1)"),
    "probabilities for scores": (
        SCORES,
        OUT,
        "scores = np.exp(hidden @ W2 + b2); scores /= scores.sum(axis=1, keepdims=True)",
    ),
    "changes the examples": (SCORES, HIDDEN, "X -= X.mean(); hidden = np.maximum(0, X @ W1 + b1)"),
    "toy sizes in the scores": (SCORES, OUT, "scores = hidden @ W2 + b2[:3]"),
    "changes the biases": (SCORES, OUT, "b2 *= 1.0001; scores = hidden @ W2 + b2"),
    "no shift": (LOSS, SHIFTED, "shifted = scores"),
    "shift by the mean": (LOSS, SHIFTED, "shifted = scores - scores.mean()"),
    "shift by the largest of the batch": (LOSS, SHIFTED, "shifted = scores - scores.max()"),
    "the same, for the gradients": (GRADIENTS, SHIFTED, "shifted = scores - scores.max()"),
    "sum over the wrong axis": (
        LOSS,
        LOG_PROBS,
        "log_probs = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))",
    ),
    "sum for mean": (LOSS, DATA_LOSS, "loss = -log_probs[np.arange(N), y].sum()"),
    "mean over the classes": (LOSS, DATA_LOSS, "loss = -log_probs[:, y].mean()"),
    "batch of the toy": (LOSS, DATA_LOSS, "loss = -log_probs[np.arange(N), y].sum() / 5"),
    "sign": (LOSS, DATA_LOSS, "loss = log_probs[np.arange(N), y].mean()"),
    "half the regularisation": (LOSS, REG_LOSS, REG_LOSS.replace("reg *", "0.5 * reg *")),
    "no regularisation": (LOSS, REG_LOSS, "pass"),
    "only W1 regularised": (LOSS, REG_LOSS, "loss += reg * np.sum(W1 * W1)"),
    "only W2 regularised": (LOSS, REG_LOSS, "loss += reg * np.sum(W2 * W2)"),
    "biases regularised": (
        LOSS,
        REG_LOSS,
        "loss += reg * sum(np.sum(p * p) for p in self.params.values())",
    ),
    "regularisation divided by N": (LOSS, REG_LOSS, REG_LOSS + "; loss /= 1 if reg == 0 else N"),
    "regularisation not squared": (
        LOSS,
        REG_LOSS,
        "loss += reg * (np.sum(np.abs(W1)) + np.sum(np.abs(W2)))",
    ),
    "regularisation of the toy": (LOSS, REG_LOSS, REG_LOSS.replace("reg *", "0.05 *")),
    "regularised twice by N": (LOSS, REG_LOSS, REG_LOSS.replace("reg *", "reg * N / 5 *")),
    "probabilities of a loss without shift": (
        LOSS,
        LOG_PROBS,
        "log_probs = np.log(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True))",
    ),
    "gradient not divided": (GRADIENTS, "dscores /= N", "pass"),
    "gradient of the toy batch": (GRADIENTS, "dscores /= N", "dscores /= 5"),
    "no minus one": (GRADIENTS, "dscores[np.arange(N), y] -= 1", "pass"),
    "minus one everywhere": (GRADIENTS, "dscores[np.arange(N), y] -= 1", "dscores[:, y] -= 1"),
    "no ReLU on the way back": (GRADIENTS, MASK, "pass"),
    "ReLU by the sign of the gradient": (GRADIENTS, MASK, "dhidden[dhidden <= 0] = 0"),
    "ReLU the wrong way round": (GRADIENTS, MASK, "dhidden[hidden > 0] = 0"),
    "half of W1": (GRADIENTS, "+ 2 * reg * W1", "+ reg * W1"),
    "half of W2": (GRADIENTS, "+ 2 * reg * W2", "+ reg * W2"),
    "W1 without regularisation": (GRADIENTS, "+ 2 * reg * W1", ""),
    "W2 without regularisation": (GRADIENTS, "+ 2 * reg * W2", ""),
    "regularised b1 in the gradient": (
        GRADIENTS,
        "dhidden.sum(axis=0)",
        "dhidden.sum(axis=0) + 2 * reg * b1",
    ),
    "regularised b2 in the gradient": (
        GRADIENTS,
        "dscores.sum(axis=0)",
        "dscores.sum(axis=0) + 2 * reg * b2",
    ),
    "b2 averaged": (GRADIENTS, "dscores.sum(axis=0)", "dscores.mean(axis=0)"),
    "b1 from before the ReLU": (
        GRADIENTS,
        "dhidden.sum(axis=0)",
        "(dscores @ W2.T).sum(axis=0)",
    ),
    "b1 keeps its axis": (GRADIENTS, "dhidden.sum(axis=0)", "dhidden.sum(axis=0, keepdims=True)"),
    "regularises in place": (GRADIENTS, "dscores /= N", "dscores /= N; W1 *= 0.999"),
    "argmin": (PREDICT, ARGMAX, "return np.argmin(self.loss(X), axis=1)"),
    "argmax over the examples": (PREDICT, ARGMAX, "return np.argmax(self.loss(X), axis=0)"),
    "argmax of everything": (PREDICT, ARGMAX, "return np.argmax(self.loss(X))"),
    "argmax of absolute scores": (PREDICT, ARGMAX, "return np.argmax(self.loss(X) ** 2, axis=1)"),
    "at most ten classes": (PREDICT, ARGMAX, "return np.argmax(self.loss(X)[:, :10], axis=1)"),
    "positive scores only": (
        PREDICT,
        ARGMAX,
        "return np.argmax(np.maximum(self.loss(X), 0), axis=1)",
    ),
    "argmax of unnormalised exponentials": (
        PREDICT,
        ARGMAX,
        "return np.argmax(np.exp(self.loss(X)), axis=1)",
    ),
    "one column": (PREDICT, ARGMAX, "return np.argmax(self.loss(X), axis=1)[:, np.newaxis]"),
    "uphill": (TRAIN, STEP, "self.params[name] += learning_rate * grad"),
    "no learning rate": (TRAIN, STEP, "self.params[name] -= grad"),
    "fixed learning rate": (TRAIN, STEP, "self.params[name] -= 1e-1 * grad"),
    "biases stay": (TRAIN, STEP, "self.params[name] -= learning_rate * grad * (name[0] == 'W')"),
    "first layer stays": (
        TRAIN,
        STEP,
        "self.params[name] -= learning_rate * grad * (name[1] == '2')",
    ),
    "regularised again": (
        TRAIN,
        STEP,
        "self.params[name] -= learning_rate * (grad + 2 * reg * self.params[name])",
    ),
    "step divided by the batch": (TRAIN, STEP, "self.params[name] -= learning_rate * grad / 200"),
    "without replacement": (
        TRAIN,
        ROWS,
        "rows = np.random.choice(num_train, batch_size, replace=False)",
    ),
    "always the first": (TRAIN, ROWS, "rows = np.arange(batch_size) % num_train"),
    "in their order": (TRAIN, ROWS, "rows = np.arange(it, it + batch_size) % num_train"),
    "never the last": (
        TRAIN,
        ROWS,
        "rows = np.random.randint(max(1, num_train - 1), size=batch_size)",
    ),
    "never the first": (
        TRAIN,
        ROWS,
        "rows = np.random.randint(min(1, num_train - 1), num_train, size=batch_size)",
    ),
    "only the first of a batch": (
        TRAIN,
        ROWS,
        "rows = np.full(batch_size, np.random.randint(min(3, num_train)))",
    ),
    "labels of other rows": (TRAIN, BATCH, "X_batch, y_batch = X[rows], y[rows - 1]"),
    "labels not drawn": (TRAIN, BATCH, "X_batch, y_batch = X[rows], y[:batch_size]"),
    "no decay": (TRAIN, "learning_rate *= learning_rate_decay", "pass"),
    "decay at each step": (TRAIN, "if it % iterations_per_epoch == 0:", "if True:"),
    "no epoch in large batches": (
        TRAIN,
        "max(num_train // batch_size, 1)",
        "num_train // batch_size",
    ),
    "validates on the batch": (
        TRAIN,
        "self.predict(X_val) == y_val",
        "self.predict(X_batch) == y_batch",
    ),
    "forgets the losses": (TRAIN, "loss_history.append(loss)", "loss_history = [loss]"),
    "forgets the regularisation": (TRAIN, "y=y_batch, reg=reg", "y=y_batch"),
    "shuffles the data": (
        TRAIN,
        BATCH,
        "X[:] = X[::-1]; y[:] = y[::-1]; X *= 1.001; X_batch, y_batch = X[rows], y[rows]",
    ),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.slow
def test_wrong_class_is_caught(name):
    """Each known wrong class loses the points of the question it belongs to."""
    question, old, new = WRONG[name]
    assert problems(question, (old, new)) != []


RIGHT = {
    "einsum": [
        (HIDDEN, "hidden = np.maximum(0, np.einsum('nd,dh->nh', X, W1) + b1)"),
        (OUT, "scores = np.einsum('nh,hc->nc', hidden, W2) + b2"),
    ],
    "ReLU by multiplication": [(HIDDEN, "a = X @ W1 + b1; hidden = a * (a > 0)")],
    "ReLU's gradient at 0 is 1": [(MASK, "dhidden[hidden < 0] = 0; dhidden[X @ W1 + b1 < 0] = 0")],
    "probabilities first": [
        (LOG_PROBS, "p = np.exp(shifted); p /= p.sum(axis=1, keepdims=True); log_probs = 0"),
        (DATA_LOSS, "loss = np.sum(-np.log(p[range(N), y])) / N"),
        ("dscores = np.exp(log_probs)", "dscores = p.copy()"),
    ],
    "float64 whatever comes in": [(HIDDEN, "X = X.astype(float); " + HIDDEN)],
    "log-sum-exp by logaddexp": [
        (LOG_PROBS, "log_probs = scores - np.logaddexp.reduce(scores, axis=1)[:, np.newaxis]")
    ],
    "a tiny number inside the logarithm": [
        (DATA_LOSS, "loss = -np.log(np.exp(log_probs)[np.arange(N), y] + 1e-12).mean()")
    ],
    "loops over the examples": [
        (DATA_LOSS, "loss = sum(-log_probs[i, y[i]] for i in range(N)) / N"),
    ],
    "norms for the regularisation": [
        (REG_LOSS, "loss += reg * (np.linalg.norm(W1) ** 2 + np.linalg.norm(W2) ** 2)")
    ],
    "divided at the end": [
        ("dscores /= N", "pass"),
        ("X.T @ dhidden +", "X.T @ dhidden / N +"),
        ("hidden.T @ dscores +", "hidden.T @ dscores / N +"),
        ("dhidden.sum(axis=0)", "dhidden.sum(axis=0) / N"),
        ("dscores.sum(axis=0)", "dscores.mean(axis=0)"),
    ],
    "new arrays in the step": [
        (STEP, "self.params[name] = self.params[name] - learning_rate * grad")
    ],
    "biases by a product": [("dscores.sum(axis=0)", "np.ones(N) @ dscores")],
    "choice": [(ROWS, "rows = np.random.choice(num_train, batch_size)")],
    "choice with replacement": [
        (ROWS, "rows = np.random.choice(np.arange(num_train), batch_size, replace=True)")
    ],
    "without replacement where that is possible": [
        (ROWS, "rows = np.random.choice(num_train, batch_size, replace=batch_size > num_train)")
    ],
    "its own generator": [
        (ROWS, "rows = np.random.default_rng(it).integers(num_train, size=batch_size)")
    ],
    "random numbers times N": [
        (ROWS, "rows = (np.random.rand(batch_size) * num_train).astype(int)")
    ],
    "no more rows than there are": [
        (ROWS, "rows = np.random.permutation(num_train)[:batch_size]"),
    ],
    "predicts by probabilities": [
        (
            ARGMAX,
            "s = self.loss(X); s = s - s.max(axis=1, keepdims=True); return np.exp(s).argmax(1)",
        )
    ],
    "predicts without loss": [
        (
            ARGMAX,
            "p = self.params; h = X.dot(p['W1']) + p['b1']; "
            "return np.array([np.argmax(row @ p['W2'] + p['b2']) for row in h.clip(0)])",
        )
    ],
    "a list of labels": [(ARGMAX, "return [int(row.argmax()) for row in self.loss(X)]")],
}


@pytest.mark.parametrize("question", [SCORES, LOSS, GRADIENTS, PREDICT, TRAIN])
@pytest.mark.parametrize("name", RIGHT)
def test_right_class_written_differently_passes(name, question):
    """Each right way of writing the class gets all points of all questions."""
    assert problems(question, *RIGHT[name]) == []


def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def grid_search(evaluate, ranges, num_trials, rng):
    n = max(1, num_trials)
    values = {key: np.geomspace(low, high, n) for key, (low, high) in ranges.items()}
    all_settings = [{key: values[key][i] for key in ranges} for i in range(num_trials)]
    results = [(evaluate(settings), settings) for settings in all_settings]
    return sorted(results, key=lambda result: -result[0])


def make_search(draw=None, once=False, key=lambda result: -result[0], calls=1):
    """Return a search that draws in its own way."""

    def default(rng, low, high):
        return low * (high / low) ** rng.random()

    draw = draw or default

    def search(evaluate, ranges, num_trials, rng):
        results, settings = [], None
        for _ in range(num_trials):
            if settings is None or not once:
                settings = {name: draw(rng, *limits) for name, limits in ranges.items()}
            for _ in range(calls):
                accuracy = evaluate(settings)
            results.append((accuracy, settings))
        return sorted(results, key=key)

    return search


def search_with_one_draw_for_all(evaluate, ranges, num_trials, rng):
    results = []
    for _ in range(num_trials):
        u = rng.random()
        settings = {name: low * (high / low) ** u for name, (low, high) in ranges.items()}
        results.append((evaluate(settings), settings))
    return sorted(results, key=lambda result: -result[0])


def search_that_loses_settings(evaluate, ranges, num_trials, rng):
    settings, results = {}, []
    for _ in range(num_trials):
        for name, (low, high) in ranges.items():
            settings[name] = low * (high / low) ** rng.random()
        results.append((evaluate(settings), settings))
    return sorted(results, key=lambda result: -result[0])


def search_with_its_own_generator(evaluate, ranges, num_trials, rng):
    return make_search()(evaluate, ranges, num_trials, np.random.default_rng(77))


def logarithms(rng, low, high):
    return 10 ** rng.uniform(np.log10(low), np.log10(high))


WRONG_ANSWERS = [
    ("sigmoid_gradient", lambda x: sigmoid(x) * (1 + sigmoid(x))),
    ("sigmoid_gradient", lambda x: x * (1 - x)),
    ("sigmoid_gradient", sigmoid),
    ("sigmoid_gradient", lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),  # NaN far on the left
    ("leaky_relu_gradient", lambda x, alpha=0.01: np.where(x > 0, 1.0, 0.01)),
    ("leaky_relu_gradient", lambda x, alpha=0.01: np.where(x > 0, 1.0, 0.0)),
    ("leaky_relu_gradient", lambda x, alpha=0.01: np.where(x > 0, x, alpha * x)),
    ("leaky_relu_gradient", lambda x, alpha=0.01: np.where(x < 0, 1.0, alpha)),
    ("leaky_relu_gradient", lambda x, alpha=0.01: np.where(x > 0, 1, alpha).astype(x.dtype)),
    ("gelu_gradient", lambda x: np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)),
    ("gelu_gradient", lambda x: (x > 0) * 1.0),
    ("gelu_gradient", lambda x: sigmoid(1.702 * x) * (1 + 1.702 * x * sigmoid(-1.702 * x))),
    ("update_ratio", lambda w, g, r: np.linalg.norm(w) / np.linalg.norm(r * g)),
    ("update_ratio", lambda w, g, r: np.linalg.norm(g) / np.linalg.norm(w)),
    ("update_ratio", lambda w, g, r: r * np.sum(g**2) / np.sum(w**2)),
    ("update_ratio", lambda w, g, r: r * np.abs(g).sum() / np.abs(w).sum()),
    ("update_ratio", lambda w, g, r: np.mean(np.abs(r * g / w))),
    ("update_ratio", lambda w, g, r: r * np.max(np.abs(g)) / np.max(np.abs(w))),
    ("diagnose", lambda patient: "healthy"),
    ("search", make_search(lambda rng, low, high: rng.uniform(low, high))),
    ("search", make_search(once=True)),
    ("search", make_search(calls=2)),
    ("search", make_search(key=lambda result: result[0])),  # the worst first
    ("search", make_search(key=lambda result: 0)),  # in the order of the trials
    ("search", lambda e, r, n, rng: sorted(make_search()(e, r, n, rng), reverse=True)),  # a tie
    ("search", make_search(lambda rng, low, high: 10 ** rng.uniform(-5, -1))),
    ("search", make_search(lambda rng, low, high: low * np.exp(rng.random()))),
    ("search", lambda e, r, n, rng: make_search()(e, r, n, rng)[:1]),
    ("search", search_with_one_draw_for_all),
    ("search", search_that_loses_settings),
    ("search", grid_search),
]


@pytest.mark.parametrize("number", range(len(WRONG_ANSWERS)))
@pytest.mark.slow
def test_wrong_answer_in_the_notebook_is_caught(number):
    """Each known wrong function of the notebook loses its points."""
    question, answer = WRONG_ANSWERS[number]
    assert LESSON.problems(question, {question: answer}) != []


RIGHT_ANSWERS = [
    ("sigmoid_gradient", lambda x: sigmoid(x) * sigmoid(-x)),
    ("sigmoid_gradient", lambda x: 0.25 / np.cosh(np.clip(x / 2, -300, 300)) ** 2),
    ("leaky_relu_gradient", lambda x, alpha=0.01: (x >= 0) + alpha * (x < 0)),
    (
        "leaky_relu_gradient",
        lambda x, alpha=0.01: np.vectorize(lambda v: 1.0 if v > 0 else alpha)(x),
    ),
    (
        "gelu_gradient",
        lambda x: (
            0.5 * (1 + np.vectorize(math.erf)(x / 2**0.5))
            + x * np.exp(-x * x / 2) / (2 * np.pi) ** 0.5
        ),
    ),
    ("update_ratio", lambda w, g, r: np.linalg.norm(r * g) / np.linalg.norm(w)),
    ("update_ratio", lambda w, g, r: math.sqrt(np.sum((r * g) ** 2) / np.sum(w * w))),
    ("search", make_search()),
    ("search", make_search(logarithms)),
    ("search", search_with_its_own_generator),
]


@pytest.mark.parametrize("number", range(len(RIGHT_ANSWERS)))
def test_right_answer_written_differently_passes(number):
    """Each right way of writing a function of the notebook gets its points."""
    question, answer = RIGHT_ANSWERS[number]
    assert LESSON.problems(question, {question: answer}) == []


def test_diagnoses_exchanged_are_caught():
    """Two diagnoses that changed places are wrong, although each of the words occurs."""
    right = LESSON.namespace()["diagnose"]
    partner = {"A": "B", "B": "A", "C": "C", "D": "D"}
    assert LESSON.problems("diagnose", {"diagnose": right}) == []
    assert LESSON.problems("diagnose", {"diagnose": lambda p: right(partner[p])}) != []


# --------------------------------------------------------------------------- what students receive


def test_stub_compiles_and_says_what_is_missing():
    """Without the solutions, each method says by name that it isn't written yet."""
    names = {}
    exec(strip_solution(SOURCE, "cs231n/classifiers/neural_net.py"), names)
    net = names["TwoLayerNet"](2, 3, 4)
    X, y = np.ones((5, 2)), np.zeros(5, dtype=int)
    for call in (lambda: net.loss(X), lambda: net.loss(X, y)):
        with pytest.raises(NotImplementedError, match=r"TwoLayerNet\.loss"):
            call()
    with pytest.raises(NotImplementedError, match=r"TwoLayerNet\.predict"):
        net.predict(X)
    with pytest.raises(NotImplementedError, match=r"TwoLayerNet\.train"):
        net.train(X, y, X, y)


def test_loss_can_be_checked_before_the_gradients_are_written():
    """With `grads = {}` for the third part, as the lesson advises, loss and predictions pass."""
    begin = SOURCE.index("dscores = np.exp(log_probs)")
    end = SOURCE.index("### END SOLUTION", begin)
    change = (SOURCE[begin:end], "grads = {}\n        ")
    for question in (SCORES, LOSS, PREDICT):
        assert problems(question, change) == []
    assert problems(GRADIENTS, change) != []

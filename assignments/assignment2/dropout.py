# %% [markdown]
# # Dropout
#
# A network with a hundred thousand weights and 500 pictures learns the pictures by heart. It finds
# units that together recognise *this* photograph, by its accidents: the third unit corrects the
# mistakes of the seventh, which counts on the twelfth. On a new picture the conspiracy falls apart.
#
# **Dropout** (Srivastava et al., *Dropout: A Simple Way to Prevent Neural Networks from
# Overfitting*, 2014) makes such conspiracies impossible. In every training step each unit is
# switched off with some probability, by the toss of a coin. No unit can rely on another one being
# there, so each has to learn something that is useful by itself.
#
# | you write | in the file, below `cs231n/` |
# |---|---|
# | `dropout_forward`, `dropout_backward` | `layers.py` |
# | what `FullyConnectedNet` needs to use them | `classifiers/fc_net.py` |
# | answers in words | here |
#
# The functions of the lesson on fully connected nets are needed and should be right. One question
# combines dropout with normalisation; it needs the lesson on batch normalisation too.

# %% tags=["explore"]
# Edit the .py files in the editor you like; with this, the notebook notices when you save one.
# %load_ext autoreload
# %autoreload 2

# %%
import matplotlib.pyplot as plt
import numpy as np
from cs231n.checks import assert_close, probe, relative_error
from cs231n.classifiers.fc_net import FullyConnectedNet
from cs231n.data_utils import get_CIFAR10_data
from cs231n.gradient_check import eval_numerical_gradient_array
from cs231n.layers import dropout_backward, dropout_forward, softmax_loss
from cs231n.solver import Solver

plt.rcParams["figure.figsize"] = (9.0, 4.0)
plt.rcParams["image.interpolation"] = "nearest"

# %% [markdown]
# Here is a small network in three training steps, and in test. What is dropped is drawn in grey,
# with all its connections. Each step trains another, thinner network, but all share their weights.


# %% tags=["explore"]
def draw_thinned(ax, sizes, kept):
    """Draw a network; kept[i][j] says whether unit j of layer i is there."""
    places = [[(x, j - (size - 1) / 2) for j in range(size)] for x, size in enumerate(sizes)]
    for i in range(len(sizes) - 1):
        for start, here in zip(places[i], kept[i], strict=True):
            for end, there in zip(places[i + 1], kept[i + 1], strict=True):
                color, zorder = ("C0", 2) if here and there else ("0.93", 1)
                ax.plot(*zip(start, end, strict=True), color=color, linewidth=0.8, zorder=zorder)
    for layer, flags in zip(places, kept, strict=True):
        for (x, y), flag in zip(layer, flags, strict=True):
            ax.plot(x, y, "o", markersize=11, color="C0" if flag else "0.85", zorder=3)
    ax.axis("off")


rng = np.random.default_rng(4)
sizes, p = [4, 6, 6, 3], 0.5
figure, axes = plt.subplots(1, 4, figsize=(12, 2.8))
for number, ax in enumerate(axes):
    kept = [np.ones(size, bool) for size in sizes]
    if number < 3:
        kept[1], kept[2] = rng.random(6) < p, rng.random(6) < p
    draw_thinned(ax, sizes, kept)
    ax.set_title(f"training step {number + 1}" if number < 3 else "test")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## Forward
#
# Let $p$ be the probability of **keeping** a number. (Some texts and libraries call the probability
# of *dropping* it $p$, PyTorch among them. Always look it up; 0.3 and 0.7 are not the same.)
# In training, each number of the input is kept with probability $p$ and set to 0 otherwise,
# independently of all others: other units for each example, other ones in each step.
#
# But then the next layer gets, on average, only $p$ times what it will get in test mode, when
# everything is there. So what is kept is *divided by p*:
#
# $$\text{out} = \frac{m}{p}\, x, \qquad
#   m = \begin{cases} 1 & \text{with probability } p \\ 0 & \text{with probability } 1 - p
#   \end{cases}, \qquad
#   \mathbb{E}[\text{out}] = p \cdot \frac{x}{p} + (1 - p) \cdot 0 = x.$$
#
# This is called *inverted* dropout: the correction happens in training, so that in test mode there
# is nothing at all to do. The output is the input.
#
# Write **`dropout_forward`**, for both modes. If there is a `seed` in `dropout_param`, the lines
# above yours have set NumPy's random numbers, `np.random`, already.
#
# The check looks at means and at the share of zeros, for three values of $p$.

# %% question="dropout_forward" points=3
np.random.seed(231)
x = np.random.randn(500, 500) + 10
for p in (0.25, 0.4, 0.7):
    out, _ = dropout_forward(x, {"mode": "train", "p": p})
    out_test, _ = dropout_forward(x, {"mode": "test", "p": p})
    print(f"p = {p}: means {x.mean():.4f}, training {out.mean():.4f}, test {out_test.mean():.4f}")
    # Five deviations of what two draws of 250000 numbers differ by.
    assert_close(out.mean(), 10.0, abs_error=0.3)
    assert_close(np.mean(out == 0), 1 - p, abs_error=0.01)
    assert_close(out.max(), x.max() / p, abs_error=2 / p)  # only a part of all numbers is there
    assert_close(out_test, x, abs_error=0)
### BEGIN HIDDEN TESTS
rng = probe.rng()
np.random.seed(int(rng.integers(2**31)))
for p in (0.3, 0.85):
    x = rng.normal(size=(180, 220))
    copy = x.copy()
    out = np.asarray(dropout_forward(x, {"mode": "train", "p": p})[0])
    kept = out != 0
    probe(f"shape, p = {p}", out.shape, exact=True)
    # Two draws of 39600 coins differ by 0.0033 or less (one deviation): this is sixfold.
    probe(f"share that is kept, p = {p}", kept.mean(), abs_error=0.02)
    probe(f"what is kept is divided by p = {p}", np.max(np.abs(out - kept * x / p)), abs_error=1e-9)
    # The deviations of 180 means of rows, and of 220 means of columns, are known to a tenth.
    probe(f"deviation of the rows, p = {p}", kept.mean(axis=1).std(), abs_error=0.016)
    probe(f"deviation of the columns, p = {p}", kept.mean(axis=0).std(), abs_error=0.016)
    probe(f"x unchanged, p = {p}", np.array_equal(x, copy), exact=True)
    again = np.asarray(dropout_forward(x, {"mode": "train", "p": p})[0]) != 0
    probe(
        f"the next call drops others, p = {p}", np.mean(kept & again), abs_error=0.03
    )  # p squared
    seeded = [dropout_forward(x, {"mode": "train", "p": p, "seed": s})[0] for s in (5, 5, 6)]
    probe(f"the same seed, p = {p}", np.array_equal(seeded[0], seeded[1]), exact=True)
    both = np.mean((seeded[0] != 0) & (seeded[2] != 0))
    probe(f"another seed, p = {p}", both, abs_error=0.03)  # as above
    out = dropout_forward(x, {"mode": "test", "p": p})[0]
    probe(f"test mode, p = {p}", np.array_equal(out, x), exact=True)
    out = dropout_forward(x, {"mode": "test", "p": p, "seed": 5})[0]
    probe(f"test mode with a seed, p = {p}", np.array_equal(out, x), exact=True)
    probe(f"x unchanged in test mode, p = {p}", np.array_equal(x, copy), exact=True)
x = 1 + rng.random(size=(30, 40, 35))
out = np.asarray(dropout_forward(x, {"mode": "train", "p": 0.6})[0])
probe("three axes, shape", out.shape, exact=True)
probe("three axes, share that is kept", np.mean(out != 0), abs_error=0.02)  # sixfold
probe("three axes, mean", out.mean() / x.mean(), abs_error=0.035)  # sixfold
for axis in (0, 1, 2):  # 1000 or more means, of 30 to 40 coins each
    spread = np.std((out != 0).mean(axis=axis))
    probe(f"three axes, deviation along axis {axis}", spread, abs_error=0.02)  # eightfold
totals = np.zeros((4, 3))
for _ in range(2000):
    totals += dropout_forward(np.ones((4, 3)), {"mode": "train", "p": 0.5})[0]
probe("mean of 2000 calls, smallest", totals.min() / 2000, abs_error=0.2)  # eight deviations
probe("mean of 2000 calls, largest", totals.max() / 2000, abs_error=0.2)  # the same
x = rng.normal(size=(1, 6))
out = np.asarray(dropout_forward(x, {"mode": "train", "p": 1.0})[0])
probe("nothing is dropped if p is 1", np.max(np.abs(out - x)), abs_error=1e-12)  # rounding
x = (1 + rng.random(size=(90, 50))).astype(np.float32)
out = np.asarray(dropout_forward(x, {"mode": "train", "p": 0.3})[0])
probe("float32", np.max(np.abs(out - (out != 0) * x / 0.3)), abs_error=1e-4)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# What it does to a picture: the tree drowns in noise, yet the mean of the numbers stays about what
# it was. (What is brighter than white is drawn as white.) The same noise never comes twice.

# %% tags=["explore"]
data = get_CIFAR10_data(num_training=500, num_validation=1000, num_test=0)
picture = (data["X_train"][3] + data["mean_image"]).transpose(1, 2, 0) / 255
figure, axes = plt.subplots(1, 5, figsize=(11, 2.5))
for ax, p in zip(axes, (1, 0.9, 0.7, 0.5, 0.25), strict=True):
    out, _ = dropout_forward(picture, {"mode": "train", "p": p})
    ax.imshow(np.minimum(out, 1))
    ax.set_title(f"p = {p}, mean {out.mean():.2f}", fontsize=9)
    ax.axis("off")
figure.tight_layout()
plt.show()

# %% [markdown]
# **Question.** Suppose we forgot the division by $p$ in `dropout_forward`, and left everything else
# as it is. What would happen, and why? Where would it show: in training, in test, or both?

# %% [markdown] written="dropout_without_division" points=2
# ### BEGIN SOLUTION
# In training, the outputs would be p times as large on average as the inputs. In test mode nothing
# is dropped and nothing is scaled, so the next layer would get numbers that are 1/p times as large
# as those it was trained with (four times, for p = 0.25), and with several layers of dropout once
# more in each.
#
# The training itself would hardly notice; the weights grow accordingly. It shows in test: weights
# and biases are tuned to smaller inputs, all weighted sums come out too large compared with the
# biases, and the scores become too extreme. The accuracies measured in test mode, on training and
# validation pictures alike, suffer. (The remedy of the original paper was to multiply by p in test
# mode.)
# ### END SOLUTION

# %% [markdown]
# ## Backward
#
# With the coins tossed, dropout is a multiplication by a fixed array. What was multiplied by 0 has
# no influence on the loss, and what was multiplied by $1/p$ has $1/p$ times as much. It must be the
# *same* coins as in the forward pass, so they are in the cache.
#
# A numeric gradient needs the same coins in each of its evaluations, too. That is what the `seed`
# is for. In real training there is none.
#
# Write **`dropout_backward`**.

# %% question="dropout_backward" points=2
np.random.seed(231)
x, dout = np.random.randn(10, 10) + 10, np.random.randn(10, 10)
dropout_param = {"mode": "train", "p": 0.2, "seed": 123}
dx = dropout_backward(dout, dropout_forward(x, dropout_param)[1])
numeric_dx = eval_numerical_gradient_array(lambda x: dropout_forward(x, dropout_param)[0], x, dout)
assert_close(relative_error(dx, numeric_dx), 0.0, abs_error=1e-8)  # linear: only rounding
assert_close(np.mean(dx == 0), 0.8, abs_error=0.3)  # of 100 coins, five deviations
### BEGIN HIDDEN TESTS
rng = probe.rng()
np.random.seed(int(rng.integers(2**31)))
for p, shape in [(0.3, (60, 70)), (0.8, (20, 15, 12)), (0.5, (1, 900))]:
    x, dout = rng.normal(size=shape), rng.normal(size=shape)
    copy = dout.copy()
    out, cache = dropout_forward(x, {"mode": "train", "p": p})
    dropout_forward(rng.normal(size=shape), {"mode": "train", "p": p})  # another batch in between
    dx = np.asarray(dropout_backward(dout, cache))
    kept = np.asarray(out) != 0
    probe(f"shape, p = {p}", dx.shape, exact=True)
    # The very coins of the forward pass, and the same factor.
    probe(f"error of dx, p = {p}", np.max(np.abs(dx - kept * dout / p)), abs_error=1e-9)  # rounding
    probe(f"share of zeros, p = {p}", np.mean(dx == 0), abs_error=0.15)  # sixfold and more
    probe(f"dout unchanged, p = {p}", np.array_equal(dout, copy), exact=True)
x = np.maximum(rng.normal(size=(50, 40)), 0)  # as behind a ReLU: half of it is 0 anyway
dout = rng.normal(size=(50, 40))
dx = np.asarray(dropout_backward(dout, dropout_forward(x, {"mode": "train", "p": 0.7})[1]))
probe("zeros in x don't stop the gradient", np.mean(dx == 0), abs_error=0.1)  # sevenfold
cache = dropout_forward(x, {"mode": "test", "p": 0.3})[1]
probe(
    "test mode", np.max(np.abs(dropout_backward(dout, cache) - dout)), abs_error=1e-12
)  # identity
x, dout = (rng.normal(size=(30, 20)).astype(np.float32) for _ in range(2))
out, cache = dropout_forward(x, {"mode": "train", "p": 0.3})
error = np.max(np.abs(dropout_backward(dout, cache) - (out != 0) * dout / 0.3))
probe("float32", error, abs_error=1e-4)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ## Inside a network
#
# In `FullyConnectedNet`, dropout comes behind each activation:
#
# {affine - [norm] - ReLU - dropout} x (L - 1) - affine - softmax
#
# - Only behind hidden layers. The *scores* are not dropped: the loss needs all of them.
# - If `dropout` is 1, `self.use_dropout` is false, and there is no dropout at all.
# - All layers share `self.dropout_param`, whose mode is set already: training if there are labels,
#   test if not.
#
# Write it into **`FullyConnectedNet.loss`**, forward and backward.
#
# The check compares gradients with numeric ones again, in another way that is worth knowing. To
# move all numbers of a parameter one by one takes thousands of evaluations. So they are moved *all
# at once*, each by a random amount; the change of the loss must be the sum of gradient times
# amount. Three such directions are tried, and the middle one of the three errors counts.


# %%
def give_parameters(model, sizes, rng, normalized=False, scale=0.4):
    """Set the parameters of a network with layers of these sizes to random numbers."""
    for i in range(1, len(sizes)):
        arrays = {
            f"W{i}": rng.normal(size=sizes[i - 1 : i + 1]),
            f"b{i}": rng.normal(size=sizes[i]),
        }
        if normalized and i < len(sizes) - 1:
            arrays[f"gamma{i}"] = 2 + rng.normal(size=sizes[i])
            arrays[f"beta{i}"] = rng.normal(size=sizes[i])
        for name, array in arrays.items():
            model.params[name] = (scale * array).astype(model.dtype)


def slope_error(model, name, X, y, h=1e-6):
    """Compare the gradient of a parameter with the slope of the loss in random directions.

    Returns the median of three errors, as shares of what one may expect the slope to be.
    """
    rng, w = np.random.default_rng(0), model.params[name]
    grad, errors = model.loss(X, y)[1][name], []
    for _ in range(3):
        direction = rng.normal(size=w.shape)
        model.params[name] = w + h * direction
        above = model.loss(X, y)[0]
        model.params[name] = w - h * direction
        below = model.loss(X, y)[0]
        slope = (above - below) / (2 * h)
        errors.append(abs(np.sum(grad * direction) - slope) / (np.linalg.norm(grad) + 1e-9))
    model.params[name] = w
    return float(np.median(errors))


# %% question="FullyConnectedNet_dropout" points=4
np.random.seed(231)
N, D, H1, H2, C = 2, 15, 20, 30, 10
X, y = np.random.randn(N, D), np.random.randint(C, size=N)
for p in (1, 0.75, 0.5):
    model = FullyConnectedNet(
        [H1, H2],
        input_dim=D,
        num_classes=C,
        weight_scale=5e-2,
        dtype=np.float64,
        dropout=p,
        seed=123,
    )
    loss, grads = model.loss(X, y)
    print(f"initial loss with dropout={p}: {loss:.3f}")
    assert_close(loss, 2.3, abs_error=0.2)  # log 10, up to the random weights
    give_parameters(model, [D, H1, H2, C], np.random.default_rng(231))
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        assert_close(slope_error(model, name, X, y), 0.0, abs_error=1e-5)  # rounding of the loss
### BEGIN HIDDEN TESTS
rng = probe.rng()
np.random.seed(int(rng.integers(2**31)))


def read_network(model, x, label):
    """Read off all layers' inputs from the gradients of one example: dW is input times db."""
    loss, grads = model.loss(x, label)
    inputs, errors = [], []
    for i in range(1, model.num_layers + 1):
        dW, db = np.asarray(grads[f"W{i}"]), np.asarray(grads[f"b{i}"])
        strongest = np.argmax(np.abs(db))
        inputs.append(dW[:, strongest] / db[strongest])
        errors.append(np.max(np.abs(dW - np.outer(inputs[-1], db))))
    return loss, grads, inputs, np.max(errors)


for hidden_dims, C, p in [([300], 4, 0.3), ([120, 150], 3, 0.6), ([90, 110, 80, 100], 5, 0.8)]:
    sizes, depth = [30, *hidden_dims, C], len(hidden_dims) + 1
    model = FullyConnectedNet(hidden_dims, 30, C, dropout=p, dtype=np.float64)
    give_parameters(model, sizes, rng, scale=0.15)
    params = model.params
    copies = {name: w.copy() for name, w in params.items()}
    x, label = rng.normal(size=(1, 5, 6)), rng.integers(C, size=1)
    picture = x.copy()
    loss, grads, inputs, error = read_network(model, x, label)
    name = f"{depth} layers, p = {p}"
    probe(f"dW is input times db, {name}", error, abs_error=1e-8)  # rounding
    probe(f"the picture isn't dropped, {name}", inputs[0], rel_error=1e-8)  # rounding
    masks, worst = [], 0.0
    for i in range(1, depth):
        z = np.maximum(inputs[i - 1] @ params[f"W{i}"] + params[f"b{i}"], 0)
        masks.append((inputs[i] > 0.5 * z / p) / p)
        worst = max(worst, np.max(np.abs(inputs[i] - masks[-1] * z)))
    probe(
        f"behind each ReLU a unit is 0 or divided by p, {name}", worst, abs_error=1e-8
    )  # rounding
    if depth == 2:  # about half of 300 units are alive: two draws differ by 0.054, one deviation
        probe(f"share that is kept, {name}", np.mean(masks[0][z > 0] > 0), abs_error=0.33)
    scores = (inputs[-1] @ params[f"W{depth}"] + params[f"b{depth}"])[None]
    expected_loss, dscores = softmax_loss(scores, label)
    probe(f"loss of undropped scores, {name}", loss - expected_loss, abs_error=1e-7)  # any softmax
    worst, d = 0.0, dscores[0]
    for i in range(depth, 0, -1):  # the way back, with the coins that were read off
        worst = max(worst, np.max(np.abs(grads[f"b{i}"] - d)))
        if i > 1:
            d = (d @ params[f"W{i}"].T) * (inputs[i - 1] > 0) * masks[i - 2]
    probe(f"the gradient meets the same coins, {name}", worst, abs_error=1e-7)  # any softmax
    probe(f"scores in test mode, {name}", model.loss(x), rel_error=1e-9)  # nothing random
    losses = [model.loss(x, label)[0] for _ in range(6)]
    probe(f"every step drops others, {name}", len(np.unique(losses)) > 1, exact=True)
    same = all(np.array_equal(params[key], copy) for key, copy in copies.items())
    probe(f"X and parameters unchanged, {name}", same and np.array_equal(x, picture), exact=True)
kept = []
for _ in range(60):
    x = rng.normal(size=(1, 30))
    model = FullyConnectedNet([100], 30, 4, dropout=0.3, dtype=np.float64)
    give_parameters(model, [30, 100, 4], rng, scale=0.15)
    model.params["b1"] = np.full(100, 9.0)  # no unit is dead
    kept.append(np.mean(read_network(model, x, np.array([1]))[2][1] > 1e-3))
probe("share that is kept by 60 networks", np.mean(kept), abs_error=0.05)  # 6000 coins: sixfold
for dropout, reg, hidden_dims in [(1, 0.6, [8, 6]), (0.6, 0.6, [40, 30]), (0.5, 0.0, [25, 30, 35])]:
    model = FullyConnectedNet(
        hidden_dims, 12, 5, dropout=dropout, reg=reg, dtype=np.float64, seed=int(rng.integers(999))
    )
    give_parameters(model, [12, *hidden_dims, 5], rng, scale=0.3)
    X, y = rng.normal(size=(7, 3, 4)), rng.integers(5, size=7)
    name = f"dropout {dropout}, reg {reg}"
    again = [model.loss(X, y)[0] for _ in range(2)]
    probe(f"the same loss again with a seed, {name}", again[0] - again[1], abs_error=1e-12)
    for key in sorted(model.params):
        probe(f"error of {key}, {name}", slope_error(model, key, X, y), abs_error=1e-4)  # rounding
    probe(f"scores in test mode, {name}", model.loss(X), rel_error=1e-9)  # nothing random
    if dropout == 1:
        probe("loss without dropout", model.loss(X, y)[0], rel_error=1e-7)  # softmax in any form
### END HIDDEN TESTS

# %% [markdown]
# ## Together with normalisation
#
# Both can be used in one network. The order matters: {affine - norm - ReLU - dropout}. If the
# numbers were dropped *before* the normalisation, its mean and variance would be those of thinned
# numbers in training and of all numbers in test. If your `loss` follows the line above, there is
# nothing left to write.

# %% question="dropout_and_normalization" points=1
np.random.seed(231)
X, y = np.random.randn(6, 15), np.random.randint(10, size=6)
for normalization in ("batchnorm", "layernorm"):
    model = FullyConnectedNet(
        [20, 30], 15, 10, dropout=0.6, normalization=normalization, dtype=np.float64, seed=123
    )
    give_parameters(model, [15, 20, 30, 10], np.random.default_rng(231), normalized=True)
    for name in ("W1", "gamma1", "beta1", "W2", "gamma2", "beta2", "W3", "b3"):
        assert_close(slope_error(model, name, X, y), 0.0, abs_error=1e-5)  # rounding of the loss
### BEGIN HIDDEN TESTS
rng = probe.rng()
np.random.seed(int(rng.integers(2**31)))
for normalization in ("batchnorm", "layernorm"):
    model = FullyConnectedNet(
        [40, 50], 12, 5, dropout=0.5, normalization=normalization, dtype=np.float64, reg=0.3, seed=7
    )
    give_parameters(model, [12, 40, 50, 5], rng, normalized=True)
    X, y = rng.normal(size=(7, 3, 4)), rng.integers(5, size=7)
    for name in ("W1", "gamma1", "beta1", "W2", "gamma2", "beta2", "W3", "b3"):
        error = slope_error(model, name, X, y)
        probe(f"error of {name}, {normalization}", error, abs_error=1e-4)  # rounding of the loss
# One hidden layer: the averages that it remembers don't depend on the coins behind it.
model = FullyConnectedNet([40], 12, 5, dropout=0.3, normalization="batchnorm", dtype=np.float64)
give_parameters(model, [12, 40, 5], rng, normalized=True)
for N in (6, 3):
    model.loss(2 * rng.normal(size=(N, 12)) + 1, rng.integers(5, size=N))
probe("scores after two steps", model.loss(rng.normal(size=(4, 12))), rel_error=1e-7)  # rounding
# Layer normalisation of one example: what its units are, and what became of them.
model = FullyConnectedNet([400], 12, 5, dropout=0.3, normalization="layernorm", dtype=np.float64)
give_parameters(model, [12, 400, 5], rng, normalized=True)
x, params = rng.normal(size=(1, 12)), model.params
grads = model.loss(x, np.array([2]))[1]
units = np.asarray(grads["W2"])[:, 2] / np.asarray(grads["b2"])[2]
z = x[0] @ params["W1"] + params["b1"]
z = params["gamma1"] * (z - z.mean()) / np.sqrt(z.var() + 1e-5) + params["beta1"]
alive = z > 1e-3
factor = units[alive] / z[alive]
kept = factor > 1
probe(
    "units are 0 or divided by p", np.max(np.abs(factor - kept / 0.3)), abs_error=1e-7
)  # rounding
probe("share that is kept", np.mean(kept), abs_error=0.33)  # six deviations, half of 400 coins
### END HIDDEN TESTS

# %% [markdown]
# ## A cure for learning by heart
#
# Now to what it is good for. Two networks with one hidden layer of 500 units, 500 pictures, 25
# epochs. One of them keeps everything; the other keeps a quarter in each step.

# %% tags=["explore"]
solvers = {}
for p in (1, 0.25):
    np.random.seed(0)
    model = FullyConnectedNet([500], dropout=p)
    solvers[p] = Solver(
        model,
        data,
        update_rule="adam",
        optim_config={"learning_rate": 5e-4},
        num_epochs=25,
        batch_size=100,
        verbose=False,
    )
    solvers[p].train()

figure, axes = plt.subplots(1, 3, figsize=(12, 3.4))
for p, solver in solvers.items():
    axes[0].plot(
        np.linspace(0, 25, len(solver.loss_history)), solver.loss_history, label=f"keep {p}"
    )
    axes[1].plot(solver.train_acc_history, "-o", markersize=3)
    axes[2].plot(solver.val_acc_history, "-o", markersize=3)
titles = ["training loss", "training accuracy", "validation accuracy"]
for ax, title in zip(axes, titles, strict=True):
    ax.set(title=title, xlabel="epoch")
axes[0].set_yscale("symlog", linthresh=1)
axes[0].legend()
figure.tight_layout()
plt.show()
for p, solver in solvers.items():
    train, val = max(solver.train_acc_history), max(solver.val_acc_history)
    print(f"keep {p}: training {train:.1%}, validation {val:.1%} at best")

# %% [markdown]
# One training of each proves little. Here are several values of $p$, with three different starts
# each. **A minute or two.**

# %% tags=["explore"]
choices, results = (0.02, 0.1, 0.25, 0.5, 1), []
for p in choices:
    for seed in range(3):
        np.random.seed(seed)
        solver = Solver(
            FullyConnectedNet([500], dropout=p),
            data,
            update_rule="adam",
            optim_config={"learning_rate": 5e-4},
            num_epochs=25,
            verbose=False,
        )
        solver.train()
        ends = [np.mean(h[-5:]) for h in (solver.train_acc_history, solver.val_acc_history)]
        results.append((p, *ends))
results = np.array(results)
figure, axes = plt.subplots(1, 2, figsize=(9, 3))
for column, title in [(1, "training"), (2, "validation")]:
    ax = axes[column - 1]
    ax.semilogx(results[:, 0], results[:, column], ".", color="C0")
    ax.semilogx(choices, [results[results[:, 0] == p, column].mean() for p in choices], color="C0")
    ax.set(title=f"{title} accuracy, last five epochs", xlabel="probability of keeping, p")
    ax.set_xticks(choices, labels=choices, minor=False)
    ax.set_xticks([], minor=True)
figure.tight_layout()
plt.show()

# %% [markdown]
# **Question.** Compare the curves for training and for validation, with and without dropout. What
# do they tell about dropout as a regulariser?

# %% [markdown] written="dropout_curves" points=2
# ### BEGIN SOLUTION
# Without dropout, the network soon has nearly all 500 pictures right, while the validation accuracy
# stops rising after a few epochs: it learns by heart, and the gap between the curves is wide. With
# a keep probability of 0.25 the training accuracy rises more slowly and the training loss stays
# much higher and jumps about, since another thinned network is trained in each step. The validation
# accuracy ends a few points higher nevertheless: the gap is narrower from both sides.
#
# So dropout regularises: it makes it harder to fit accidents of the training set, and what is
# learnt instead carries over to new pictures somewhat better. The smaller p, the lower the training
# accuracy. The validation accuracy has a maximum in between (here near 0.1): if nearly everything
# is dropped too little gets through, and the network underfits.
# ### END SOLUTION

# %% [markdown]
# **Question.** You have trained a network with hidden layers of 500 units, with dropout, and are
# content. Now the hidden layers have to become smaller, for the sake of speed. How should the
# probability of keeping be changed, if at all?

# %% [markdown] written="dropout_smaller_layers" points=2
# ### BEGIN SOLUTION
# It should be raised. In each step p times the number of units are there; of a layer of 500 with p
# = 0.5 these are 250. If the layer shrinks to 100 units and p stays, only 50 of them work at a
# time, and the thinned networks may be too small to learn the task: they underfit. Moreover a
# smaller network has less capacity to learn by heart, so it needs less regularisation in the first
# place. As a first try, one can keep the number of units that are there in each step, p times n, as
# it was (if that leaves p below 1, and else use no dropout), and then search around that value on
# the validation set.
# ### END SOLUTION

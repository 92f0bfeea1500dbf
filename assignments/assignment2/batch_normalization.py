# %% [markdown]
# # Batch normalisation
#
# A deep network is a long chain, and a chain is delicate. If each layer makes the numbers a little
# smaller, nothing is left of them after ten layers; if each makes them a little larger, they
# explode. How the weights are drawn at the start decides between the two, and while the network
# learns, the weights change and all is open again.
#
# In this lesson you see that happen, and learn three remedies:
#
# 1. **A good start**: weights of the right size.
# 2. **Batch normalisation**: a layer that brings the numbers back to a mean of 0 and a deviation
#    of 1, again and again, during the whole training.
# 3. **Layer normalisation**: its sister, which doesn't need a batch.
#
# | you write | in the file, below `cs231n/` |
# |---|---|
# | `batchnorm_forward`, `batchnorm_backward`, `batchnorm_backward_alt` | `layers.py` |
# | `layernorm_forward`, `layernorm_backward` | `layers.py` |
# | what `FullyConnectedNet` needs to use them | `classifiers/fc_net.py` |
# | one small function, answers in words | here |
#
# The functions of the lesson on fully connected nets are needed and should be right.

# %% tags=["explore"]
# Edit the .py files in the editor you like; with this, the notebook notices when you save one.
# %load_ext autoreload
# %autoreload 2

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from cs231n.checks import assert_close, probe
from cs231n.classifiers.fc_net import FullyConnectedNet
from cs231n.data_utils import get_CIFAR10_data
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.layers import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)
from cs231n.solver import Solver
from cs231n.vis_utils import draw_graph

plt.rcParams["figure.figsize"] = (9.0, 4.0)
plt.rcParams["image.interpolation"] = "nearest"

# %% [markdown]
# ## The start of a deep network
#
# Take a unit with $D$ inputs. If the inputs are independent with mean 0 and variance $v$, and its
# weights are drawn with mean 0 and variance $s^2$, then its output is a sum of $D$ independent
# products, and variances of independent things add up:
#
# $$\operatorname{var}(\text{out}) = D \, s^2 \, v.$$
#
# So each layer multiplies the variance by $D s^2$. With ten layers that factor is taken ten times.
# The only weights that neither shrink nor blow up the numbers are those with $s = \sqrt{1/D}$.
# This is **Xavier** initialisation (Glorot and Bengio, *Understanding the difficulty of training
# deep feedforward neural networks*, 2010; the paper takes the mean of the numbers of inputs and
# outputs for $D$, we take the inputs).
#
# A ReLU changes the sum. It cuts off the negative half of its inputs, and with it half of the mean
# square that the next layer works with. To make up for that, the variance has to be twice as large:
# $s = \sqrt{2/D}$, called **He** or MSRA initialisation (He et al., *Delving Deep into Rectifiers*,
# 2015, section 2.2).
#
# Write **`initial_weights`**. It draws Gaussian random numbers with mean 0 and the deviation
#
# | kind | deviation |
# |---|---|
# | `"small"` | 0.01 |
# | `"large"` | 1 |
# | `"xavier"` | $\sqrt{1/D}$ |
# | `"he"` | $\sqrt{2/D}$ |


# %% answer="initial_weights_code"
def initial_weights(kind, fan_in, fan_out, rng):
    """Draw the weights that a fully connected layer starts with.

    Inputs:
    - kind: "small", "large", "xavier" or "he"; see the table above.
    - fan_in: How many inputs the layer has, D.
    - fan_out: How many outputs it has, M.
    - rng: A np.random.Generator; the only source of chance to use.

    Returns:
    - w: Array of shape (D, M) of Gaussian random numbers.
    """
    ### BEGIN SOLUTION
    deviations = {"small": 0.01, "large": 1.0, "xavier": fan_in**-0.5, "he": (2 / fan_in) ** 0.5}
    return deviations[kind] * rng.normal(size=(fan_in, fan_out))
    ### END SOLUTION


# %% question="initial_weights" points=2
rng = np.random.default_rng(231)
for kind, deviation in [("small", 0.01), ("large", 1.0), ("xavier", 0.1), ("he", 0.02**0.5)]:
    w = initial_weights(kind, 100, 50, rng)
    assert_close(w.shape, (100, 50))
    assert_close(w.std() / deviation, 1.0, abs_error=0.08)  # seven deviations, for 5000 numbers
    assert_close(w.mean() / deviation, 0.0, abs_error=0.1)  # seven deviations
### BEGIN HIDDEN TESTS
seed = int(probe.rng().integers(2**31))
rng = np.random.default_rng(seed)
for fan_in, fan_out in [(30, 400), (250, 60)]:
    for kind in ("small", "large", "xavier", "he"):
        name = f"{kind}, {fan_in} inputs and {fan_out} outputs"
        w = np.asarray(initial_weights(kind, fan_in, fan_out, rng))
        probe(f"shape, {name}", w.shape, exact=True)
        # Two draws of 12000 numbers differ by a hundredth of their deviation, so this is eightfold.
        probe(f"logarithm of the deviation, {name}", np.log(w.std()), abs_error=0.08)
        probe(f"mean in deviations, {name}", w.mean() / w.std(), abs_error=0.1)  # sevenfold
        beyond = np.mean(np.abs(w - w.mean()) > 2 * w.std())
        probe(f"share beyond two deviations, {name}", beyond, abs_error=0.018)  # sevenfold
        # Of 400 columns or 250 rows, by what the medians of two draws may differ.
        spread = np.median(w.std(axis=0)) / w.std(), np.median(w.std(axis=1)) / w.std()
        probe(f"deviation within columns and rows, {name}", spread, abs_error=0.1)
probe(
    "the next call draws anew", bool(np.any(initial_weights("he", 250, 60, rng) != w)), exact=True
)
same = initial_weights("he", 7, 5, np.random.default_rng(seed))
again = initial_weights("he", 7, 5, np.random.default_rng(seed))
probe("all chance comes from rng", np.array_equal(same, again), exact=True)
### END HIDDEN TESTS

# %% [markdown]
# Now follow 500 random inputs through ten layers of 200 units each, and look at the numbers after
# each layer. One row for each kind of weights; above with tanh, which squeezes everything into
# the range from -1 to 1, below with ReLU. Guess before you look: which rows die out, which get
# stuck at the ends, which stay alive?


# %% tags=["explore"]
def unchanged(x):
    return x


def relu(x):
    return np.maximum(x, 0)


def run_stack(kind, activation, normalize=unchanged):
    """Push 500 random inputs through ten layers of 200 units and return the outputs of each."""
    rng = np.random.default_rng(0)
    out, outputs = rng.normal(size=(500, 200)), []
    for _ in range(10):
        out = activation(normalize(out @ initial_weights(kind, 200, 200, rng)))
        outputs.append(out)
    return outputs


def draw_stack(activation, title, limit):
    """Draw histograms of the outputs of every other layer, one row for each kind of weights."""
    kinds = ["small", "large", "xavier", "he"]
    figure, axes = plt.subplots(4, 5, figsize=(11, 5.6), sharex=True)
    for row, kind in enumerate(kinds):
        outputs = run_stack(kind, activation)
        for column, layer in enumerate((1, 2, 4, 7, 10)):
            ax, values = axes[row, column], outputs[layer - 1]
            ax.hist(values.ravel(), bins=np.linspace(*limit, 41), color=f"C{row}")
            ax.set_title(f"layer {layer}: deviation {values.std():.1g}", fontsize=8)
            ax.set_yticks([])
        axes[row, 0].set_ylabel(kind)
    figure.suptitle(title)
    figure.tight_layout()
    plt.show()


draw_stack(np.tanh, "tanh", (-1.05, 1.05))
draw_stack(relu, "ReLU (what lies beyond 4 isn't shown)", (-0.1, 4))

# %% [markdown]
# - **small**: every layer divides by a factor. Soon all outputs are 0, whatever went in. And since
#   the gradient of a weight is a product with the layer's input, it is 0 too: nothing learns.
# - **large**: with tanh all outputs are at -1 or 1, where tanh is flat and lets no gradient pass.
#   With ReLU the numbers explode.
# - **Xavier** suits tanh. With ReLU it still loses a factor of $\sqrt2$ in each layer.
# - **He** suits ReLU.
#
# The same on one picture, as deviations by depth:

# %% tags=["explore"]
figure, axes = plt.subplots(1, 2, figsize=(10, 3.2), sharey=True)
for ax, (title, activation) in zip(axes, [("tanh", np.tanh), ("ReLU", relu)], strict=True):
    for kind in ("small", "large", "xavier", "he"):
        outputs = run_stack(kind, activation)
        ax.semilogy(range(1, 11), [values.std() for values in outputs], "-o", label=kind)
    ax.set(title=title, xlabel="layer", ylim=(1e-11, 1e12))
axes[0].set_ylabel("deviation of the outputs")
axes[1].legend(fontsize=8)
figure.tight_layout()
plt.show()

# %% [markdown]
# ## Normalise again and again
#
# A good start doesn't last: with every step the weights move, and the inputs of the later layers
# with them. In 2015 Ioffe and Szegedy proposed something that sounds almost too simple. If you
# want numbers with mean 0 and deviation 1, *make* them so, inside the network, between the affine
# layer and the activation.
#
# Mean and variance are taken for **each feature over the batch**. With a batch $x$ of shape (N, D),
# for each of the D columns by itself:
#
# $$\mu = \frac1N \sum_i x_i, \qquad
#   v = \frac1N \sum_i (x_i - \mu)^2, \qquad
#   \sigma = \sqrt{v + \epsilon}, \qquad
#   \hat x_i = \frac{x_i - \mu}{\sigma}, \qquad
#   \text{out}_i = \gamma \hat x_i + \beta.$$
#
# - $\epsilon$ is a small number that prevents a division by 0 where a feature is constant. It
#   stands *inside* the root.
# - The variance is the plain (*biased*) one: divided by N, not by N - 1.
# - $\gamma$ and $\beta$, one number of each for every feature, are learnt like weights. With them
#   the network can have any mean and deviation that it finds useful; it can even undo the
#   normalisation.
#
# (Ioffe and Szegedy, *Batch Normalization: Accelerating Deep Network Training by Reducing Internal
# Covariate Shift*, 2015, algorithm 1.)

# %% tags=["explore"]
rng = np.random.default_rng(0)
cloud = rng.normal(size=(300, 2)) @ np.array([[3.0, 0.5], [0.0, 0.6]]) + [8.0, 3.0]
x_hat = (cloud - cloud.mean(axis=0)) / cloud.std(axis=0)
stages = [
    ("x", cloud),
    ("x minus mean", cloud - cloud.mean(axis=0)),
    ("... divided by deviation", x_hat),
    ("... times gamma, plus beta", x_hat * [2.0, 0.7] + [-3.0, 5.0]),
]
figure, axes = plt.subplots(1, 4, figsize=(12, 3.2), sharex=True, sharey=True)
for ax, (title, points) in zip(axes, stages, strict=True):
    ax.axhline(0, color="0.8")
    ax.axvline(0, color="0.8")
    ax.plot(*points.T, ".", markersize=3)
    ax.set(title=title, xlabel="feature 1", aspect="equal")
axes[0].set_ylabel("feature 2")
figure.tight_layout()
plt.show()

# %% [markdown]
# Open `cs231n/layers.py`, and write the part of **`batchnorm_forward`** for training. (You can
# leave the running averages for the next section, or do them at once.) Keep in the cache what you
# think the backward pass will need; you can come back and change that.
#
# The check first takes what a layer of a network might output, and looks at its mean and deviation
# before and after. Then there is an example for your head: the numbers 0 and 2 have mean 1 and
# variance 1. With $\epsilon = 3$ that makes $\sigma = 2$.

# %% question="batchnorm_forward" points=3
np.random.seed(231)
N, D1, D2, D3 = 200, 50, 60, 3
X, W1, W2 = np.random.randn(N, D1), np.random.randn(D1, D2), np.random.randn(D2, D3)
a = np.maximum(0, X @ W1) @ W2
print("before, means:", a.mean(axis=0), " deviations:", a.std(axis=0))
out, _ = batchnorm_forward(a, np.ones(D3), np.zeros(D3), {"mode": "train"})
assert_close(out.mean(axis=0), np.zeros(D3), abs_error=1e-10)  # rounding
assert_close(out.std(axis=0), np.ones(D3), abs_error=1e-7)  # eps makes it a little less than 1
gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([11.0, 12.0, 13.0])
out, _ = batchnorm_forward(a, gamma, beta, {"mode": "train"})
assert_close(out.mean(axis=0), beta, abs_error=1e-10)  # rounding
assert_close(out.std(axis=0), gamma, abs_error=1e-7)  # eps again

x, gamma, beta = np.array([[0.0], [2.0]]), np.array([4.0]), np.array([10.0])
out, _ = batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 3.0})
assert_close(out, np.array([[8.0], [12.0]]), rel_error=1e-12)  # a few roundings
### BEGIN HIDDEN TESTS
rng = probe.rng()
for N, D, scale, eps in [(4, 7, 1.0, None), (6, 3, 2.0, 1.7), (2, 5, 1.0, 0.6), (5, 1, 30.0, 40.0)]:
    x, gamma, beta = scale * rng.normal(size=(N, D)) + 3, rng.normal(size=D), rng.normal(size=D)
    before = x.copy(), gamma.copy(), beta.copy()
    bn_param = {"mode": "train"} if eps is None else {"mode": "train", "eps": eps}
    name = f"{N} examples, {D} features, eps {eps}"
    out, _ = batchnorm_forward(x, gamma, beta, bn_param)
    probe(f"out, {name}", out, rel_error=1e-8)  # the variance in any form
    same = all(np.array_equal(a, b) for a, b in zip((x, gamma, beta), before, strict=True))
    probe(f"inputs unchanged, {name}", same, exact=True)
gamma, beta = rng.normal(size=4), rng.normal(size=4)
out, _ = batchnorm_forward(rng.normal(size=(1, 4)), gamma, beta, {"mode": "train", "eps": 0.3})
probe("a batch of one", out, rel_error=1e-8)  # beta
x = rng.normal(size=(5, 4)) * [1.0, 0.0, 1e-3, 1e3] + 2  # one feature is constant
out, _ = batchnorm_forward(x, gamma, beta, {"mode": "train"})
probe("features of all sizes, one constant", out, rel_error=1e-7)  # eps counts in two of them
x, gamma, beta = (rng.normal(size=shape).astype(np.float32) for shape in [(9, 4), (4,), (4,)])
out, _ = batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1})
probe("numbers in float32", out, rel_error=1e-4)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ## In test mode
#
# When the trained network is used, we want its answer for *one* picture, and it shouldn't depend
# on which other pictures happen to be in the batch. So while training, the layer keeps running
# averages of what it sees:
#
# $$\texttt{running\_mean} \leftarrow m \cdot \texttt{running\_mean} + (1 - m)\,\mu, \qquad
#   \texttt{running\_var} \leftarrow m \cdot \texttt{running\_var} + (1 - m)\,v.$$
#
# $m$ is `momentum`, 0.9 if nothing else is said: nine tenths of the old value stay. (Beware: in
# PyTorch the word means the other share.) It is the variance $v$ that is averaged, without
# $\epsilon$. In test mode they take the place of $\mu$ and $v$, and stay as they are.
#
# `bn_param` is the layer's memory: what is left in this dictionary is there in the next call. The
# lines that fetch the averages from it and put them back are written already.
#
# Write the rest of **`batchnorm_forward`**. In the check, 50 batches are seen in training. Then
# mean and deviation of a test batch must be *near* 0 and 1: they aren't its own.

# %% question="batchnorm_forward_test" points=3
np.random.seed(231)
N, D1, D2, D3 = 200, 50, 60, 3
W1, W2 = np.random.randn(D1, D2), np.random.randn(D2, D3)
bn_param = {"mode": "train"}
for _ in range(50):
    a = np.maximum(0, np.random.randn(N, D1) @ W1) @ W2
    batchnorm_forward(a, np.ones(D3), np.zeros(D3), bn_param)
bn_param["mode"] = "test"
a = np.maximum(0, np.random.randn(N, D1) @ W1) @ W2
out, _ = batchnorm_forward(a, np.ones(D3), np.zeros(D3), bn_param)
print("means:", out.mean(axis=0), " deviations:", out.std(axis=0))
assert_close(out.mean(axis=0), np.zeros(D3), abs_error=0.2)  # means of 200 numbers differ by 0.07
assert_close(out.std(axis=0), np.ones(D3), abs_error=0.2)  # deviations by 0.05

x, gamma, beta = np.array([[0.0], [2.0]]), np.array([4.0]), np.array([10.0])
bn_param = {"mode": "train", "momentum": 0.75, "eps": 3.0}
batchnorm_forward(x, gamma, beta, bn_param)  # mean 1 and variance 1; a quarter of either is new
assert_close(bn_param["running_mean"], np.array([0.25]), rel_error=1e-12)  # a few roundings
assert_close(bn_param["running_var"], np.array([0.25]), rel_error=1e-12)  # the same
bn_param.update(mode="test", eps=0.75)
out, _ = batchnorm_forward(x, gamma, beta, bn_param)
assert_close(out, np.array([[9.0], [17.0]]), rel_error=1e-12)  # 10 + 4 * (x - 0.25) / 1
### BEGIN HIDDEN TESTS
rng = probe.rng()
gamma, beta, other_gamma = rng.normal(size=4), rng.normal(size=4), rng.normal(size=6)
bn_param = {"mode": "train", "momentum": 0.6, "eps": 0.7}
other = {"mode": "train"}
for step, N in enumerate((5, 2, 8), start=1):  # two layers by turns: neither may disturb the other
    batchnorm_forward(2 * rng.normal(size=(N, 4)) + 1, gamma, beta, bn_param)
    batchnorm_forward(3 * rng.normal(size=(3, 6)) - 2, other_gamma, np.zeros(6), other)
    probe(f"running mean, step {step}", bn_param["running_mean"], rel_error=1e-9)  # rounding
    probe(f"running variance, step {step}", bn_param["running_var"], rel_error=1e-8)  # in any form
    probe(f"running mean, step {step}, default momentum", other["running_mean"], rel_error=1e-9)
    probe(f"running variance, step {step}, default momentum", other["running_var"], rel_error=1e-8)
bn_param["mode"] = other["mode"] = "test"
x = 5 * rng.normal(size=(7, 4)) - 3  # nothing like the batches above
copies = x.copy(), gamma.copy(), beta.copy()
out, _ = batchnorm_forward(x, gamma, beta, bn_param)
probe("test mode", out, rel_error=1e-8)  # the variance in any form
same = all(np.array_equal(a, b) for a, b in zip((x, gamma, beta), copies, strict=True))
probe("inputs unchanged", same, exact=True)
out, _ = batchnorm_forward(x[2:3], gamma, beta, bn_param)
probe("test mode, a batch of one", out, rel_error=1e-8)  # the same
probe("running mean after test mode", bn_param["running_mean"], rel_error=1e-9)  # rounding
probe("running variance after test mode", bn_param["running_var"], rel_error=1e-8)  # in any form
out, _ = batchnorm_forward(rng.normal(size=(2, 6)), other_gamma, np.ones(6), other)
probe("test mode with the default eps", out, rel_error=1e-8)  # the same
bn_param["mode"] = "train"
batchnorm_forward(rng.normal(size=(3, 4)), gamma, beta, bn_param)
probe("running mean, trained again", bn_param["running_mean"], rel_error=1e-9)  # rounding
given = {"mode": "test", "eps": 0.2}
given.update(running_mean=rng.normal(size=3), running_var=rng.uniform(1, 2, size=3))
out, _ = batchnorm_forward(rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=3), given)
probe("test mode with averages from elsewhere", out, rel_error=1e-10)  # a few roundings
fresh = {"mode": "test", "eps": 0.5}
out, _ = batchnorm_forward(rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=3), fresh)
probe("test mode before any training", out, rel_error=1e-10)  # mean 0, variance 0
x, gamma, beta = (rng.normal(size=shape).astype(np.float32) for shape in [(6, 4), (4,), (4,)])
bn_param = {"mode": "train", "eps": 0.1}
batchnorm_forward(x, gamma, beta, bn_param)
bn_param["mode"] = "test"
out, _ = batchnorm_forward(x, gamma, beta, bn_param)
probe("test mode in float32", out, rel_error=1e-4)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ## Backward along the graph
#
# A mean and a variance couple all examples of a batch: if one $x_i$ changes, all outputs change.
# To get the gradient right, draw the computation as a graph of small steps, and walk it backwards.
# Along each arrow a value flows forward (black), and the gradient of the loss with respect to it
# flows back (red).

# %% tags=["explore"]
nodes = {
    "x": (0, 1), "mean": (1.2, 0), "subtract": (2.4, 1), "mean of\nsquares": (3.6, 0),
    "root of\n(... + eps)": (5, 0), "divide": (6.2, 1), "multiply": (7.8, 1), "add": (9.4, 1),
    "gamma": (7.8, 0), "beta": (9.4, 0), "out": (10.6, 1),
}  # fmt: skip
edges = [
    ("x", "mean", "x   ", "  ?"),
    ("x", "subtract", "x", "?"),
    ("mean", "subtract", "mean     ", "       dmean"),
    ("subtract", "mean of\nsquares", "", ""),
    ("subtract", "divide", "centered", "dcentered"),
    ("mean of\nsquares", "root of\n(... + eps)", "var", "dvar"),
    ("root of\n(... + eps)", "divide", "std   ", "     dstd"),
    ("divide", "multiply", "x_hat", "dx_hat"),
    ("gamma", "multiply", "", "dgamma"),
    ("multiply", "add", "", "dout"),
    ("beta", "add", "", "dbeta"),
    ("add", "out", "out", "dout"),
]
figure, ax = plt.subplots(figsize=(12, 2.8))
draw_graph(ax, nodes, edges)
plt.show()

# %% [markdown]
# Three rules are enough:
#
# - **Each step by itself.** For `x_hat = centered / std` that is
#   $\texttt{dcentered} = \texttt{dx\_hat} / \texttt{std}$, and for `std`, the derivative of
#   $c / s$ with respect to $s$: it is $-c / s^2$.
# - **Where a value branches, its gradients add up.** `centered` goes to the division *and* to the
#   variance; `x` goes to the subtraction *and* to the mean. (There lie the two question marks.)
# - **What was broadcast forward is summed backward, and the other way round.** `std` has shape
#   (D,) and is used by all N rows, so `dstd` is a sum over the rows. A mean of N numbers hands
#   $1/N$ of its gradient to each of them.
#
# Write **`batchnorm_backward`** in this way, a line for each step, with the names in the picture.


# %%
def numeric_gradients(forward, inputs, param, dout):
    """Compute what a normalisation's backward function should return, from the definition."""
    return [
        eval_numerical_gradient_array(lambda _: forward(*inputs, dict(param))[0], x, dout)
        for x in inputs
    ]


# %% question="batchnorm_backward" points=4
np.random.seed(231)
N, D = 4, 5
x = 5 * np.random.randn(N, D) + 12
gamma, beta, dout = np.random.randn(D), np.random.randn(D), np.random.randn(N, D)
for bn_param in ({"mode": "train"}, {"mode": "train", "eps": 9.0}):
    dx, dgamma, dbeta = batchnorm_backward(dout, batchnorm_forward(x, gamma, beta, bn_param)[1])
    numeric = numeric_gradients(batchnorm_forward, (x, gamma, beta), bn_param, dout)
    assert_close(dx, numeric[0], rel_error=1e-7)  # rounding of the differences
    assert_close(dgamma, numeric[1], rel_error=1e-8)  # linear: only rounding
    assert_close(dbeta, numeric[2], rel_error=1e-8)  # the same
### BEGIN HIDDEN TESTS
rng = probe.rng()
for N, D, scale, eps in [(5, 3, 1.0, None), (3, 8, 2.0, 1.7), (2, 6, 1.0, 0.6), (6, 1, 30.0, 40.0)]:
    x, gamma, beta = scale * rng.normal(size=(N, D)) - 2, rng.normal(size=D), rng.normal(size=D)
    dout = rng.normal(size=(N, D))
    copies = dout.copy(), gamma.copy()
    bn_param = {"mode": "train"} if eps is None else {"mode": "train", "eps": eps}
    name = f"{N} examples, {D} features, eps {eps}"
    dx, dgamma, dbeta = batchnorm_backward(dout, batchnorm_forward(x, gamma, beta, bn_param)[1])
    probe(f"dx, {name}", dx, rel_error=1e-7)  # differences of terms of like size
    probe(f"dgamma, {name}", dgamma, rel_error=1e-8)  # a sum of products
    probe(f"dbeta, {name}", dbeta, rel_error=1e-10)  # a sum
    same = np.array_equal(dout, copies[0]) and np.array_equal(gamma, copies[1])
    probe(f"dout and gamma unchanged, {name}", same, exact=True)
x, dout = rng.normal(size=(1, 4)), rng.normal(size=(1, 4))
param = {"mode": "train", "eps": 0.3}
cache = batchnorm_forward(x, rng.normal(size=4), rng.normal(size=4), param)[1]
dx, dgamma, dbeta = batchnorm_backward(dout, cache)
probe("dx, a batch of one", dx, abs_error=1e-9)  # 0, since out is beta whatever x is
probe("dgamma, a batch of one", dgamma, abs_error=1e-9)  # 0 too
first, second = rng.normal(size=(2, 4, 3))
gamma, beta, dout = rng.normal(size=3), rng.normal(size=3), rng.normal(size=(4, 3))
param = {"mode": "train", "eps": 0.2}
cache = batchnorm_forward(first, gamma, beta, param)[1]
batchnorm_forward(second, gamma, beta, param)
dx, _, _ = batchnorm_backward(dout, cache)
probe("dx of a batch before the last one", dx, rel_error=1e-7)  # as above
shapes = [(7, 4), (4,), (4,), (7, 4)]
x, gamma, beta, dout = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
param = {"mode": "train", "eps": 0.1}
dx, dgamma, _ = batchnorm_backward(dout, batchnorm_forward(x, gamma, beta, param)[1])
probe("dx in float32", dx, rel_error=1e-4)  # float32, or better
probe("dgamma in float32", dgamma, rel_error=1e-4)  # the same
### END HIDDEN TESTS

# %% [markdown]
# ## Backward in one formula
#
# The graph always works. But sometimes a pencil finds something shorter. Consider one feature, and
# ask how $\hat x_j$ changes when $x_i$ does. Mean and deviation change by
#
# $$\frac{\partial \mu}{\partial x_i} = \frac1N, \qquad
#   \frac{\partial \sigma}{\partial x_i} = \frac{1}{2\sigma} \cdot \frac{2 (x_i - \mu)}{N}
#   = \frac{\hat x_i}{N}$$
#
# (that the change of $\mu$ doesn't matter in the second one is worth a thought: what is the sum of
# all $x_j - \mu$?). Put into $\hat x_j = (x_j - \mu) / \sigma$, this gives
#
# $$\frac{\partial \hat x_j}{\partial x_i} =
#   \frac1\sigma \Big( [i = j] - \frac1N - \frac{\hat x_i \hat x_j}{N} \Big),$$
#
# where $[i = j]$ is 1 if $i = j$ and 0 otherwise. The rest is yours: multiply by
# $\partial L / \partial \hat x_j = \gamma \cdot \texttt{dout}_j$ and add up over $j$. Two of the
# three sums that appear are old friends, which you compute anyway. One line is enough then.
#
# Write **`batchnorm_backward_alt`**. Both functions must agree.

# %% question="batchnorm_backward_alt" points=2
np.random.seed(231)
N, D = 100, 500
x = 5 * np.random.randn(N, D) + 12
gamma, beta, dout = np.random.randn(D), np.random.randn(D), np.random.randn(N, D)
_, cache = batchnorm_forward(x, gamma, beta, {"mode": "train"})
by_graph, by_formula = batchnorm_backward(dout, cache), batchnorm_backward_alt(dout, cache)
for one, other in zip(by_formula, by_graph, strict=True):
    assert_close(one, other, rel_error=1e-10)  # rounding
### BEGIN HIDDEN TESTS
rng = probe.rng()
for N, D, scale, eps in [(4, 7, 1.0, None), (7, 3, 2.0, 2.1), (2, 5, 1.0, 0.8), (3, 1, 30.0, 50.0)]:
    x, gamma, beta = scale * rng.normal(size=(N, D)) + 1, rng.normal(size=D), rng.normal(size=D)
    dout = rng.normal(size=(N, D))
    copies = dout.copy(), gamma.copy()
    bn_param = {"mode": "train"} if eps is None else {"mode": "train", "eps": eps}
    name = f"{N} examples, {D} features, eps {eps}"
    dx, dgamma, dbeta = batchnorm_backward_alt(dout, batchnorm_forward(x, gamma, beta, bn_param)[1])
    probe(f"dx, {name}", dx, rel_error=1e-7)  # differences of terms of like size
    probe(f"dgamma, {name}", dgamma, rel_error=1e-8)  # a sum of products
    probe(f"dbeta, {name}", dbeta, rel_error=1e-10)  # a sum
    same = np.array_equal(dout, copies[0]) and np.array_equal(gamma, copies[1])
    probe(f"dout and gamma unchanged, {name}", same, exact=True)
x, dout = rng.normal(size=(1, 4)), rng.normal(size=(1, 4))
param = {"mode": "train", "eps": 0.3}
cache = batchnorm_forward(x, rng.normal(size=4), rng.normal(size=4), param)[1]
probe("dx, a batch of one", batchnorm_backward_alt(dout, cache)[0], abs_error=1e-9)  # 0
shapes = [(7, 4), (4,), (4,), (7, 4)]
x, gamma, beta, dout = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
dx, _, _ = batchnorm_backward_alt(dout, batchnorm_forward(x, gamma, beta, param)[1])
probe("dx in float32", dx, rel_error=1e-4)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# Was it worth the pencil? Measure:

# %% tags=["explore"]
dout = np.random.randn(100, 500)
_, cache = batchnorm_forward(
    np.random.randn(100, 500), np.ones(500), np.zeros(500), {"mode": "train"}
)
seconds = {}
for function in (batchnorm_backward, batchnorm_backward_alt):
    start = time.perf_counter()
    for _ in range(50):
        function(dout, cache)
    seconds[function.__name__] = time.perf_counter() - start
print({name: f"{1000 * value / 50:.2f} ms" for name, value in seconds.items()})
print(f"factor {seconds['batchnorm_backward'] / seconds['batchnorm_backward_alt']:.1f}")

# %% [markdown]
# ## Inside a network
#
# Now give `FullyConnectedNet` its new layers:
#
# {affine - batch norm - ReLU} x (L - 1) - affine - softmax
#
# In `cs231n/classifiers/fc_net.py`:
#
# - **`__init__`**: if `normalization` is set, hidden layer $i$ gets `gamma{i}`, which starts as 1,
#   and `beta{i}`, which starts as 0. The layer that makes the scores isn't normalised: scores may
#   have any size.
# - **`loss`**: if `normalization == "batchnorm"`, call `batchnorm_forward` and
#   `batchnorm_backward` at the right places. Each layer has its own dictionary, `bn_params[0]` for
#   hidden layer 1, and so on: they remember different averages. Their mode is set already.
# - The regularisation is for the weights alone, as before.
#
# Look at the gradients of `b1` and `b2` in the check: they are 0. Why? (What happens to a number
# that is added to a whole column, when the mean of the column is subtracted next?)


# %%
def give_parameters(model, sizes, rng, normalized=True, scale=0.4):
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


def numeric_gradient(model, name, X, y):
    """Compute the gradient of a network's loss with respect to a parameter from its definition."""
    return eval_numerical_gradient(lambda _: model.loss(X, y)[0], model.params[name])


# %% question="FullyConnectedNet_batchnorm" points=4
np.random.seed(231)
N, D, H1, H2, C = 2, 15, 20, 30, 10
X, y = np.random.randn(N, D), np.random.randint(C, size=N)
for reg in (0, 3.14):
    model = FullyConnectedNet(
        [H1, H2],
        input_dim=D,
        num_classes=C,
        reg=reg,
        weight_scale=5e-2,
        dtype=np.float64,
        normalization="batchnorm",
    )
    print(f"initial loss with reg {reg}: {model.loss(X, y)[0]:.3f}")
assert_close(model.params["gamma1"], np.ones(H1), abs_error=0)
assert_close(model.params["beta2"], np.zeros(H2), abs_error=0)
give_parameters(model, [D, H1, H2, C], np.random.default_rng(231))
loss, grads = model.loss(X, y)
for name in ("W1", "W2", "W3", "b3", "gamma1", "beta1", "gamma2", "beta2"):
    numeric = numeric_gradient(model, name, X, y)
    assert_close(grads[name], numeric, rel_error=1e-5)  # rounding of a loss of 100
for name in ("b1", "b2"):
    assert_close(grads[name], np.zeros_like(model.params[name]), abs_error=1e-9)  # rounding
model.reg = 0
plain_loss, plain_grads = model.loss(X, y)
squares = sum(np.sum(model.params[name] ** 2) for name in ("W1", "W2", "W3"))
assert_close(loss - plain_loss, 0.5 * 3.14 * squares, rel_error=1e-9)  # rounding
for name in ("gamma1", "beta2"):
    numeric = numeric_gradient(model, name, X, y)
    assert_close(plain_grads[name], numeric, rel_error=1e-4)  # two examples: tiny gradients
### BEGIN HIDDEN TESTS
rng = probe.rng()
for hidden_dims, C in [([9], 3), ([8, 6], 5), ([7, 9, 5], 4), ([6, 8, 5, 7], 3)]:
    sizes, depth = [12, *hidden_dims, C], len(hidden_dims) + 1
    asked = list(hidden_dims)
    model = FullyConnectedNet(
        asked, input_dim=12, num_classes=C, reg=0.8, dtype=np.float64, normalization="batchnorm"
    )
    probe(f"the caller's hidden_dims, {depth} layers", asked, exact=True)
    probe(f"number of parameter arrays, {depth} layers", len(model.params), exact=True)
    for i in range(1, depth):
        probe(f"first gamma{i}, {depth} layers", model.params[f"gamma{i}"], exact=True)
        probe(f"first beta{i}, {depth} layers", model.params[f"beta{i}"], exact=True)
    give_parameters(model, sizes, rng)
    X, y = rng.normal(size=(6, 3, 4)), rng.integers(C, size=6)
    picture, copies = X.copy(), {name: value.copy() for name, value in model.params.items()}
    loss, grads = model.loss(X, y)
    probe(f"loss, {depth} layers", loss, rel_error=1e-7)  # softmax in any form
    for i in range(1, depth):
        for name in (f"W{i}", f"gamma{i}", f"beta{i}"):
            probe(f"gradient of {name}, {depth} layers", grads[name], rel_error=1e-6)  # long chains
        probe(f"gradient of b{i}, {depth} layers", grads[f"b{i}"], abs_error=1e-8)  # 0
    for name in (f"W{depth}", f"b{depth}"):
        probe(f"gradient of {name}, {depth} layers", grads[name], rel_error=1e-7)  # a few products
    model.loss(2 * rng.normal(size=(4, 12)) + 1, rng.integers(C, size=4))
    model.loss(rng.normal(size=(2, 12)) - 1, rng.integers(C, size=2))
    probe(f"scores in test mode, {depth} layers", model.loss(X), rel_error=1e-7)  # long chains
    probe(f"scores of one example, {depth} layers", model.loss(X[:1]), rel_error=1e-7)  # the same
    probe(f"loss after test mode, {depth} layers", model.loss(X, y)[0], rel_error=1e-7)  # the same
    same = all(np.array_equal(model.params[name], copy) for name, copy in copies.items())
    same = same and np.array_equal(X, picture)
    probe(f"X and parameters unchanged, {depth} layers", same, exact=True)
model.reg = 0.0
probe("loss without regularisation", model.loss(X, y)[0], rel_error=1e-7)  # softmax in any form
model = FullyConnectedNet([10, 8], 12, 5, normalization="batchnorm", reg=0.1)
give_parameters(model, [12, 10, 8, 5], rng)
X, y = rng.normal(size=(9, 12)), rng.integers(5, size=9)
loss, grads = model.loss(X, y)
probe("loss in float32", loss, rel_error=1e-4)  # float32, or better
probe("gradient of W3 in float32", grads["W3"], rel_error=1e-3)  # the same, after a few layers
probe("gradient of gamma1 in float32", grads["gamma1"], rel_error=1e-3)  # the same
probe("scores in float32", model.loss(X), rel_error=1e-3)  # the same
plain = FullyConnectedNet([8, 6], 12, 3, reg=0.3, dtype=np.float64)
give_parameters(plain, [12, 8, 6, 3], rng, normalized=False)
y = rng.integers(3, size=9)
probe("loss without normalisation", plain.loss(X, y)[0], rel_error=1e-7)  # softmax in any form
### END HIDDEN TESTS

# %% [markdown]
# ## Does it help?
#
# Six layers, 1 000 pictures, ten epochs, once with and once without batch normalisation. All else
# is the same. Look at the first hundred steps above all.

# %% tags=["explore"]
data = get_CIFAR10_data(num_training=1000, num_validation=1000, num_test=0)


def train(hidden_dims, normalization, weight_scale=2e-2, batch_size=50, learning_rate=1e-3):
    """Train a network on the 1 000 pictures and return the Solver."""
    np.random.seed(0)
    model = FullyConnectedNet(hidden_dims, normalization=normalization, weight_scale=weight_scale)
    solver = Solver(
        model,
        data,
        update_rule="adam",
        optim_config={"learning_rate": learning_rate},
        num_epochs=10,
        batch_size=batch_size,
        verbose=False,
    )
    solver.train()
    return solver


def draw_solvers(solvers, smooth=10):
    """Draw the losses and the accuracies of several trainings."""
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.4))
    for name, solver in solvers.items():
        losses = np.convolve(solver.loss_history, np.ones(smooth) / smooth, mode="valid")
        axes[0].plot(np.linspace(0, 10, len(losses)), losses, label=name)
        axes[1].plot(solver.train_acc_history, "-o", markersize=3)
        axes[2].plot(solver.val_acc_history, "-o", markersize=3)
    titles = [f"training loss, mean of {smooth}", "training accuracy", "validation accuracy"]
    for ax, title in zip(axes, titles, strict=True):
        ax.set(title=title, xlabel="epoch")
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    plt.show()


draw_solvers({str(kind): train([100] * 5, kind) for kind in (None, "batchnorm")})

# %% [markdown]
# ## Batch normalisation and the weight scale
#
# Now back to the beginning. Eight layers of 50 units, and twenty weight scales from 0.0001 to 1:
# how well does the network learn, without and with batch normalisation? **Forty trainings; a few
# minutes.** Think of the rule of thumb: for 50 inputs it is $\sqrt{2/50} = 0.2$, the grey line.
# (For the first layer, with 3072 inputs, it is 0.026. All layers get the same scale here.)

# %% tags=["explore"]
scales = np.logspace(-4, 0, 20)
curves = {}
for kind in (None, "batchnorm"):
    with np.errstate(all="ignore"):  # some of the plain ones explode
        curves[kind] = [train([50] * 7, kind, weight_scale=scale) for scale in scales]

# %% tags=["explore"]
figure, axes = plt.subplots(1, 3, figsize=(12, 3.4))
for kind, solvers in curves.items():
    losses = [np.mean(solver.loss_history[-20:]) for solver in solvers]
    axes[0].semilogx(scales, [max(solver.train_acc_history) for solver in solvers], "-o")
    axes[1].semilogx(scales, [max(solver.val_acc_history) for solver in solvers], "-o")
    axes[2].semilogx(scales, np.minimum(losses, 4), "-o", label=str(kind))
titles = ["best training accuracy", "best validation accuracy", "training loss at the end, up to 4"]
for ax, title in zip(axes, titles, strict=True):
    ax.axvline(0.2, color="0.8", zorder=0)
    ax.set(title=title, xlabel="weight scale")
axes[2].legend()
figure.tight_layout()
plt.show()

# %% [markdown]
# **Question.** Describe the three pictures. How does the scale of the weights at the start affect
# a network without batch normalisation, and one with it, and why?

# %% [markdown] written="batchnorm_weight_scale" points=2
# ### BEGIN SOLUTION
# *Without* it, the network learns only in a narrow range of scales, about 0.03 to 0.15. With
# smaller ones, each of the eight layers shrinks its inputs, so that neither the picture nor the
# gradient gets through: the loss stays near 2.3, the accuracy near that of guessing. With larger
# ones numbers and gradients explode, and so does the loss. (The best scale lies a little below
# 0.2, which suits the layers with 50 inputs, since for the first layer 0.2 is much too large.)
#
# *With* it, the network learns something at every scale, and learns well over two powers of ten.
# Whatever the size of the weights, the output of the affine layer is brought back to deviation 1
# (times gamma) before it goes on: if all weights of a layer are multiplied by a factor, mean and
# deviation grow by that factor too, and it cancels. So nothing dies out or explodes with depth.
#
# It isn't indifferent to the scale altogether: the gradient of weights that are k times as large
# is k times smaller, so large weights hardly change; with very small weights eps matters, and
# each step changes their direction completely; and the last layer, which isn't normalised, begins
# with scores of the size of its own weights. Both ends are worse than the middle.
# ### END SOLUTION

# %% [markdown]
# ## Batch normalisation and the batch size
#
# Mean and variance are estimates from a batch. How good are they when a batch has only 10
# examples, or 5? (To be fair, all get the same number of *epochs*, so a smaller batch gets more
# steps.)

# %% tags=["explore"]
rate = 10**-3.5
solvers = {"none, batch of 50": train([100] * 5, None, batch_size=50, learning_rate=rate)}
for size in (5, 10, 50):
    solver = train([100] * 5, "batchnorm", batch_size=size, learning_rate=rate)
    solvers[f"batch norm, batch of {size}"] = solver
draw_solvers(solvers)

# %% [markdown]
# **Question.** What do you see? What does the size of the batch do to batch normalisation, and
# why?

# %% [markdown] written="batchnorm_batch_size" points=2
# ### BEGIN SOLUTION
# The smaller the batch, the worse the network with batch normalisation trains: with 50 examples the
# training loss falls smoothly and lowest, with 5 it stays high and noisy, although that network
# takes ten times as many steps.
#
# In training, each example is normalised with mean and variance of its own batch. From five numbers
# these are poor estimates (the error of a mean shrinks with the square root of the batch size
# only), so the same picture gives different activations in different company: noise, in every
# layer. A little of it regularises; that much hides the signal. Besides, the running averages used
# in test mode then describe something else than what the network was trained with.
# ### END SOLUTION

# %% [markdown]
# ## Layer normalisation
#
# If the batch is the trouble: could one do without? **Layer normalisation** (Ba, Kiros and Hinton,
# *Layer Normalization*, 2016) exchanges the axes. Mean and variance are taken for **each example
# over its features**. No example looks at another one, so it doesn't matter how many there are,
# there is nothing to remember, and training and test are the same.

# %% tags=["explore"]
figure, axes = plt.subplots(1, 2, figsize=(9, 2.8))
pictures = [("batch normalisation", np.s_[:, 3]), ("layer normalisation", np.s_[2, :])]
for ax, (title, group) in zip(axes, pictures, strict=True):
    matrix = np.full((6, 9), 0.15)
    matrix[group] = 0.8
    ax.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    ax.set(title=title, xlabel="D features", ylabel="N examples")
    ax.set_xticks(np.arange(-0.5, 9), labels=[])
    ax.set_yticks(np.arange(-0.5, 6), labels=[])
    ax.grid(color="white", linewidth=2)
    ax.tick_params(length=0)
figure.suptitle("these numbers share one mean and one variance")
figure.tight_layout()
plt.show()

# %% [markdown]
# One thing is *not* exchanged: $\gamma$ and $\beta$ still have one number for each feature, shape
# (D,).
#
# Write **`layernorm_forward`**. You know it already, with another axis (or with a transposition or
# two); `keepdims=True` helps.

# %% question="layernorm_forward" points=2
np.random.seed(231)
N, D1, D2, D3 = 4, 50, 60, 3
X, W1, W2 = np.random.randn(N, D1), np.random.randn(D1, D2), np.random.randn(D2, D3)
a = np.maximum(0, X @ W1) @ W2
print("before, means:", a.mean(axis=1), " deviations:", a.std(axis=1))
out, _ = layernorm_forward(a, np.ones(D3), np.zeros(D3), {})
assert_close(out.mean(axis=1), np.zeros(N), abs_error=1e-10)  # rounding
assert_close(out.std(axis=1), np.ones(N), abs_error=1e-6)  # eps makes it a little less than 1
out, _ = layernorm_forward(a, np.full(D3, 3.0), np.full(D3, 5.0), {})
assert_close(out.mean(axis=1), np.full(N, 5.0), abs_error=1e-10)  # rounding
assert_close(out.std(axis=1), np.full(N, 3.0), abs_error=1e-5)  # eps again

x, gamma, beta = np.array([[0.0, 2.0]]), np.array([4.0, 6.0]), np.array([10.0, 20.0])
out, _ = layernorm_forward(x, gamma, beta, {"eps": 3.0})
assert_close(out, np.array([[8.0, 23.0]]), rel_error=1e-12)  # 10 - 4 / 2 and 20 + 6 / 2
### BEGIN HIDDEN TESTS
rng = probe.rng()
for N, D, scale, eps in [(4, 7, 1.0, None), (6, 3, 2.0, 1.7), (1, 5, 1.0, 0.6), (5, 2, 30.0, 40.0)]:
    x, gamma, beta = scale * rng.normal(size=(N, D)) + 3, rng.normal(size=D), rng.normal(size=D)
    before = x.copy(), gamma.copy(), beta.copy()
    name = f"{N} examples, {D} features, eps {eps}"
    out, _ = layernorm_forward(x, gamma, beta, {} if eps is None else {"eps": eps})
    probe(f"out, {name}", out, rel_error=1e-8)  # the variance in any form
    same = all(np.array_equal(a, b) for a, b in zip((x, gamma, beta), before, strict=True))
    probe(f"inputs unchanged, {name}", same, exact=True)
gamma, beta = rng.normal(size=5), rng.normal(size=5)
x = rng.normal(size=(4, 5)) * [[1.0], [0.0], [1e-3], [1e3]] + 2  # one example is constant
out, _ = layernorm_forward(x, gamma, beta, {})
probe("examples of all sizes, one constant", out, rel_error=1e-7)  # eps counts in two of them
out, _ = layernorm_forward(rng.normal(size=(3, 1)), gamma[:1], beta[:1], {"eps": 0.4})
probe("a single feature", out, rel_error=1e-8)  # beta
ln_param = {"eps": 0.3}
for number in (1, 2):
    out, _ = layernorm_forward(2 * rng.normal(size=(3, 5)), gamma, beta, ln_param)
    probe(f"call {number} with the same ln_param", out, rel_error=1e-8)  # nothing is remembered
x, gamma, beta = (rng.normal(size=shape).astype(np.float32) for shape in [(3, 8), (8,), (8,)])
out, _ = layernorm_forward(x, gamma, beta, {"eps": 0.1})
probe("numbers in float32", out, rel_error=1e-4)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# Write **`layernorm_backward`**. Your formula for batch normalisation is still good, but mind the
# order of things. There, $\gamma$ was the same all along the numbers that share a mean, and could
# be taken out of the sums. Here it isn't. And for `dgamma` and `dbeta` nothing has changed at all:
# which axis do they sum over?

# %% question="layernorm_backward" points=3
np.random.seed(231)
N, D = 4, 5
x = 5 * np.random.randn(N, D) + 12
gamma, beta, dout = np.random.randn(D), np.random.randn(D), np.random.randn(N, D)
for ln_param in ({}, {"eps": 9.0}):
    dx, dgamma, dbeta = layernorm_backward(dout, layernorm_forward(x, gamma, beta, ln_param)[1])
    numeric = numeric_gradients(layernorm_forward, (x, gamma, beta), ln_param, dout)
    assert_close(dx, numeric[0], rel_error=1e-7)  # rounding of the differences
    assert_close(dgamma, numeric[1], rel_error=1e-8)  # linear: only rounding
    assert_close(dbeta, numeric[2], rel_error=1e-8)  # the same
### BEGIN HIDDEN TESTS
rng = probe.rng()
for N, D, scale, eps in [(5, 3, 1.0, 0.2), (3, 8, 2.0, 1.7), (1, 6, 1.0, None), (6, 2, 30.0, 40.0)]:
    x, gamma, beta = scale * rng.normal(size=(N, D)) - 2, rng.normal(size=D), rng.normal(size=D)
    dout = rng.normal(size=(N, D))
    copies = dout.copy(), gamma.copy()
    ln_param = {} if eps is None else {"eps": eps}
    name = f"{N} examples, {D} features, eps {eps}"
    dx, dgamma, dbeta = layernorm_backward(dout, layernorm_forward(x, gamma, beta, ln_param)[1])
    probe(f"dx, {name}", dx, rel_error=1e-7)  # differences of terms of like size
    probe(f"dgamma, {name}", dgamma, rel_error=1e-8)  # a sum of products
    probe(f"dbeta, {name}", dbeta, rel_error=1e-10)  # a sum
    same = np.array_equal(dout, copies[0]) and np.array_equal(gamma, copies[1])
    probe(f"dout and gamma unchanged, {name}", same, exact=True)
x, dout = rng.normal(size=(4, 1)), rng.normal(size=(4, 1))
cache = layernorm_forward(x, rng.normal(size=1), rng.normal(size=1), {"eps": 0.4})[1]
probe("dx, a single feature", layernorm_backward(dout, cache)[0], abs_error=1e-9)  # 0
shapes = [(3, 8), (8,), (8,), (3, 8)]
x, gamma, beta, dout = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
dx, dgamma, _ = layernorm_backward(dout, layernorm_forward(x, gamma, beta, {"eps": 0.1})[1])
probe("dx in float32", dx, rel_error=1e-4)  # float32, or better
probe("dgamma in float32", dgamma, rel_error=1e-4)  # the same
### END HIDDEN TESTS

# %% [markdown]
# Let **`FullyConnectedNet`** use it if `normalization == "layernorm"`; `bn_params` has a
# dictionary for each layer again. Do the gradients of `b1` and `b2` vanish here too?

# %% question="FullyConnectedNet_layernorm" points=2
np.random.seed(231)
N, D, H1, H2, C = 2, 15, 20, 30, 10
X, y = np.random.randn(N, D), np.random.randint(C, size=N)
model = FullyConnectedNet(
    [H1, H2], input_dim=D, num_classes=C, reg=0.7, dtype=np.float64, normalization="layernorm"
)
assert_close(model.params["gamma1"], np.ones(H1), abs_error=0)
assert_close(model.params["beta2"], np.zeros(H2), abs_error=0)
give_parameters(model, [D, H1, H2, C], np.random.default_rng(231))
loss, grads = model.loss(X, y)
for name in ("W1", "b1", "gamma1", "beta1", "W2", "b2", "gamma2", "beta2", "W3", "b3"):
    numeric = numeric_gradient(model, name, X, y)
    assert_close(grads[name], numeric, rel_error=1e-6)  # rounding of the loss, small gradients
### BEGIN HIDDEN TESTS
rng = probe.rng()
for hidden_dims, C in [([9], 3), ([8, 6], 5), ([7, 9, 5], 4), ([6, 8, 5, 7], 3)]:
    sizes, depth = [12, *hidden_dims, C], len(hidden_dims) + 1
    model = FullyConnectedNet(
        hidden_dims,
        input_dim=12,
        num_classes=C,
        reg=0.8,
        dtype=np.float64,
        normalization="layernorm",
    )
    probe(f"number of parameter arrays, {depth} layers", len(model.params), exact=True)
    for i in range(1, depth):
        probe(f"first gamma{i}, {depth} layers", model.params[f"gamma{i}"], exact=True)
        probe(f"first beta{i}, {depth} layers", model.params[f"beta{i}"], exact=True)
    give_parameters(model, sizes, rng)
    X, y = rng.normal(size=(5, 3, 4)), rng.integers(C, size=5)
    picture, copies = X.copy(), {name: value.copy() for name, value in model.params.items()}
    for name, examples in [("five examples", np.s_[:]), ("one example", np.s_[2:3])]:
        loss, grads = model.loss(X[examples], y[examples])
        probe(f"loss of {name}, {depth} layers", loss, rel_error=1e-7)  # softmax in any form
        for key in sorted(copies):
            gradient = grads[key]
            probe(f"gradient of {key}, {name}, {depth} layers", gradient, rel_error=1e-6)  # chains
        probe(f"scores of {name}, {depth} layers", model.loss(X[examples]), rel_error=1e-7)
    same = all(np.array_equal(model.params[name], copy) for name, copy in copies.items())
    same = same and np.array_equal(X, picture)
    probe(f"X and parameters unchanged, {depth} layers", same, exact=True)
model = FullyConnectedNet([10, 8], 12, 5, normalization="layernorm", reg=0.1)
give_parameters(model, [12, 10, 8, 5], rng)
loss, grads = model.loss(rng.normal(size=(9, 12)), rng.integers(5, size=9))
probe("loss in float32", loss, rel_error=1e-4)  # float32, or better
probe("gradient of gamma1 in float32", grads["gamma1"], rel_error=1e-3)  # after a few layers
### END HIDDEN TESTS

# %% [markdown]
# **Question.** Which of these ways to prepare a data set of pictures is like batch normalisation,
# and which is like layer normalisation?
#
# 1. Scale each picture so that the numbers in each of its *rows of pixels* add up to 1.
# 2. Scale each picture so that all its numbers add up to 1.
# 3. Subtract the mean picture of the data set from each picture.
# 4. Set each number to 0 or 1, depending on whether it is above a given threshold.

# %% [markdown] written="normalization_analogies" points=2
# ### BEGIN SOLUTION
# 3 is like batch normalisation: for each feature (one colour of one pixel) a statistic over the
# examples is computed and subtracted. (It is the half without the division by the deviation.)
#
# 2 is like layer normalisation: a statistic over all features of one example, applied to that
# example, without looking at any other.
#
# 1 is neither, since a row of pixels is only a part of an example's features; it is closest to a
# normalisation by groups of features, which is layer normalisation in parts. 4 is neither: it uses
# no statistic of the data at all.
# ### END SOLUTION

# %% [markdown]
# ## Layer normalisation and the batch size
#
# The same experiment as above, with the other normalisation. Compare the network that sees batches
# of 5 with its counterpart above: how far are the accuracies for 5 and 50 apart, here and there?

# %% tags=["explore"]
solvers = {"none, batch of 50": solvers["none, batch of 50"]}
for size in (5, 10, 50):
    solver = train([100] * 5, "layernorm", batch_size=size, learning_rate=rate)
    solvers[f"layer norm, batch of {size}"] = solver
draw_solvers(solvers)

# %% [markdown]
# It isn't without weak spots either. Here is one: examples that go through layers with very few
# features. The picture shows 200 random examples with two features, before and after.

# %% tags=["explore"]
rng = np.random.default_rng(0)
figure, axes = plt.subplots(1, 3, figsize=(11, 3.2))
for ax, D in zip(axes, (2, 3, 100), strict=True):
    x = rng.normal(size=(200, D))
    out, _ = layernorm_forward(x, np.ones(D), np.zeros(D), {})
    ax.plot(*x.T[:2], ".", color="0.7", label="before")
    ax.plot(*out.T[:2], ".", color="C3", label="after")
    ax.set(title=f"D = {D}", xlabel="feature 1", ylabel="feature 2", aspect="equal")
axes[0].legend(fontsize=8)
figure.tight_layout()
plt.show()

# %% [markdown]
# **Question.** When does layer normalisation probably *not* work well, and why?
#
# 1. In a very deep network.
# 2. When the layers have very few features.
# 3. With strong regularisation.
#
# And what does it take away from an example that a network might have needed?

# %% [markdown] written="layernorm_fails" points=2
# ### BEGIN SOLUTION
# 2: with few features. Mean and variance of two or three numbers are hardly statistics, and taking
# them away leaves next to nothing: with two features, only the sign of their difference survives
# (the red points lie in two spots), with three an angle. One feature always becomes 0.
#
# 1 is no trouble: in a deep network it keeps the numbers at the same size through all layers, as
# batch normalisation does. 3 isn't specific to it: strong regularisation makes the weights small,
# but normalisation takes the size of the weights away; if anything fails to learn then, it is
# because of the regularisation. (Only if the weights become so small that the variance is of the
# size of eps, the normalisation ceases to work.)
#
# It takes away the overall level and size of an example's features: two examples whose features are
# shifted and scaled copies of each other can't be told apart. If the information is there, such as
# how bright or how strong something is, it is lost. And it supposes that the features of a layer
# are comparable; where they are of different kinds and scales, the largest rule the statistics.
# ### END SOLUTION

# %% [markdown]
# ## Back to the stack
#
# Remember the ten layers at the beginning, and the four ways to start them. Here they are again,
# with ReLU, and with a normalisation in front of it. That is why hardly anybody trains a deep
# network without one.

# %% tags=["explore"]
normalizations = {
    "none": unchanged,
    "batch": lambda x: batchnorm_forward(x, np.ones(200), np.zeros(200), {"mode": "train"})[0],
    "layer": lambda x: layernorm_forward(x, np.ones(200), np.zeros(200), {})[0],
}
figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), sharey=True)
for ax, (title, normalize) in zip(axes, normalizations.items(), strict=True):
    for kind in ("small", "large", "xavier", "he"):
        outputs = run_stack(kind, relu, normalize)
        ax.semilogy(range(1, 11), [values.std() for values in outputs], "-o", label=kind)
    ax.set(title=f"normalisation: {title}", xlabel="layer")
axes[0].set_ylabel("deviation of the outputs")
axes[0].legend(fontsize=8)
figure.tight_layout()
plt.show()

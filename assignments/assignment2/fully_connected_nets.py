# %% [markdown]
# # Fully connected nets
#
# In this lesson you build neural networks out of parts that you have written yourself. At the end
# a network of yours tells balloons from owls in pictures that it has never seen.
#
# A network with two layers can still be written as one function, gradient and all. With ten
# layers of different kinds nobody wants to do that. So we build with *layers* instead, as with
# bricks. Each layer knows two things: how to compute its output from its input, and how to turn
# the gradient of the loss with respect to its output into the gradient with respect to its input.
# That is all it needs to know.
#
# | you write | in the file, below `cs231n/` |
# |---|---|
# | `affine_forward`, `relu_forward`, their backward functions, two losses | `layers.py` |
# | `TwoLayerNet`, `FullyConnectedNet` | `classifiers/fc_net.py` |
# | `sgd_momentum`, `rmsprop`, `adam` | `optim.py` |
# | a few settings, a random search, answers in words | here |
#
# Work from top to bottom. Each part ends with a check that tells you whether your function is
# right, and if not, how its result differs from the right one. The grader later tries your
# functions on other inputs too: other shapes, a single example, very large numbers. The cells that
# train networks and draw pictures are for you; the grader doesn't run them.

# %% tags=["explore"]
# Edit the .py files in the editor you like; with this, the notebook notices when you save one.
# %load_ext autoreload
# %autoreload 2

# %%
import matplotlib.pyplot as plt
import numpy as np
from cs231n import stand_in
from cs231n.checks import assert_close, probe
from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs231n.data_utils import class_names, get_CIFAR10_data
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.layer_utils import affine_relu_backward, affine_relu_forward
from cs231n.layers import (
    affine_backward,
    affine_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
    svm_loss,
)
from cs231n.model_file import load_model, predict, save_model
from cs231n.optim import adam, rmsprop, sgd, sgd_momentum
from cs231n.solver import Solver

plt.rcParams["figure.figsize"] = (9.0, 4.0)
plt.rcParams["image.interpolation"] = "nearest"

# %% [markdown]
# ## The data
#
# 49 000 pictures to train with, 1 000 to validate, 1 000 to test, each 32 x 32 pixels in three
# colours. The first time they are drawn, which takes a minute; later they come from a file. The
# mean picture of the training set is subtracted from all of them: numbers around 0 suit a network
# better than numbers from 0 to 255. (If you have the real CIFAR-10, give its folder as `root`;
# everything below works with it alike, but the model you hand in at the end has to be trained on
# the pictures that come with the course.)

# %% tags=["explore"]
data = get_CIFAR10_data()
CLASSES = class_names()
for name, array in data.items():
    print(f"{name}: {array.shape}")

plt.figure(figsize=(10, 1.5))
for label, name in enumerate(CLASSES):
    index = np.flatnonzero(data["y_train"] == label)[0]
    picture = data["X_train"][index] + data["mean_image"]
    plt.subplot(1, 10, label + 1)
    plt.imshow(picture.transpose(1, 2, 0).astype(np.uint8))
    plt.title(name, fontsize=9)
    plt.axis("off")
plt.show()

# %% [markdown]
# ## Forward and backward
#
# Let $L$ be the loss, one number, and let a layer compute $\text{out} = f(x, w)$ somewhere in the
# middle of the network. On the way back it receives
#
# $$\texttt{dout} = \frac{\partial L}{\partial\,\text{out}},$$
#
# an array of the shape of `out`: how much the loss grows when this or that number of the output
# grows. By the chain rule the layer multiplies it by its own derivative, and hands on
#
# $$\texttt{dx} = \frac{\partial L}{\partial x}, \qquad
#   \texttt{dw} = \frac{\partial L}{\partial w}.$$
#
# `dx` becomes the `dout` of the layer before it. `dw` is what the training is after.


# %% tags=["explore"]
def draw_arrow(start, end, color, text, place):
    """Draw an arrow with a text beside it."""
    plt.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": color})
    plt.text(*place, text, ha="center", color=color)


plt.figure(figsize=(9, 2.2))
box = {"boxstyle": "round,pad=0.6", "fc": "w"}
for position, label in enumerate(["affine", "ReLU", "affine", "loss"]):
    plt.text(2 * position, 0, label, ha="center", va="center", bbox=box)
arrows = [("x", "dx"), ("out", "dout"), ("out", "dout"), ("scores", "dout"), ("L", "1")]
for position, (forward, backward) in enumerate(arrows):
    left, right = 2 * position - 1.4, 2 * position - 0.6
    draw_arrow((left, 0.12), (right, 0.12), "C0", forward, (left + 0.4, 0.2))
    draw_arrow((right, -0.12), (left, -0.12), "C3", backward, (left + 0.4, -0.36))
for x, number in [(0, 1), (4, 2)]:
    draw_arrow((x, 0.8), (x, 0.3), "C0", f"W{number}, b{number}", (x, 0.85))
    draw_arrow((x, -0.3), (x, -0.8), "C3", f"dW{number}, db{number}", (x, -1.0))
plt.xlim(-2, 9)
plt.ylim(-1.1, 1.1)
plt.axis("off")
plt.title("values flow forward, gradients flow back")
plt.show()

# %% [markdown]
# ## The affine layer, forward
#
# Every output is a weighted sum of all inputs, plus a bias:
#
# $$\text{out} = x\,w + b.$$
#
# $x$ has one *row* for each example of the batch. Pictures come as arrays of shape (N, 3, 32,
# 32), so each has to be laid out as a row of D = 3072 numbers first. Then $w$ is (D, M), $b$ is
# (M,), and NumPy adds $b$ to each row by itself.
#
# Write **`affine_forward`** in `cs231n/layers.py`, and run the check.

# %% question="affine_forward" points=2
x = np.linspace(-0.1, 0.5, num=240).reshape(2, 4, 5, 6)
w = np.linspace(-0.2, 0.3, num=360).reshape(120, 3)
b = np.linspace(-0.3, 0.1, num=3)
out, _ = affine_forward(x, w, b)
correct_out = np.array([[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]])
assert_close(out, correct_out, rel_error=1e-8)  # 9 printed digits
### BEGIN HIDDEN TESTS
rng = probe.rng()
x, w, b = rng.normal(size=(3, 2, 5)), rng.normal(size=(10, 4)), rng.normal(size=4)
before = x.copy(), w.copy(), b.copy()
out, _ = affine_forward(x, w, b)
probe("examples with two axes", out, rel_error=1e-10)  # one product in float64
for name, array, copy in zip("xwb", (x, w, b), before, strict=True):
    probe(f"{name} unchanged after the call", np.array_equal(array, copy), exact=True)
w, b = rng.normal(size=(7, 5)), rng.normal(size=5)
out, _ = affine_forward(rng.normal(size=(4, 7)), w, b)
probe("examples that are rows", out, rel_error=1e-10)  # the same
out, _ = affine_forward(rng.normal(size=(1, 7)), w, b)
probe("a batch of one", out, rel_error=1e-10)  # the same
w, b = rng.normal(size=(24, 2)), rng.normal(size=2)
out, _ = affine_forward(rng.normal(size=(5, 3, 2, 4)), w, b)
probe("examples with three axes", out, rel_error=1e-10)  # the same
x, w, b = (rng.normal(size=shape).astype(np.float32) for shape in [(6, 3, 3), (9, 2), (2,)])
probe("numbers in float32", affine_forward(x, w, b)[0], rel_error=1e-5)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ## The affine layer, backward
#
# Number $(i, j)$ of the output is $\text{out}_{ij} = \sum_k x_{ik} w_{kj} + b_j$. Which outputs
# does the weight $w_{kj}$ touch? Column $j$, in every row $i$, each time with the factor
# $x_{ik}$. Its gradient adds up all the ways in which it can change the loss:
#
# $$\frac{\partial L}{\partial w_{kj}} = \sum_i x_{ik}\,\texttt{dout}_{ij}.$$
#
# A sum over a shared index is a matrix product. Find the one for `dw` in this formula, and then
# those for `dx` and `db` in the same way. The shapes help: `dw` has the shape of `w`, `dx` that
# of `x`, `db` that of `b`. With sizes N, D and M that differ there is hardly more than one
# product that fits.
#
# **Sums, not means.** The division by the number of examples belongs to the loss. It has happened
# already when `dout` arrives here.
#
# The check compares with *numeric* gradients: each number of `x` is moved a little to either
# side, and the change of the output is measured. Have a look at `cs231n/gradient_check.py`; it is
# short.
#
# Write **`affine_backward`**.

# %% question="affine_backward" points=3
np.random.seed(231)
x, w, b = np.random.randn(10, 2, 3), np.random.randn(6, 5), np.random.randn(5)
dout = np.random.randn(10, 5)
dx, dw, db = affine_backward(dout, affine_forward(x, w, b)[1])
numeric_dx = eval_numerical_gradient_array(lambda x: affine_forward(x, w, b)[0], x, dout)
numeric_dw = eval_numerical_gradient_array(lambda w: affine_forward(x, w, b)[0], w, dout)
numeric_db = eval_numerical_gradient_array(lambda b: affine_forward(x, w, b)[0], b, dout)
# The function is linear in each input, so that central differences only suffer from rounding.
assert_close(dx, numeric_dx, rel_error=1e-8)
assert_close(dw, numeric_dw, rel_error=1e-8)
assert_close(db, numeric_db, rel_error=1e-8)
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, shape, M in [
    ("examples with two axes", (3, 2, 5), 4),
    ("examples that are rows", (4, 7), 5),
    ("a batch of one", (1, 3, 2), 5),
    ("examples with three axes", (5, 3, 2, 4), 2),
]:
    x, w, b = rng.normal(size=shape), rng.normal(size=(np.prod(shape[1:]), M)), rng.normal(size=M)
    dout = rng.normal(size=(shape[0], M))
    copy, cache = dout.copy(), affine_forward(x, w, b)[1]
    dx, dw, db = affine_backward(dout, cache)
    probe(f"dx, {name}", dx, rel_error=1e-10)  # one product in float64
    probe(f"dw, {name}", dw, rel_error=1e-10)  # the same
    probe(f"db, {name}", db, rel_error=1e-10)  # one sum
probe("dout unchanged after the call", np.array_equal(dout, copy), exact=True)
shapes = [(6, 3, 3), (9, 2), (2,), (6, 2)]
x, w, b, dout = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
dx, dw, db = affine_backward(dout, affine_forward(x, w, b)[1])
probe("dx in float32", dx, rel_error=1e-5)  # float32, or better
probe("dw in float32", dw, rel_error=1e-5)  # the same
probe("db in float32", db, rel_error=1e-5)  # the same
### END HIDDEN TESTS

# %% [markdown]
# ## ReLU, forward
#
# Two affine layers in a row are one affine layer: $(x w_1) w_2 = x (w_1 w_2)$. It takes something
# that isn't linear between them to make a network more than a linear classifier. The plainest
# such thing is the rectified linear unit,
#
# $$\text{ReLU}(x) = \max(0, x).$$
#
# Write **`relu_forward`**. Make a new array: `x` goes into the cache as it was.

# %% question="relu_forward" points=1
x = np.linspace(-0.5, 0.5, num=12).reshape(3, 4)
out, _ = relu_forward(x)
correct_out = np.array(
    [
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.04545455, 0.13636364],
        [0.22727273, 0.31818182, 0.40909091, 0.5],
    ]
)
assert_close(out, correct_out, rel_error=1e-7)  # 8 printed decimals
### BEGIN HIDDEN TESTS
rng = probe.rng()
x = rng.normal(size=(3, 4, 5))
copy = x.copy()
probe("three axes", relu_forward(x)[0], rel_error=1e-12)  # no rounding at all
probe("x unchanged after the call", np.array_equal(x, copy), exact=True)
probe("large numbers", relu_forward(1e3 * rng.normal(size=(2, 7)))[0], rel_error=1e-12)  # the same
probe("small numbers", relu_forward(1e-6 * rng.normal(size=9))[0], rel_error=1e-12)  # the same
out, _ = relu_forward(-1 - rng.random(size=(1, 6)))
probe("only negative numbers", out, exact=True)  # all 0
out, _ = relu_forward(rng.normal(size=(4, 3)).astype(np.float32))
probe("numbers in float32", out, rel_error=1e-6)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ## ReLU, backward
#
# Where $x > 0$ the output follows the input, so the gradient passes unchanged. Where $x < 0$ the
# output is 0 whatever $x$ does, so no gradient passes. What decides is the sign of the *input of
# the forward pass*, which is why it is in the cache.
#
# Write **`relu_backward`**. (At exactly 0 there is no derivative; both answers count as right.)

# %% question="relu_backward" points=1
np.random.seed(231)
x, dout = np.random.randn(10, 10), np.random.randn(10, 10)
dx = relu_backward(dout, relu_forward(x)[1])
numeric_dx = eval_numerical_gradient_array(lambda x: relu_forward(x)[0], x, dout)
# Straight on both sides of the kink, and no x is within 1e-5 of it: only rounding is left.
assert_close(dx, numeric_dx, rel_error=1e-8)
### BEGIN HIDDEN TESTS
rng = probe.rng()
x, dout = rng.normal(size=(3, 4, 5)), rng.normal(size=(3, 4, 5))
copy, cache = dout.copy(), relu_forward(x)[1]
probe("three axes", relu_backward(dout, cache), rel_error=1e-12)  # no rounding at all
probe("dout unchanged after the call", np.array_equal(dout, copy), exact=True)
x, dout = 1e-6 * rng.normal(size=7), 1e3 * rng.normal(size=7)
probe("small x, large dout", relu_backward(dout, relu_forward(x)[1]), rel_error=1e-12)  # the same
x, dout = -1 - rng.random(size=(1, 6)), rng.normal(size=(1, 6))
probe("only negative numbers", relu_backward(dout, relu_forward(x)[1]), exact=True)  # all 0
x, dout = (rng.normal(size=(4, 3)).astype(np.float32) for _ in range(2))
probe("numbers in float32", relu_backward(dout, relu_forward(x)[1]), rel_error=1e-6)  # or better
### END HIDDEN TESTS

# %% [markdown]
# ### Other activations
#
# ReLU is one choice of many. Here are three, as functions of one number:

# %% tags=["explore"]
t = np.linspace(-8, 8, 401)
activations = {
    "sigmoid: 1 / (1 + exp(-x))": 1 / (1 + np.exp(-t)),
    "ReLU: max(0, x)": np.maximum(0, t),
    "leaky ReLU: max(0.05 x, x)": np.maximum(0.05 * t, t),
}
plt.figure(figsize=(10, 2.6))
for i, (title, values) in enumerate(activations.items()):
    plt.subplot(1, 3, i + 1)
    plt.plot(t, values)
    plt.axhline(0, color="0.8", zorder=0)
    plt.axvline(0, color="0.8", zorder=0)
    plt.title(title, fontsize=10)
plt.tight_layout()
plt.show()

# %% [markdown]
# **Question.** The gradient that arrives at an activation is multiplied by the activation's
# slope. If the slope is 0, or nearly 0, next to nothing arrives at the layers before it, and they
# don't learn. For which of the three activations above can that happen, and for which inputs?
# Give an example of an input for each. What does it mean for a unit if *all* training examples
# fall into such a region?

# %% [markdown] written="vanishing_gradients" points=2
# ### BEGIN SOLUTION
# - *Sigmoid*: for inputs far from 0 on either side it is almost flat. Its slope is s (1 - s): at
#   x = 10 or x = -10 that is about 0.00005. (Even at 0 it is only 1/4, so that many sigmoids in a
#   row shrink a gradient in any case.)
# - *ReLU*: for every negative input, such as x = -1, the slope is exactly 0.
# - *Leaky ReLU*: never; its slope is 1 or 0.05. The gradient of a negative input becomes smaller,
#   but it arrives.
#
# If all examples fall into the flat region, the weights of the unit get no gradient from any of
# them. A ReLU of that kind outputs 0 for everything and doesn't change any more: it is dead. (It
# may come to life again only if the layers before it change its inputs.) A sigmoid of that kind
# is saturated and learns extremely slowly.
# ### END SOLUTION

# %% [markdown]
# ### A sandwich
#
# An affine layer is nearly always followed by an activation. `cs231n/layer_utils.py` has the two
# as one layer, made of your functions. Read it: a network is written just like this. The check of
# its gradients has nothing for you to write, and shows that your layers fit together.

# %% tags=["explore"]
np.random.seed(231)
x, w, b = np.random.randn(2, 3, 4), np.random.randn(12, 10), np.random.randn(10)
dout = np.random.randn(2, 10)
dx, dw, db = affine_relu_backward(dout, affine_relu_forward(x, w, b)[1])
numeric_dx = eval_numerical_gradient_array(lambda x: affine_relu_forward(x, w, b)[0], x, dout)
numeric_dw = eval_numerical_gradient_array(lambda w: affine_relu_forward(x, w, b)[0], w, dout)
numeric_db = eval_numerical_gradient_array(lambda b: affine_relu_forward(x, w, b)[0], b, dout)
assert_close(dx, numeric_dx, rel_error=1e-8)
assert_close(dw, numeric_dw, rel_error=1e-8)
assert_close(db, numeric_db, rel_error=1e-8)

# %% [markdown]
# ## Two losses
#
# The last layer turns scores $x$, one for each class, and the right class $y$ of each example
# into one number: how bad the scores are. Both losses here are the *mean* over the N examples of
# the batch. Both functions also return the gradient with respect to the scores, with which the
# backward pass begins.
#
# **SVM loss.** The right class should score at least 1 more than each other class. What is
# missing to that is added up:
#
# $$L_i = \sum_{j \neq y_i} \max(0,\; x_j - x_{y_i} + 1).$$
#
# For the gradient, count. Each wrong class whose term isn't 0 pushes its own score down with a
# gradient of 1, and the right score up with a gradient of $-1$.
#
# **Softmax loss.** The scores are made into probabilities, and the loss is how surprised one is
# by the right class:
#
# $$p_j = \frac{e^{x_j}}{\sum_k e^{x_k}}, \qquad L_i = -\log p_{y_i}, \qquad
#   \frac{\partial L_i}{\partial x_j} = p_j - [j = y_i].$$
#
# Two things to mind. $e^{1000}$ is too large for a computer, and $e^{-1000}$ is 0, whose
# logarithm is $-\infty$. But the probabilities stay the same when a constant is subtracted from
# all scores *of an example*. Which constant makes both harmless? And both the loss and the
# gradient are divided by N.

# %% tags=["explore"]
margin = np.linspace(-4, 4, 200)  # of the right class over the only other one
plt.figure(figsize=(7, 3))
plt.plot(margin, np.maximum(0, 1 - margin), label="SVM")
plt.plot(margin, np.log(1 + np.exp(-margin)), label="softmax")
plt.xlabel("score of the right class minus score of the other class")
plt.ylabel("loss")
plt.title("SVM is content with a margin of 1; softmax always wants a little more")
plt.legend()
plt.show()

# %% [markdown]
# Write **`svm_loss`**; it takes no loops. With tiny scores nearly every one of the 9 wrong
# classes is missing about 1, so the loss must be about 9.

# %% question="svm_loss" points=3
np.random.seed(231)
x, y = 0.001 * np.random.randn(50, 10), np.random.randint(10, size=50)
loss, dx = svm_loss(x, y)
assert_close(loss, 8.9996, rel_error=1e-5)  # 5 printed digits
numeric_dx = eval_numerical_gradient(lambda x: svm_loss(x, y)[0], x)
assert_close(dx, numeric_dx, rel_error=1e-7)  # rounding of the loss
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, N, C, scale in [
    ("seven classes", 5, 7, 3.0),
    ("a batch of one", 1, 4, 1.0),
    ("two classes", 6, 2, 1.0),
    ("scores of a thousand", 4, 6, 1e3),
]:
    x, y = scale * rng.normal(size=(N, C)), rng.integers(C, size=N)
    scores, labels = x.copy(), y.copy()
    loss, dx = svm_loss(x, y)
    probe(f"loss, {name}", loss, rel_error=1e-10)  # a few sums in float64
    probe(f"gradient, {name}", dx, rel_error=1e-10)  # whole numbers divided by N
    same = np.array_equal(x, scores) and np.array_equal(y, labels)
    probe(f"inputs unchanged, {name}", same, exact=True)
y = rng.integers(5, size=8)
right = -1e3 + 2e3 * (np.arange(5) == y[:, None]) + rng.normal(size=(8, 5))
loss, dx = svm_loss(right, y)
probe("loss where all margins are kept", loss, abs_error=1e-10)  # 0
probe("gradient where all margins are kept", dx, abs_error=1e-10)  # 0
x = rng.normal(size=(7, 3)).astype(np.float32)
loss, dx = svm_loss(x, rng.integers(3, size=7))
probe("loss in float32", loss, rel_error=1e-5)  # float32, or better
probe("gradient in float32", dx, rel_error=1e-5)  # the same
### END HIDDEN TESTS

# %% [markdown]
# Write **`softmax_loss`**; it takes no loops either. With tiny scores all 10 classes are equally
# probable, and the loss is about $-\log 0.1 \approx 2.3$. Remember that number: with ten classes
# it is what a network that knows nothing begins with.

# %% question="softmax_loss" points=3
np.random.seed(231)
x, y = 0.001 * np.random.randn(50, 10), np.random.randint(10, size=50)
loss, dx = softmax_loss(x, y)
assert_close(loss, 2.30254, rel_error=1e-5)  # 6 printed digits
numeric_dx = eval_numerical_gradient(lambda x: softmax_loss(x, y)[0], x)
assert_close(dx, numeric_dx, rel_error=1e-7)  # rounding of the loss
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, N, C, scale in [
    ("seven classes", 5, 7, 3.0),
    ("a batch of one", 1, 4, 1.0),
    ("two classes", 6, 2, 1.0),
]:
    x, y = scale * rng.normal(size=(N, C)), rng.integers(C, size=N)
    scores, labels = x.copy(), y.copy()
    loss, dx = softmax_loss(x, y)
    probe(f"loss, {name}", loss, rel_error=1e-7)  # in any form; a tiny guard in the log is fine
    probe(f"gradient, {name}", dx, rel_error=1e-9)  # exponentials in float64
    same = np.array_equal(x, scores) and np.array_equal(y, labels)
    probe(f"inputs unchanged, {name}", same, exact=True)
y = rng.integers(6, size=4)
for name, offset in [
    ("scores near 1000", 1e3),
    ("scores near -1000", -1e3),
    ("scores near 1000 and near -1000 in one batch", np.array([[1e3], [-1e3], [0.0], [-1e3]])),
]:
    loss, dx = softmax_loss(offset + rng.normal(size=(4, 6)), y)
    probe(f"loss, {name}", loss, rel_error=1e-7)  # scores of 1000 keep 13 decimals
    probe(f"gradient, {name}", dx, rel_error=1e-7)  # the same
sure = 1e3 * (2.0 * (np.arange(6) == y[:, None]) - 1)
loss, dx = softmax_loss(sure, y)
probe("loss of a network that is right and sure", loss, abs_error=1e-7)  # 0
probe("gradient of a network that is right and sure", dx, abs_error=1e-7)  # 0
x = rng.normal(size=(7, 3)).astype(np.float32)
loss, dx = softmax_loss(x, rng.integers(3, size=7))
probe("loss in float32", loss, rel_error=1e-5)  # float32, or better
probe("gradient in float32", dx, rel_error=1e-5)  # the same
### END HIDDEN TESTS

# %% [markdown]
# ## A network of two layers
#
# Now put the bricks together: affine, ReLU, affine, softmax. First come the parameters. All
# weights start as *small random* numbers. If they were all equal, all hidden units would compute
# the same, get the same gradient, and stay the same for ever. The biases may start as 0.
#
# Write **`TwoLayerNet.__init__`** in `cs231n/classifiers/fc_net.py`.

# %% question="TwoLayerNet_init" points=1
np.random.seed(231)
D, H, C = 5, 50, 7
model = TwoLayerNet(input_dim=D, hidden_dim=H, num_classes=C, weight_scale=1e-3)
assert_close(model.params["W1"].std(), 1e-3, abs_error=3e-4)  # 250 random numbers
assert_close(model.params["W2"].std(), 1e-3, abs_error=3e-4)  # 350 random numbers
assert_close(model.params["b1"], np.zeros(H), abs_error=0)
assert_close(model.params["b2"], np.zeros(C), abs_error=0)
### BEGIN HIDDEN TESTS
np.random.seed(int(probe.rng().integers(2**31)))
model = TwoLayerNet(input_dim=200, hidden_dim=150, num_classes=30, weight_scale=0.3, reg=0.7)
for name in ("W1", "W2"):
    W = np.asarray(model.params[name]) / 0.3
    probe(f"shape of {name}", W.shape, exact=True)
    # Five standard deviations of what two draws of 4500 numbers differ by.
    probe(f"mean of {name} / weight_scale", W.mean(), abs_error=0.11)
    probe(f"deviation of {name} / weight_scale", W.std(), abs_error=0.08)
    probe(f"deviation of the columns of {name}", np.median(W.std(axis=0)), abs_error=0.1)
    probe(f"deviation of the rows of {name}", np.median(W.std(axis=1)), abs_error=0.2)
    probe(f"share of {name} beyond two deviations", np.mean(np.abs(W) > 2), abs_error=0.025)
probe("b1", model.params["b1"], exact=True)
probe("b2", model.params["b2"], exact=True)
model = TwoLayerNet(7, 4, 3)
deviation = np.std(model.params["W1"]) / 1e-3  # of 28 numbers
probe("deviation of W1 without a weight_scale", deviation, abs_error=0.9)
probe("shape of W2 of a tiny network", np.shape(model.params["W2"]), exact=True)
shapes = [np.shape(TwoLayerNet().params[name]) for name in ("W1", "W2")]
probe("shapes without any argument", shapes, exact=True)
### END HIDDEN TESTS

# %% [markdown]
# Then comes the loss: the softmax loss of the scores, plus a price for large weights,
#
# $$L = L_\text{softmax} + \tfrac12\,\texttt{reg}\,\Big(\sum W_1^2 + \sum W_2^2\Big).$$
#
# The half is there so that the gradient of the second part is simply $\texttt{reg}\cdot W$.
# Biases are not penalised: they can't make a network overfit by depending on some pixel. And the
# last layer has no ReLU: scores may be negative.
#
# Write **`TwoLayerNet.loss`**, in two steps: first the scores, then the loss and the gradients.


# %%
def give_weights(model, sizes, rng, scale=0.5):
    """Set the parameters of a network with layers of these sizes to random numbers, biases too."""
    dtype = getattr(model, "dtype", np.float64)
    for i in range(1, len(sizes)):
        W, b = rng.standard_normal((sizes[i - 1], sizes[i])), rng.standard_normal(sizes[i])
        model.params[f"W{i}"] = (scale * W).astype(dtype)
        model.params[f"b{i}"] = (scale * b).astype(dtype)


def numeric_gradient(model, name, X, y):
    """Compute the gradient of a network's loss with respect to a parameter from its definition."""
    return eval_numerical_gradient(lambda _: model.loss(X, y)[0], model.params[name])


# %% question="TwoLayerNet_loss" points=4
D, H, C = 5, 50, 7
model = TwoLayerNet(input_dim=D, hidden_dim=H, num_classes=C)
model.params["W1"] = np.linspace(-0.7, 0.3, num=D * H).reshape(D, H)
model.params["b1"] = np.linspace(-0.1, 0.9, num=H)
model.params["W2"] = np.linspace(-0.3, 0.4, num=H * C).reshape(H, C)
model.params["b2"] = np.linspace(-0.9, 0.1, num=C)
X = np.linspace(-5.5, 4.5, num=15).reshape(D, 3).T
y = np.array([0, 5, 1])
correct_scores = np.array(
    [
        [11.53165108, 12.2917344, 13.05181771, 13.81190102, 14.57198434, 15.33206765, 16.09215096],
        [12.05769098, 12.74614105, 13.43459113, 14.1230412, 14.81149128, 15.49994135, 16.18839143],
        [12.58373087, 13.20054771, 13.81736455, 14.43418138, 15.05099822, 15.66781506, 16.2846319],
    ]
)
assert_close(model.loss(X), correct_scores, rel_error=1e-9)  # 10 printed digits
model.reg = 0.0
assert_close(model.loss(X, y)[0], 3.4702243556, rel_error=1e-10)  # 11 printed digits
model.reg = 1.0
assert_close(model.loss(X, y)[0], 26.5948426952, rel_error=1e-11)  # 12 printed digits
for reg in (0.0, 0.7):
    model.reg = reg
    loss, grads = model.loss(X, y)
    for name in ("W1", "b1", "W2", "b2"):
        numeric = numeric_gradient(model, name, X, y)
        assert_close(grads[name], numeric, rel_error=1e-7)  # rounding of a loss of 20
### BEGIN HIDDEN TESTS
rng = probe.rng()
D, H, C = 24, 9, 4
model = TwoLayerNet(D, H, C, reg=0.0)
give_weights(model, [D, H, C], rng, scale=0.3)
X, y = rng.normal(size=(6, 2, 3, 4)), rng.integers(C, size=6)
copies = {name: value.copy() for name, value in model.params.items()}
picture = X.copy()
probe("scores", model.loss(X), rel_error=1e-9)  # two products in float64
probe("scores of one example", model.loss(X[:1]), rel_error=1e-9)  # the same
for reg in (0.0, 0.8):
    model.reg = reg
    loss, grads = model.loss(X, y)
    probe(f"loss with reg {reg}", loss, rel_error=1e-7)  # softmax in any form
    for name in ("W1", "b1", "W2", "b2"):
        probe(f"gradient of {name} with reg {reg}", grads[name], rel_error=1e-8)  # three products
loss, grads = model.loss(X[:1], y[:1])
probe("loss of a batch of one", loss, rel_error=1e-7)  # softmax in any form
probe("gradient of W1 for a batch of one", grads["W1"], rel_error=1e-8)  # three products
probe("gradient of b2 for a batch of one", grads["b2"], rel_error=1e-8)  # the same
probe("X unchanged", np.array_equal(X, picture), exact=True)
same = all(np.array_equal(model.params[name], copy) for name, copy in copies.items())
probe("parameters unchanged", same, exact=True)
model = TwoLayerNet(D, H, C, reg=0.3)  # regularised from the start
give_weights(model, [D, H, C], rng, scale=0.3)
probe("loss with the reg of the constructor", model.loss(X, y)[0], rel_error=1e-7)  # the same
### END HIDDEN TESTS

# %% [markdown]
# ## The Solver
#
# A network computes losses and gradients. Training it is another job, and the `Solver` does that:
# it draws batches, lets an update rule take steps, measures accuracies, prints, and remembers the
# best parameters. It is all in `cs231n/solver.py`, some 100 lines. **Read it before you go on**,
# and find the answers to these:
#
# - How many steps make an epoch?
# - What must a network have for the Solver to be able to train it?
# - On which data is it decided which parameters are the best, and why not on the training data?
#
# Then train a network of two layers. With the settings below it should reach a validation
# accuracy of about 50 %. Try others; it is quick.

# %% tags=["explore"]
np.random.seed(0)
model = TwoLayerNet(hidden_dim=100, reg=0.5)
solver = Solver(
    model,
    data,
    update_rule="sgd",
    optim_config={"learning_rate": 1e-3},
    lr_decay=0.95,
    num_epochs=8,
    batch_size=100,
    print_every=1000,
)
solver.train()

# %% [markdown]
# The curves tell how the training goes, long before it ends:
#
# - a loss that falls in a straight line: the learning rate is too low;
# - a loss that drops at once and then stays high, or jumps: it is too high;
# - a wide gap between training and validation accuracy: the network overfits; regularise more, or
#   get more data;
# - no gap at all: the network could be larger.


# %% tags=["explore"]
def plot_training(solver):
    """Draw the loss of each step, and the accuracies after each epoch."""
    plt.figure(figsize=(11, 3.2))
    plt.subplot(1, 2, 1)
    many = len(solver.loss_history) > 100
    plt.plot(solver.loss_history, "." if many else ".-", markersize=1 if many else 5)
    plt.xlabel("iteration")
    plt.title("training loss")
    plt.subplot(1, 2, 2)
    plt.plot(solver.train_acc_history, "-o", label="training")
    plt.plot(solver.val_acc_history, "-o", label="validation")
    plt.xlabel("epoch")
    plt.title("accuracy")
    plt.legend(loc="lower right")
    plt.tight_layout()
    plt.show()


plot_training(solver)

# %% [markdown]
# Each hidden unit has one weight for each pixel and colour, so its weights can be shown as a
# picture. It is what the unit looks for.


# %% tags=["explore"]
def show_first_layer(W1, columns=20):
    """Draw the weights of each hidden unit as a picture, each scaled by itself."""
    pictures = W1.T.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    rows = -(-len(pictures) // columns)
    canvas = np.ones((33 * rows, 33 * columns, 3))
    for i, picture in enumerate(pictures):
        top, left = 33 * (i // columns), 33 * (i % columns)
        canvas[top : top + 32, left : left + 32] = (picture - picture.min()) / np.ptp(picture)
    plt.figure(figsize=(0.55 * columns, 0.55 * rows))
    plt.imshow(canvas)
    plt.axis("off")
    plt.show()


show_first_layer(model.params["W1"])

# %% [markdown]
# ## A network of any depth
#
# Now the same with any number of hidden layers:
#
# {affine - ReLU} x (L - 1) - affine - softmax
#
# The parameters are called `W1`, `b1`, `W2`, `b2`, ..., numbered from 1. `FullyConnectedNet` also
# has flags for normalisation and for dropout; they belong to the next two lessons, so leave them
# aside for now. But write the forward pass as a loop over the layers in which there is room for
# one more step.
#
# Write **`FullyConnectedNet.__init__`**. The sizes of all layers, from the input to the classes,
# are a list that you can make from the arguments; make a *new* list, since `hidden_dims` belongs
# to the caller.

# %% question="FullyConnectedNet_init" points=2
hidden_dims = [20, 30]
sizes = [15, 20, 30, 10]
model = FullyConnectedNet(hidden_dims, 15, 10, weight_scale=5e-2, dtype=np.float64)
for i in (1, 2, 3):
    assert_close(model.params[f"W{i}"].shape, (sizes[i - 1], sizes[i]))
    assert_close(model.params[f"W{i}"].std(), 5e-2, abs_error=1e-2)  # at least 300 random numbers
    assert_close(model.params[f"b{i}"], np.zeros(sizes[i]), abs_error=0)
assert_close(len(hidden_dims), 2)
### BEGIN HIDDEN TESTS
np.random.seed(int(probe.rng().integers(2**31)))
hidden_dims = [90, 60, 120, 80]
model = FullyConnectedNet(hidden_dims, 70, 50, weight_scale=0.2, dtype=np.float64)
probe("the caller's hidden_dims", hidden_dims, exact=True)
sizes = [70, 90, 60, 120, 80, 50]
for i in range(1, 6):
    W = np.asarray(model.params[f"W{i}"]) / 0.2
    probe(f"shape of W{i}", W.shape, exact=True)
    # Five standard deviations of what two draws of 4000 numbers differ by.
    probe(f"mean of W{i} / weight_scale", W.mean(), abs_error=0.12)
    probe(f"deviation of W{i} / weight_scale", W.std(), abs_error=0.08)
    probe(f"deviation of the columns of W{i}", np.median(W.std(axis=0)), abs_error=0.12)
    probe(f"deviation of the rows of W{i}", np.median(W.std(axis=1)), abs_error=0.2)
    probe(f"share of W{i} beyond two deviations", np.mean(np.abs(W) > 2), abs_error=0.025)
    probe(f"b{i}", model.params[f"b{i}"], exact=True)
probe("number of parameter arrays", len(model.params), exact=True)
model = FullyConnectedNet([8], num_classes=3)
probe("shape of W1 for pictures", np.shape(model.params["W1"]), exact=True)
deviation = np.std(model.params["W1"]) / 1e-2  # of 24576 numbers
probe("deviation of W1 without a weight_scale", deviation, abs_error=0.05)
probe("shape of W2 for three classes", np.shape(model.params["W2"]), exact=True)
probe("a network of one hidden layer has no third one", "W3" in model.params, exact=True)
### END HIDDEN TESTS

# %% [markdown]
# Write **`FullyConnectedNet.loss`**. Keep the caches of all layers, and walk through them
# backwards. The regularisation is that of `TwoLayerNet`, for the weights of all layers.
#
# Two sanity checks are worth a habit, for any network: does the *initial loss* have the value you
# expect, about $\log C$ without regularisation, and more with it? And do the gradients agree with
# numeric ones?

# %% question="FullyConnectedNet_loss" points=6
np.random.seed(231)
N, D, H1, H2, C = 2, 15, 20, 30, 10
X, y = np.random.randn(N, D), np.random.randint(C, size=N)
for reg, initial_loss, allowed in [(0, 2.30, 0.05), (3.14, 7.05, 0.8)]:
    model = FullyConnectedNet(
        [H1, H2], input_dim=D, num_classes=C, reg=reg, weight_scale=5e-2, dtype=np.float64
    )
    assert_close(model.loss(X, y)[0], initial_loss, abs_error=allowed)  # the weights are random
    give_weights(model, [D, H1, H2, C], np.random.default_rng(231), scale=0.2)
    loss, grads = model.loss(X, y)
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        numeric = numeric_gradient(model, name, X, y)
        assert_close(grads[name], numeric, rel_error=1e-6)  # rounding of the loss, small gradients
### BEGIN HIDDEN TESTS
rng = probe.rng()
for hidden_dims, C in [([9], 3), ([8, 6, 11], 7), ([10, 9, 8, 7], 4)]:
    sizes = [24, *hidden_dims, C]
    depth = len(hidden_dims) + 1
    model = FullyConnectedNet(hidden_dims, input_dim=24, num_classes=C, reg=0.8, dtype=np.float64)
    give_weights(model, sizes, rng, scale=0.3)
    X, y = rng.normal(size=(5, 2, 3, 4)), rng.integers(C, size=5)
    picture = X.copy()
    copies = {name: value.copy() for name, value in model.params.items()}
    probe(f"scores, {depth} layers", model.loss(X), rel_error=1e-9)  # a few products in float64
    loss, grads = model.loss(X, y)
    probe(f"loss, {depth} layers", loss, rel_error=1e-7)  # softmax in any form
    for i in range(1, depth + 1):
        probe(f"gradient of W{i}, {depth} layers", grads[f"W{i}"], rel_error=1e-8)  # a few products
        probe(f"gradient of b{i}, {depth} layers", grads[f"b{i}"], rel_error=1e-8)  # the same
    same = all(np.array_equal(model.params[name], copy) for name, copy in copies.items())
    same = same and np.array_equal(X, picture)
    probe(f"X and parameters unchanged, {depth} layers", same, exact=True)
model.reg = 0.0
probe("loss without regularisation", model.loss(X, y)[0], rel_error=1e-7)  # softmax in any form
loss, grads = model.loss(X[3:4], y[3:4])
probe("loss of a batch of one, after other batches", loss, rel_error=1e-7)  # softmax in any form
for i in (1, 3, 5):
    probe(f"gradient of W{i} for a batch of one", grads[f"W{i}"], rel_error=1e-8)  # a few products
probe("scores of a batch of one", model.loss(X[3:4]), rel_error=1e-9)  # the same
model = FullyConnectedNet([12, 10], input_dim=18, num_classes=5, reg=0.1)
give_weights(model, [18, 12, 10, 5], rng, scale=0.3)
loss, grads = model.loss(rng.normal(size=(7, 18)), rng.integers(5, size=7))
probe("loss in float32", loss, rel_error=1e-4)  # float32, or better
for i in (1, 2, 3):
    probe(f"gradient of W{i} in float32", grads[f"W{i}"], rel_error=1e-4)  # the same
### END HIDDEN TESTS

# %% [markdown]
# ## Learn fifty pictures by heart
#
# The best test of a network as a whole: can it learn 50 pictures by heart? With hundreds of
# thousands of weights it has no excuse. If it fails, something is wrong: the code or the
# settings. First with three layers of 100, 100 and 10 units. In 20 epochs it should get all 50
# right.
#
# Look for a learning rate and a weight scale with which it does. Begin with `1e-4` and `1e-2`,
# see what happens in the plot, and move one of them at a time, by factors of 3 or so.


# %%
def learn_by_heart(hidden_dims, settings, X, y):
    """Train a network on a few pictures alone, without regularisation, and return the Solver."""
    few = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
    model = FullyConnectedNet(hidden_dims, weight_scale=settings["weight_scale"])
    config = {"learning_rate": settings["learning_rate"]}
    solver = Solver(model, few, optim_config=config, num_epochs=20, batch_size=25, verbose=False)
    with np.errstate(all="ignore"):  # a learning rate that is too high ends in infinities
        solver.train()
    return solver


def fifty_pictures(seed):
    """Draw 50 pictures and return them centred, with their labels."""
    images, y = stand_in.draw(50, seed=seed)
    X = images.astype(np.float32).transpose(0, 3, 1, 2)
    return X - X.mean(axis=0), y


# %% answer="three_layer_settings"
# TODO: three_layer_settings = {"learning_rate": ..., "weight_scale": ...}
### BEGIN SOLUTION
three_layer_settings = {"learning_rate": 3e-3, "weight_scale": 2e-2}
### END SOLUTION

# %% tags=["explore"]
solver = learn_by_heart([100, 100], three_layer_settings, *fifty_pictures(seed=231))
plot_training(solver)
print(f"{max(solver.train_acc_history):.0%} of the 50 pictures")

# %% question="overfit_three_layers" points=1
np.random.seed(0)
solver = learn_by_heart([100, 100], three_layer_settings, *fifty_pictures(seed=231))
assert_close(max(solver.train_acc_history), 1.0, abs_error=0.02)  # one of 50 may be wrong
### BEGIN HIDDEN TESTS
rng = probe.rng()
np.random.seed(int(rng.integers(2**31)))
solver = learn_by_heart([100, 100], three_layer_settings, *fifty_pictures(int(rng.integers(2**31))))
# Settings that reach 100 % on some 50 pictures reach more than 85 % on any others.
probe("share of 50 other pictures", max(solver.train_acc_history), abs_error=0.15)
### END HIDDEN TESTS

# %% [markdown]
# Now five layers, `[100, 100, 100, 100]` and 10 units. That is another matter. Begin with a
# learning rate of `2e-3` and a weight scale of `1e-5`: nothing at all will happen. Which of the
# two is to blame? The picture after the next one helps, if you don't find out by trying.

# %% answer="five_layer_settings"
# TODO: five_layer_settings = {"learning_rate": ..., "weight_scale": ...}
### BEGIN SOLUTION
five_layer_settings = {"learning_rate": 2e-3, "weight_scale": 7e-2}
### END SOLUTION

# %% tags=["explore"]
solver = learn_by_heart([100] * 4, five_layer_settings, *fifty_pictures(seed=231))
plot_training(solver)
print(f"{max(solver.train_acc_history):.0%} of the 50 pictures")

# %% question="overfit_five_layers" points=1
np.random.seed(0)
solver = learn_by_heart([100] * 4, five_layer_settings, *fifty_pictures(seed=231))
assert_close(max(solver.train_acc_history), 1.0, abs_error=0.02)  # one of 50 may be wrong
### BEGIN HIDDEN TESTS
rng = probe.rng()
np.random.seed(int(rng.integers(2**31)))
solver = learn_by_heart([100] * 4, five_layer_settings, *fifty_pictures(int(rng.integers(2**31))))
# Settings that reach 100 % on some 50 pictures reach more than 85 % on any others.
probe("share of 50 other pictures", max(solver.train_acc_history), abs_error=0.15)
### END HIDDEN TESTS

# %% [markdown]
# ### What the weight scale does
#
# Two pictures. The first one follows numbers through a deep network at its start: how large are
# they after each layer, for three weight scales? The second one trains networks of three and of
# five layers on 50 pictures, with many weight scales and each time with the best of four learning
# rates.
#
# The number to compare with is $\sqrt{2/D}$ for a layer with $D$ inputs, which keeps the size of
# the numbers from one ReLU layer to the next (He et al., *Delving Deep into Rectifiers*, 2015,
# section 2.2). For 100 inputs it is 0.14.

# %% tags=["explore"]
X, _ = fifty_pictures(seed=231)
plt.figure(figsize=(8, 3))
for scale in (0.05, np.sqrt(2 / 100), 0.3):
    np.random.seed(0)
    out, deviations = X / X.std(), [1.0]
    for inputs in [3072] + [100] * 7:
        first = inputs == 3072  # the first layer has other inputs: give it the scale that suits it
        w = (np.sqrt(2 / 3072) if first else scale) * np.random.randn(inputs, 100)
        out, _ = affine_relu_forward(out, w, np.zeros(100))
        deviations.append(out.std())
    plt.semilogy(deviations, "-o", label=f"weight scale {scale:.2f}")
plt.xlabel("layer")
plt.ylabel("standard deviation of its outputs")
plt.title("each layer multiplies the numbers by the same factor")
plt.legend()
plt.show()

# %% tags=["explore"]
X, y = fifty_pictures(seed=231)
scales = np.logspace(-3, -0.5, 13)
plt.figure(figsize=(8, 3))
for hidden_dims in ([100, 100], [100] * 4):
    best = []
    for scale in scales:
        accuracies = []
        for learning_rate in (1e-4, 1e-3, 3e-3, 1e-2):
            np.random.seed(0)
            settings = {"learning_rate": learning_rate, "weight_scale": scale}
            accuracies.append(max(learn_by_heart(hidden_dims, settings, X, y).train_acc_history))
        best.append(max(accuracies))
    plt.semilogx(scales, best, "-o", label=f"{len(hidden_dims) + 1} layers")
plt.xlabel("weight scale")
plt.ylabel("share of 50 pictures learnt")
plt.legend()
plt.show()

# %% [markdown]
# **Question.** Which of the two networks, the one with three layers or the one with five, is more
# sensitive to the scale of the weights at the start? Explain why, with what you see in the two
# pictures.

# %% [markdown] written="weight_scale" points=2
# ### BEGIN SOLUTION
# The one with five layers: it learns in a narrower range of scales, and fails altogether with
# small ones that are still good for three layers.
#
# Each layer multiplies the size of the numbers by about the same factor, which is proportional to
# the scale. After L layers the factors have been multiplied with each other: it is the scale to
# the power of L that counts. The same happens to the gradients on their way back, since they are
# multiplied by the same weights. With a scale somewhat too small the scores of a deep network
# hardly depend on the picture any more, and its first layers get next to no gradient. With one
# somewhat too large, scores and gradients explode (in the second picture a smaller learning rate
# made up for that). The more layers, the less is needed for either.
# ### END SOLUTION

# %% [markdown]
# ## Better steps
#
# Plain gradient descent takes a step against the gradient:
#
# $$w \leftarrow w - \eta\,dw,$$
#
# where $\eta$ is the learning rate. It has trouble in valleys that are steep across and shallow
# along: it swings from wall to wall and creeps along the floor. The rules in `cs231n/optim.py`
# remember something from one step to the next, and do better. What they remember is in `config`,
# which they return for the next step.
#
# ### Momentum
#
# A ball that rolls downhill doesn't forget its velocity. The gradient changes the velocity, and
# the velocity moves the ball:
#
# $$v \leftarrow \mu v - \eta\,dw, \qquad w \leftarrow w + v.$$
#
# $\mu$ is called momentum, and is a kind of friction: with 0.9 a tenth of the velocity is lost in
# each step.
#
# Write **`sgd_momentum`**.

# %% question="sgd_momentum" points=2
w = np.linspace(-0.4, 0.6, num=20).reshape(4, 5)
dw = np.linspace(-0.6, 0.4, num=20).reshape(4, 5)
v = np.linspace(0.6, 0.9, num=20).reshape(4, 5)
next_w, config = sgd_momentum(w, dw, {"learning_rate": 1e-3, "velocity": v})
correct_next_w = np.array(
    [
        [0.1406, 0.20738947, 0.27417895, 0.34096842, 0.40775789],
        [0.47454737, 0.54133684, 0.60812632, 0.67491579, 0.74170526],
        [0.80849474, 0.87528421, 0.94207368, 1.00886316, 1.07565263],
        [1.14244211, 1.20923158, 1.27602105, 1.34281053, 1.4096],
    ]
)
correct_velocity = np.linspace(0.5406, 0.8096, num=20).reshape(4, 5)
assert_close(next_w, correct_next_w, rel_error=1e-8)  # linear in everything
assert_close(config["velocity"], correct_velocity, rel_error=1e-8)  # the same
### BEGIN HIDDEN TESTS
rng = probe.rng()
w, config = rng.normal(size=(3, 2)), {"learning_rate": 0.3, "momentum": 0.7}
other, other_config = rng.normal(size=5), {"learning_rate": 0.1, "momentum": 0.4}
for step in (1, 2, 3):  # two parameters by turns: neither may disturb the other
    w, config = sgd_momentum(w, rng.normal(size=(3, 2)), config)
    other, other_config = sgd_momentum(other, rng.normal(size=5), other_config)
    probe(f"step {step}", w, rel_error=1e-10)  # sums in float64
    probe(f"step {step} of another parameter", other, rel_error=1e-10)  # the same
probe("velocity after three steps", config["velocity"], rel_error=1e-10)  # the same
w, config = sgd_momentum(rng.normal(size=(2, 3, 1, 4)), rng.normal(size=(2, 3, 1, 4)))
probe("four axes, settings left out", w, rel_error=1e-10)  # the same
w, _ = sgd_momentum(w, rng.normal(size=(2, 3, 1, 4)), config)
probe("the step after that", w, rel_error=1e-10)  # the same
w, dw = (rng.normal(size=(7, 3)).astype(np.float32) for _ in range(2))
w, _ = sgd_momentum(w, dw, {"learning_rate": 0.2})
probe("numbers in float32", w, rel_error=1e-5)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ### RMSProp
#
# Some weights have large gradients, some small ones, and one learning rate for all suits neither.
# RMSProp (Tieleman and Hinton, 2012) keeps a running mean of the *squared* gradients for each
# number in $w$, called the cache $c$, and divides by its root:
#
# $$c \leftarrow \rho\,c + (1 - \rho)\,dw^2, \qquad
#   w \leftarrow w - \eta\,\frac{dw}{\sqrt{c} + \epsilon}.$$
#
# $\rho$ is `decay_rate`, and $\epsilon$ keeps the division from exploding where the gradients are
# 0. The step uses the new cache.
#
# Write **`rmsprop`**.

# %% question="rmsprop" points=2
w = np.linspace(-0.4, 0.6, num=20).reshape(4, 5)
dw = np.linspace(-0.6, 0.4, num=20).reshape(4, 5)
cache = np.linspace(0.6, 0.9, num=20).reshape(4, 5)
next_w, config = rmsprop(w, dw, {"learning_rate": 1e-2, "cache": cache})
correct_next_w = np.array(
    [
        [-0.39223849, -0.34037513, -0.28849239, -0.23659121, -0.18467247],
        [-0.132737, -0.08078555, -0.02881884, 0.02316247, 0.07515774],
        [0.12716641, 0.17918792, 0.23122175, 0.28326742, 0.33532447],
        [0.38739248, 0.43947102, 0.49155973, 0.54365823, 0.59576619],
    ]
)
correct_cache = np.array(
    [
        [0.5976, 0.6126277, 0.6277108, 0.64284931, 0.65804321],
        [0.67329252, 0.68859723, 0.70395734, 0.71937285, 0.73484377],
        [0.75037008, 0.7659518, 0.78158892, 0.79728144, 0.81302936],
        [0.82883269, 0.84469141, 0.86060554, 0.87657507, 0.8926],
    ]
)
assert_close(next_w, correct_next_w, rel_error=1e-7)  # 8 printed decimals
assert_close(config["cache"], correct_cache, rel_error=1e-7)  # the same
### BEGIN HIDDEN TESTS
rng = probe.rng()
w, config = rng.normal(size=(3, 2)), {"learning_rate": 0.3, "decay_rate": 0.7, "epsilon": 0.2}
other, other_config = rng.normal(size=5), {"learning_rate": 0.1, "decay_rate": 0.4}
for step in (1, 2, 3):  # two parameters by turns: neither may disturb the other
    w, config = rmsprop(w, rng.normal(size=(3, 2)), config)
    other, other_config = rmsprop(other, rng.normal(size=5), other_config)
    probe(f"step {step}, large epsilon", w, rel_error=1e-9)  # a root and a quotient in float64
    probe(f"step {step} of another parameter", other, rel_error=1e-9)  # the same
probe("cache after three steps", config["cache"], rel_error=1e-9)  # sums
w, config = rmsprop(rng.normal(size=(2, 3, 1, 4)), rng.normal(size=(2, 3, 1, 4)))
probe("four axes, settings left out", w, rel_error=1e-9)  # a root and a quotient
w, _ = rmsprop(w, rng.normal(size=(2, 3, 1, 4)), config)
probe("the step after that", w, rel_error=1e-9)  # the same
w, _ = rmsprop(rng.normal(size=4), np.zeros(4))
probe("gradients that are 0", w, rel_error=1e-9)  # nothing moves
w, dw = (rng.normal(size=(7, 3)).astype(np.float32) for _ in range(2))
w, _ = rmsprop(w, dw, {"learning_rate": 0.2})
probe("numbers in float32", w, rel_error=1e-5)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ### Adam
#
# Adam (Kingma and Ba, 2015, algorithm 1) takes from both: a running mean $m$ of the gradients,
# like a velocity, and a running mean $v$ of their squares, like RMSProp's cache. Both start at 0
# and are too small in the first steps, so both are corrected. With $t$ the number of the step,
# counted from 1:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\,dw, \qquad
#   v \leftarrow \beta_2 v + (1 - \beta_2)\,dw^2,$$
#
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad
#   w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}.$$
#
# What is kept for the next step is $m$ and $v$, without the correction. `config["t"]` is the
# number of steps taken so far: count it up *before* you use it, and store it.
#
# Write **`adam`**.

# %% question="adam" points=3
w = np.linspace(-0.4, 0.6, num=20).reshape(4, 5)
dw = np.linspace(-0.6, 0.4, num=20).reshape(4, 5)
m = np.linspace(0.6, 0.9, num=20).reshape(4, 5)
v = np.linspace(0.7, 0.5, num=20).reshape(4, 5)
next_w, config = adam(w, dw, {"learning_rate": 1e-2, "m": m, "v": v, "t": 5})
correct_next_w = np.array(
    [
        [-0.40094747, -0.34836187, -0.29577703, -0.24319299, -0.19060977],
        [-0.1380274, -0.08544591, -0.03286534, 0.01971428, 0.0722929],
        [0.1248705, 0.17744702, 0.23002243, 0.28259667, 0.33516969],
        [0.38774145, 0.44031188, 0.49288093, 0.54544852, 0.59801459],
    ]
)
correct_v = np.array(
    [
        [0.69966, 0.68908382, 0.67851319, 0.66794809, 0.65738853],
        [0.64683452, 0.63628604, 0.6257431, 0.61520571, 0.60467385],
        [0.59414753, 0.58362676, 0.57311152, 0.56260183, 0.55209767],
        [0.54159906, 0.53110598, 0.52061845, 0.51013645, 0.49966],
    ]
)
correct_m = np.linspace(0.48, 0.85, num=20).reshape(4, 5)  # 0.48, 0.49947368, 0.51894737, ...
assert_close(next_w, correct_next_w, rel_error=1e-7)  # 8 printed decimals
assert_close(config["v"], correct_v, rel_error=1e-7)  # the same
assert_close(config["m"], correct_m, rel_error=1e-8)  # linear
assert_close(config["t"], 6)
### BEGIN HIDDEN TESTS
rng = probe.rng()
w = rng.normal(size=(3, 2))
config = {"learning_rate": 0.3, "beta1": 0.8, "beta2": 0.6, "epsilon": 0.2}
other, other_config = rng.normal(size=5), {"learning_rate": 0.1, "beta1": 0.5}
for step in (1, 2, 3):  # two parameters by turns: neither may disturb the other
    w, config = adam(w, rng.normal(size=(3, 2)), config)
    other, other_config = adam(other, rng.normal(size=5), other_config)
    probe(f"step {step}, large epsilon", w, rel_error=1e-9)  # a root and quotients in float64
    probe(f"step {step} of another parameter", other, rel_error=1e-9)  # the same
probe("m after three steps", config["m"], rel_error=1e-9)  # sums
probe("v after three steps", config["v"], rel_error=1e-9)  # sums
probe("t after three steps", float(config["t"]), exact=True)
w, config = adam(rng.normal(size=(2, 3, 1, 4)), rng.normal(size=(2, 3, 1, 4)))
probe("four axes, settings left out", w, rel_error=1e-9)  # a root and quotients
w, _ = adam(w, rng.normal(size=(2, 3, 1, 4)), config)
probe("the step after that", w, rel_error=1e-9)  # the same
w, _ = adam(rng.normal(size=4), np.zeros(4))
probe("gradients that are 0", w, rel_error=1e-9)  # nothing moves
w, dw = (rng.normal(size=(7, 3)).astype(np.float32) for _ in range(2))
w, _ = adam(w, dw, {"learning_rate": 0.2})
probe("numbers in float32", w, rel_error=1e-4)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ### What to look at
#
# Here are all four rules in a valley with a slope along and walls that are 30 times as steep.
# Each takes 40 steps. Watch who swings between the walls, who overshoots at the end, and who goes
# straight ahead.

# %% tags=["explore"]
steepness = np.array([1.0, 30.0])
rules = [(sgd, 0.06), (sgd_momentum, 0.02), (rmsprop, 0.15), (adam, 0.3)]
u, v = np.meshgrid(np.linspace(-4.5, 1.5, 80), np.linspace(-1.2, 1.2, 60))
plt.figure(figsize=(11, 4.6))
for i, (rule, learning_rate) in enumerate(rules):
    w, config = np.array([-4.0, 0.9]), {"learning_rate": learning_rate}
    path = [w]
    for _ in range(40):
        w, config = rule(w, steepness * w, config)
        path.append(np.array(w))
    plt.subplot(2, 2, i + 1)
    plt.contour(u, v, 0.5 * (u**2 + 30 * v**2), levels=12, colors="0.8")
    plt.plot(*np.transpose(path), "-o", markersize=3, color=f"C{i}")
    plt.plot(0, 0, "k*")
    plt.xlim(-4.5, 1.5)
    plt.ylim(-1.2, 1.2)
    plt.title(f"{rule.__name__}, learning rate {learning_rate}", fontsize=10)
plt.tight_layout()
plt.show()

# %% [markdown]
# And on pictures: a network of six layers, 4 000 pictures, five epochs, once with each rule.
# Compare how fast the losses fall. Do the curves for training and validation tell the same story?

# %% tags=["explore"]
small_data = {**data, "X_train": data["X_train"][:4000], "y_train": data["y_train"][:4000]}
rates = {"sgd": 5e-3, "sgd_momentum": 5e-3, "rmsprop": 1e-4, "adam": 1e-3}
solvers = {}
for rule, learning_rate in rates.items():
    np.random.seed(0)
    model = FullyConnectedNet([100] * 5, weight_scale=5e-2)
    solvers[rule] = Solver(
        model,
        small_data,
        update_rule=rule,
        optim_config={"learning_rate": learning_rate},
        num_epochs=5,
        batch_size=100,
        verbose=False,
    )
    solvers[rule].train()
    print(f"{rule}: validation accuracy {solvers[rule].best_val_acc:.3f}")

# %% tags=["explore"]
plt.figure(figsize=(12, 3.4))
for rule, solver in solvers.items():
    smooth = np.convolve(solver.loss_history, np.ones(10) / 10, mode="valid")
    for i, curve in enumerate([smooth, solver.train_acc_history, solver.val_acc_history]):
        plt.subplot(1, 3, i + 1)
        plt.plot(curve, "-" if i == 0 else "-o", label=rule)
titles = ["training loss, mean of 10", "training accuracy", "validation accuracy"]
for i, title in enumerate(titles):
    plt.subplot(1, 3, i + 1)
    plt.title(title)
    plt.xlabel("epoch" if i else "iteration")
plt.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# **Question.** An older rule, AdaGrad (Duchi, Hazan and Singer, 2011), adds up *all* squared
# gradients:
#
# ```
# cache += dw**2
# w -= learning_rate * dw / (np.sqrt(cache) + eps)
# ```
#
# Somebody who trains with it notices that after a while the updates become tiny and the network
# learns very slowly. Why does that happen? Does Adam have the same trouble?

# %% [markdown] written="adagrad" points=2
# ### BEGIN SOLUTION
# The cache is a sum of squares: it can only grow, and with gradients of a steady size it grows in
# proportion to the number of steps t. So the step is divided by something that grows like the
# square root of t, for ever: the learning rate shrinks towards 0, whether or not the minimum is
# near. Large gradients at the start make it worse, since they are never forgotten.
#
# Adam doesn't have this trouble. Its v is a running *mean*, not a sum: old squares fade away by a
# factor of beta2 in each step, so v stays about as large as recent squared gradients, and shrinks
# again when these do. (The correction for the start approaches 1, so it doesn't change that.)
# ### END SOLUTION

# %% [markdown]
# ## Searching for good settings
#
# Learning rate, weight scale, regularisation: nobody can compute the best values, so one tries.
# Two rules of thumb:
#
# - **At random, not on a grid.** In a grid of 3 x 3 settings each learning rate is tried three
#   times, with only three different values in all. Nine random settings try nine learning rates
#   (Bergstra and Bengio, *Random Search for Hyper-Parameter Optimization*, 2012).
# - **By factors, not by differences.** From 0.0001 to 0.001 is as large a change as from 0.1 to
#   1. So it is the *logarithm* that should be spread evenly: between 0.0001 and 1 a quarter of
#   all tries should be below 0.001.
#
# And from coarse to fine: first wide ranges with short trainings, then narrower ranges around
# what worked, with longer ones.
#
# Write the two functions that this takes.


# %% answer="sample_hyperparameters_code"
def sample_hyperparameters(rng, ranges):
    """Draw one value for each setting, evenly spread on a logarithmic scale.

    Inputs:
    - rng: A np.random.Generator; the only source of chance to use.
    - ranges: Dictionary {name: (low, high)}, 0 < low <= high.

    Returns a dictionary {name: value} with low <= value <= high, each drawn independently.
    """
    ### BEGIN SOLUTION
    logs = {name: np.log(limits) for name, limits in ranges.items()}
    return {name: float(np.exp(rng.uniform(low, high))) for name, (low, high) in logs.items()}
    ### END SOLUTION


# %% question="sample_hyperparameters" points=2
ranges = {"learning_rate": (1e-4, 1.0), "weight_scale": (1e-3, 1e-1)}
rng = np.random.default_rng(231)
samples = [sample_hyperparameters(rng, ranges) for _ in range(2000)]
rates = np.array([settings["learning_rate"] for settings in samples])
assert_close(np.mean(rates < 1e-3), 0.25, abs_error=0.05)  # five standard deviations
assert_close(np.mean(rates < 1e-2), 0.5, abs_error=0.06)  # the same
assert_close(np.all((rates >= 1e-4 / 1.0001) & (rates <= 1.0001)), True)
### BEGIN HIDDEN TESTS
seed = int(probe.rng().integers(2**31))
ranges = {"learning_rate": (1e-5, 1e-2), "reg": (1e-3, 1e2), "weight_scale": (0.05, 0.05)}
rng = np.random.default_rng(seed)
samples = [sample_hyperparameters(rng, ranges) for _ in range(4000)]
logs = {name: np.log10([settings[name] for settings in samples]) for name in ranges}
for name, (low, high) in ranges.items():
    values = np.array([settings[name] for settings in samples])
    inside = np.all((values > low / 1.000001) & (values < high * 1.000001))
    probe(f"{name} within its range", inside, exact=True)
    # More than five standard deviations of what two sets of 4000 samples differ by.
    probe(f"mean logarithm of {name}", np.mean(logs[name]), abs_error=0.2)
    probe(f"deviation of the logarithm of {name}", np.std(logs[name]), abs_error=0.1)
joint = np.corrcoef(logs["learning_rate"], logs["reg"])[0, 1]
probe("correlation of learning_rate and reg", joint, abs_error=0.12)  # five standard deviations
different = len(np.unique(logs["learning_rate"])) > 3900
probe("every call draws anew", different, exact=True)
again = sample_hyperparameters(np.random.default_rng(seed), ranges)
probe("the same rng gives the same settings", again["reg"] == samples[0]["reg"], exact=True)
### END HIDDEN TESTS


# %% answer="refine_ranges_code"
def refine_ranges(results, keep):
    """Narrow the ranges of a search to what the best tries used.

    Inputs:
    - results: List of tuples (val_acc, settings); settings is a dictionary {name: value}. The list
      must not be changed.
    - keep: How many of the tries with the highest val_acc to look at.

    Returns a dictionary {name: (low, high)}: the smallest and the largest value among these tries.
    """
    ### BEGIN SOLUTION
    best = [settings for _, settings in sorted(results, key=lambda result: -result[0])[:keep]]
    return {
        name: (min(settings[name] for settings in best), max(settings[name] for settings in best))
        for name in best[0]
    }
    ### END SOLUTION


# %% question="refine_ranges" points=1
results = [
    (0.31, {"learning_rate": 1e-4, "reg": 0.5}),
    (0.45, {"learning_rate": 3e-3, "reg": 0.1}),
    (0.10, {"learning_rate": 1e-1, "reg": 0.2}),
    (0.43, {"learning_rate": 1e-3, "reg": 0.3}),
]
ranges = refine_ranges(results, keep=2)
assert_close(ranges["learning_rate"], (1e-3, 3e-3))
assert_close(ranges["reg"], (0.1, 0.3))
### BEGIN HIDDEN TESTS
rng = probe.rng()
names = ["learning_rate", "reg", "weight_scale"]
accuracies = rng.permutation(12) / 12  # no two alike
results = [(accuracy, {name: rng.random() for name in names}) for accuracy in accuracies]
for keep in (1, 3, 12):
    ranges = refine_ranges(results, keep)
    probe(f"ranges of the best {keep}", [list(ranges[name]) for name in names], exact=True)
    probe(f"number of ranges of the best {keep}", len(ranges), exact=True)
probe("results unchanged", [accuracy for accuracy, _ in results], exact=True)
### END HIDDEN TESTS

# %% [markdown]
# With them, a coarse search: 20 tries with 4 000 pictures and 3 epochs each.


# %% tags=["explore"]
def search(rng, ranges, tries, num_train, num_epochs, hidden_dims=(100, 100)):
    """Train networks with random settings and return [(val_acc, settings)], best first."""
    part = {**data, "X_train": data["X_train"][:num_train], "y_train": data["y_train"][:num_train]}
    results = []
    for _ in range(tries):
        settings = sample_hyperparameters(rng, ranges)
        model = FullyConnectedNet(
            list(hidden_dims), weight_scale=settings["weight_scale"], reg=settings["reg"]
        )
        solver = Solver(
            model,
            part,
            update_rule="adam",
            optim_config={"learning_rate": settings["learning_rate"]},
            lr_decay=0.85,
            num_epochs=num_epochs,
            verbose=False,
        )
        with np.errstate(all="ignore"):  # some settings end in infinities; they won't be the best
            solver.train()
        results.append((solver.best_val_acc, settings))
    return sorted(results, key=lambda result: -result[0])


def show_search(results, title):
    """Draw the tries of a search, and print the best."""
    accuracies = [accuracy for accuracy, _ in results]
    plt.figure(figsize=(10, 3))
    for i, name in enumerate(["weight_scale", "reg"]):
        plt.subplot(1, 2, i + 1)
        rates = np.log10([settings["learning_rate"] for _, settings in results])
        values = np.log10([settings[name] for _, settings in results])
        plt.scatter(rates, values, c=accuracies, s=70)
        plt.xlabel("log10 of the learning rate")
        plt.ylabel(f"log10 of {name}")
        plt.colorbar(label="validation accuracy")
    plt.suptitle(title)
    plt.tight_layout()
    plt.show()
    for accuracy, settings in results[:5]:
        print(f"{accuracy:.3f}", {name: float(f"{value:.2g}") for name, value in settings.items()})


np.random.seed(0)
rng = np.random.default_rng(0)
ranges = {"learning_rate": (1e-5, 1e-1), "weight_scale": (1e-3, 1e-1), "reg": (1e-4, 1.0)}
coarse = search(rng, ranges, tries=20, num_train=4000, num_epochs=3)
show_search(coarse, "coarse")

# %% [markdown]
# Where are the good ones? If they lie at the edge of a range, the range was wrong. Then a finer
# search within the ranges of the best five, with more pictures.

# %% tags=["explore"]
ranges = refine_ranges(coarse, keep=5)
print(ranges)
fine = search(rng, ranges, tries=8, num_train=10000, num_epochs=4)
show_search(fine, "fine")

# %% [markdown]
# ## Your best network
#
# Now train the best fully connected network you can, on all 49 000 pictures. You may use what you
# like: other sizes and depths, other rules, a longer search. The network is handed in as the file
# `best_fc_net.npz`, which the last line writes. It is judged by its labels for pictures that
# nobody has seen yet: full points for **50 %** right, and an extra point for **55 %**.
#
# The settings below come from a search like the one above, with one trick besides: a mirrored owl
# is still an owl. So each time a picture is trained with, it is mirrored or not by the toss of a
# coin. That is like having twice as many pictures, and the network overfits less. Watch the gap
# between training and validation accuracy, and think about what to change: more regularisation,
# another size, fewer epochs, a faster decay of the learning rate?


# %% tags=["explore"]
class MirroringNet(FullyConnectedNet):
    """A FullyConnectedNet that mirrors half of the pictures that it is trained with."""

    def loss(self, X, y=None):
        """Compute scores, or loss and gradients, as FullyConnectedNet does."""
        if y is not None:
            mirrored = np.random.rand(len(X)) < 0.5
            X = X.copy()
            X[mirrored] = X[mirrored][..., ::-1]
        return super().loss(X, y)


np.random.seed(0)
best_model = MirroringNet([120, 100], weight_scale=1e-2, reg=0.02)
solver = Solver(
    best_model,
    data,
    update_rule="adam",
    optim_config={"learning_rate": 5e-4},
    lr_decay=0.85,
    num_epochs=12,
    batch_size=100,
    print_every=2000,
)
solver.train()
plot_training(solver)

# %% tags=["explore"]
for part in ("val", "test"):
    accuracy = solver.check_accuracy(data[f"X_{part}"], data[f"y_{part}"])
    print(f"{part}: {accuracy:.1%}")
show_first_layer(best_model.params["W1"])
save_model("best_fc_net.npz", best_model, data["mean_image"])

# %% [markdown]
# The test set was used once, at the very end. If you go back now and change something because of
# its result, it isn't a test any more. (The judge's pictures are new ones, in any case.)
#
# What mistakes does your network make? Look at some of them:

# %% tags=["explore"]
scores = best_model.loss(data["X_test"])
y_pred = np.argmax(scores, axis=1)
wrong = np.flatnonzero(y_pred != data["y_test"])[:16]
plt.figure(figsize=(11, 3.4))
for i, index in enumerate(wrong):
    plt.subplot(2, 8, i + 1)
    picture = data["X_test"][index] + data["mean_image"]
    plt.imshow(picture.transpose(1, 2, 0).astype(np.uint8))
    guess, truth = CLASSES[y_pred[index]], CLASSES[data["y_test"][index]]
    plt.title(f"{guess}?\n{truth}", fontsize=8)
    plt.axis("off")
plt.tight_layout()
plt.show()

# %% question="best_model" points=6 bonus=1
model, mean_image = load_model("best_fc_net.npz")
images, labels = stand_in.draw(300, seed=2027)
y_pred = predict(model, images, mean_image)
print(f"{np.mean(y_pred == labels):.0%} of 300 new pictures are right; the judge takes other ones.")
assert_close(y_pred.shape, (300,))
### BEGIN HIDDEN TESTS
model, mean_image = load_model("best_fc_net.npz")
images = probe.input("images")
y_pred = predict(model, images, mean_image)
probe("predictions", y_pred, accuracy=0.5)
probe("bonus predictions", y_pred, accuracy=0.55, bonus=1)
### END HIDDEN TESTS

# %% [markdown]
# # Softmax: scores become probabilities
#
# The hinge loss asks one thing only: does the right class lead by 1? What the scores *mean* it
# leaves open. Is a score of 3.7 much? How sure is the classifier? In this lesson the scores of the
# very same linear classifier get a meaning: they become **probabilities**. The loss that belongs
# to them is called **cross-entropy**, and it is the one that most networks for classification are
# trained with today.
#
# Only the loss is new, so you write two functions in `cs231n/classifiers/softmax.py` and one here
# in the notebook. Training and predicting is what you wrote in the lesson before (`svm`), and so
# is the plan: first slow and plainly right, then without loops, then the pictures.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from cs231n.checks import assert_close, probe
from cs231n.classifiers.linear_classifier import Softmax
from cs231n.classifiers.softmax import softmax_loss_naive, softmax_loss_vectorized
from cs231n.data_utils import class_names, get_CIFAR10_data
from cs231n.gradient_check import eval_numerical_gradient, grad_check_sparse

# %% tags=["explore"]
# %load_ext autoreload
# %autoreload 2

# %% [markdown]
# ## 1. The pictures
#
# They are the same as before, prepared in the same way: the mean picture of the training set is
# subtracted from all sets, and each row ends with a 1 for the bias. `get_CIFAR10_data` does the
# first part. (It puts the channels before the rows and columns; in the lesson before, they came
# last. For a linear classifier the order of the 3 072 numbers makes no difference. Why not?)

# %% tags=["explore"]
root = None  # or the folder of CIFAR-10, for example "data/cifar-10-batches-py"
data = get_CIFAR10_data(root=root)
names = class_names(root)


def as_rows(name):
    """Take one set of pictures out of `data`, and lay it out as rows that end with 1."""
    flat = data.pop(name)
    flat = flat.reshape(flat.shape[0], -1)
    return np.append(flat, np.ones_like(flat[:, :1]), axis=1)


X_train, X_val, X_test = as_rows("X_train"), as_rows("X_val"), as_rows("X_test")
y_train, y_val, y_test = data["y_train"], data["y_val"], data["y_test"]
few = np.random.default_rng(0).choice(len(X_train), 500, replace=False)
X_dev, y_dev = X_train[few].astype(np.float64), y_train[few]  # float64 to check gradients
print("training", X_train.shape, " validation", X_val.shape, " test", X_test.shape, X_test.dtype)

# %% [markdown]
# ## 2. From scores to probabilities
#
# Probabilities are positive and sum to 1. Scores are any numbers. Two steps lead from one to the
# other: take the **exponential**, which makes everything positive and keeps the order; then
# **divide by the sum**. That is the *softmax* function:
#
# $$p_j = \frac{e^{s_j}}{\sum_k e^{s_k}}$$
#
# The name is meant in contrast to the maximum, which would give everything to the highest score.
# Softmax gives *most* to it, and how much depends on the lead.

# %% tags=["explore"]
some_scores = np.array([1.0, 2.6, -0.5, 1.8])
exponentials = np.exp(some_scores)
steps = (
    ("scores $s$", some_scores, "#0072B2"),
    ("$e^s$", exponentials, "#56B4E9"),
    ("$p$: sum 1", exponentials / exponentials.sum(), "#009E73"),
)
figure, axes = plt.subplots(1, 3, figsize=(10, 2.8))
for ax, (title, values, color) in zip(axes, steps, strict=True):
    ax.bar(range(4), values, color=color)
    for label, value in enumerate(values):
        ax.text(label, max(value, 0), f"{value:.2f}", ha="center", va="bottom")
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(title=title, xticks=range(4), xlabel="class")
    ax.margins(y=0.18)
plt.show()

# %% [markdown]
# One property is used again and again: **add the same number to all scores, and the probabilities
# stay as they are**. For $e^{s + c} = e^s e^c$, and the factor $e^c$ stands above and below the
# fraction line. Only differences of scores matter.
#
# ## 3. Cross-entropy
#
# A good classifier gives a high probability to the right class. The loss of an example is minus
# the logarithm of this probability:
#
# $$L_i = -\log p_{y_i} = -s_{y_i} + \log \sum_k e^{s_k}$$
#
# It is the natural logarithm. If the right class gets probability 1, the loss is 0. At a half it
# is 0.69, and the closer to 0, the more it hurts, without limit: being *sure* and wrong is what
# costs most. (Statisticians know it as the negative log-likelihood: the $W$ with the smallest loss
# is the one that makes the labels we saw most probable.)

# %% tags=["explore"]
figure, ax = plt.subplots(figsize=(6, 3.6))
p = np.linspace(0.003, 1, 500)
ax.plot(p, -np.log(p), color="#D55E00", linewidth=2.5)
for value, text in ((0.01, "sure and wrong"), (0.1, "one in ten"), (0.5, "a coin"), (0.95, "sure")):
    ax.plot(value, -np.log(value), "o", color="#0072B2")
    ax.annotate(
        f"{text}: {-np.log(value):.2f}",
        (value, -np.log(value)),
        xytext=(8, 6),
        textcoords="offset points",
    )
ax.set(xlabel="probability of the right class", ylabel="loss $-\\log p$", xlim=(-0.02, 1.2))
ax.set_title("What a probability costs")
plt.show()

# %% [markdown]
# The loss of a batch is, as before, the mean over its examples plus a price for large weights:
#
# $$L = \frac{1}{N} \sum_{i=1}^{N} L_i \; + \; \lambda \sum_{d, j} W_{dj}^2$$
#
# ### A small case by hand
#
# Let $X$ be the identity matrix, so that the scores are the rows of $W$, and let them be
# logarithms:
#
# $$W = XW = \begin{pmatrix} \log 1 & \log 2 & \log 5 \\ \log 6 & \log 1 & \log 1 \end{pmatrix},
# \quad p = \begin{pmatrix} 1/8 & 2/8 & 5/8 \\ 6/8 & 1/8 & 1/8 \end{pmatrix},
# \quad y = \begin{pmatrix} 2 \\ 1 \end{pmatrix}$$
#
# The first example is fairly right and costs $-\log(5/8) = 0.47$, the second one is quite wrong
# and costs $-\log(1/8) = 2.08$. The mean is 1.27.
#
# ### The gradient
#
# How does $L_i$ change with the score $s_j$? From the second form of $L_i$ above, with the chain
# rule for the logarithm of the sum:
#
# $$\frac{\partial L_i}{\partial s_j} = \frac{e^{s_j}}{\sum_k e^{s_k}} - [j = y_i]
# = p_j - [j = y_i]$$
#
# where $[j = y_i]$ is 1 for the right class and 0 for the others. This is as beautiful as it gets:
# **what you said, minus what was right.** The scores are $s_j = x_i \cdot w_j$, so the gradient
# for column $j$ of $W$ is this number times $x_i$. Summed over the examples, divided by $N$, plus
# $2 \lambda W$: done.
#
# Compare it with the hinge loss, where each picture counted wholly or not at all. Here it counts
# by *how* wrong it is.
#
# ## 4. When exponentials overflow
#
# The formulas are right, but a computer has no numbers above $1.8 \cdot 10^{308}$, and $e^{710}$
# is beyond that. Pixels are up to 255 and there are 3 072 of them: scores of a thousand come about
# easily.

# %% tags=["explore"]
with np.errstate(all="ignore"):  # no warnings: we know
    for large in (np.array([1.0, 3.0]), np.array([1001.0, 1003.0]), np.array([-1001.0, -1003.0])):
        print(f"scores {large}: e^s {np.exp(large)}, p {np.exp(large) / np.exp(large).sum()}")

# %% [markdown]
# The second pair should have the same probabilities as the first, since only differences matter.
# But infinity divided by infinity is NaN, "not a number", and so is 0 divided by 0 in the third.
# One NaN in one gradient, and all weights are NaN from then on.
#
# The cure is the property from above. **Subtract from the scores of each example the largest of
# them**: then the largest exponent is 0 and its exponential 1. Nothing can overflow any more, the
# sum is at least 1, and if some of the other exponentials become 0, they were too small to matter.
#
# - Each example needs *its own* maximum. With one for the whole batch, an example with low scores
#   would lose all of its exponentials.
# - Some programs add a tiny number inside the logarithm instead, so that it is never zero. It
#   counts as right here, but it changes the loss where the classifier is sure and wrong.
#
# ## 5. Loss and gradient with loops
#
# **TODO.** Write `softmax_loss_naive`. Loops are welcome.
#
# The check begins with the case done by hand. Then come weights close to zero, whose loss must be
# close to $-\log 0.1 = 2.302585$ (question 1 asks you why), the numeric gradient, and at last
# scores of a thousand.

# %% question="softmax_loss_naive" points=3
W = np.log(np.array([[1.0, 2.0, 5.0], [6.0, 1.0, 1.0]]))
loss, dW = softmax_loss_naive(W, np.eye(2), np.array([2, 1]), 0.1)
correct_loss = -(np.log(5 / 8) + np.log(1 / 8)) / 2 + 0.1 * np.sum(W**2)
assert_close(loss, correct_loss, rel_error=1e-7)  # a tiny guard in the log is fine
correct_dW = np.array([[1.0, 2.0, -3.0], [6.0, -7.0, 1.0]]) / 16 + 0.2 * W
assert_close(dW, correct_dW, rel_error=1e-12)  # a few roundings in float64

np.random.seed(231)  # 20 examples as large as pictures, and weights close to zero
X, y = 60 * np.random.randn(20, 3073), np.random.randint(10, size=20)
loss, _ = softmax_loss_naive(1e-4 * np.random.randn(3073, 10), X, y, 0.0)
assert_close(loss, -np.log(0.1), abs_error=0.3)  # "close to": the scores differ from 0 by a third

X, y, W = np.random.randn(6, 4), np.random.randint(3, size=6), np.random.randn(4, 3)
for reg in (0.0, 5e1):
    numeric = eval_numerical_gradient(lambda W, reg=reg: softmax_loss_naive(W, X, y, reg)[0], W)
    assert_close(softmax_loss_naive(W, X, y, reg)[1], numeric, rel_error=1e-7)  # numeric: 1e-9

large_W = np.log(np.array([[1.0, 2.0, 5.0], [6.0, 1.0, 1.0]])) + np.array([[1e3], [-1e3]])
loss, dW = softmax_loss_naive(large_W, np.eye(2), np.array([2, 1]), 0.0)
correct_loss = -(np.log(5 / 8) + np.log(1 / 8)) / 2
assert_close(loss, correct_loss, rel_error=1e-7)  # a tiny guard in the log is fine
assert_close(dW, np.array([[1.0, 2.0, -3.0], [6.0, -7.0, 1.0]]) / 16, rel_error=1e-9)
### BEGIN HIDDEN TESTS
rng = probe.rng()
W, X, y = rng.normal(size=(5, 4)), rng.normal(size=(7, 5)), rng.integers(4, size=7)
before = W.copy(), X.copy(), y.copy()
loss, dW = softmax_loss_naive(W, X, y, 0.0)
probe("loss of seven examples", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient of seven examples", dW, rel_error=1e-10)
loss, dW = softmax_loss_naive(W, X, y, 0.7)
probe("loss, regularised", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient, regularised", dW, rel_error=1e-10)
changed = [np.max(np.abs(a - b)) for a, b in zip((W, X, y), before, strict=True)]
probe("the arguments are left as they were", np.array(changed), exact=True)
W, X, y = rng.normal(size=(2, 13)), rng.normal(size=(3, 2)), np.array([12, 0, 11])
loss, dW = softmax_loss_naive(W, X, y, 0.3)
probe("loss of 13 classes", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient of 13 classes", dW, rel_error=1e-10)
W, X = rng.normal(size=(6, 2)), rng.normal(size=(1, 6))
loss, dW = softmax_loss_naive(W, X, np.array([1]), 0.05)
probe("loss of a single example", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient of a single example", dW, rel_error=1e-10)
X, y = rng.normal(size=(5, 3)), np.array([2, 2, 2, 5, 2])
loss, dW = softmax_loss_naive(np.zeros((3, 6)), X, y, 0.2)
probe("loss where all scores are equal", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient where all scores are equal", dW, rel_error=1e-10)
# X is the identity from here on, so that the scores are the rows of W.
W = rng.normal(size=(4, 6)) + np.array([[1e3], [-1e3], [0], [2e3]])
loss, dW = softmax_loss_naive(W, np.eye(4), np.array([3, 5, 0, 2]), 0.0)
probe("loss of scores of thousands", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient of scores of thousands", dW, rel_error=1e-9)
W = np.full((3, 5), -1e3) + rng.normal(size=(3, 5))
W[[0, 1, 2], [4, 1, 0]] = 1e3
loss, dW = softmax_loss_naive(W, np.eye(3), np.array([4, 1, 0]), 0.0)
probe("loss where all are sure and right", loss, abs_error=1e-7)  # 0, or a tiny guard in the log
probe("gradient where all are sure and right", dW, abs_error=1e-12)  # 0
W = rng.normal(size=(3, 4))
W[[0, 1, 2], [3, 0, 0]] += np.array([6, 9, 11])
loss, dW = softmax_loss_naive(W, np.eye(3), np.array([1, 2, 3]), 0.0)
probe("loss where all are sure and wrong", loss, rel_error=1e-6)  # a guard of 1e-12 beside p = 1e-6
probe("gradient where all are sure and wrong", dW, rel_error=1e-9)
W, X = rng.normal(size=(4, 5)).astype(np.float32), rng.normal(size=(6, 4)).astype(np.float32)
loss, dW = softmax_loss_naive(W, X, rng.integers(5, size=6), 0.01)
probe("loss in float32", loss, rel_error=2e-5)  # some dozen roundings of 6e-8
probe("gradient in float32", dW, rel_error=2e-5)
### END HIDDEN TESTS

# %% [markdown]
# The same on the pictures of the development set. Here the relative errors should be **1e-7 or
# smaller at all ten places**: this loss is smooth and has no kinks that a step could cross.

# %% tags=["explore"]
W = 1e-4 * np.random.randn(3073, 10)
loss, grad = softmax_loss_naive(W, X_dev, y_dev, 0.0)
print(f"loss {loss:f}, should be about {-np.log(0.1):f}\n")
for reg in (0.0, 5e1):
    loss, grad = softmax_loss_naive(W, X_dev, y_dev, reg)
    print(f"gradient with reg = {reg}:")
    grad_check_sparse(lambda W, reg=reg: softmax_loss_naive(W, X_dev, y_dev, reg)[0], W, grad)

# %% [markdown]
# **Question 1.** Why is the loss of a fresh classifier about $-\log 0.1$? What would it be with
# 100 classes? And what would you conclude from a first loss of 9?

# %% [markdown] written="softmax_first_loss" points=1
# ### BEGIN SOLUTION
# With weights close to zero all scores are close to zero, hence nearly equal, and each of the ten
# classes gets a probability of about 1/10, the right one too, whichever it is. So each example,
# and the mean, costs $-\log(1/10) \approx 2.3$. It is what pure guessing costs. With 100 classes
# it is $-\log(1/100) \approx 4.6$.
#
# A first loss of 9 says that the classifier gives the right class a probability of about $e^{-9}$,
# one in 8 000: before having learnt anything it is sure, and wrong. Either the weights are too
# large to begin with, or the inputs are (not centred or not scaled, perhaps), or the
# regularisation term is a large part of the loss, or there is a mistake in the code, such as a sum
# in place of a mean.
# ### END SOLUTION

# %% [markdown]
# ## 6. Without loops
#
# All of it, for all examples at once: scores of shape $(N, C)$; the maximum of each row, kept as a
# column (`keepdims=True`) so that it can be subtracted; exponentials; sums along the rows. For the
# gradient, you need the matrix of the numbers $p_{ij} - [j = y_i]$. The next picture shows it for
# the scores of some examples: red is what is pushed down, blue is what is pulled up. Then it is
# one matrix product, as in the lesson before.

# %% tags=["explore"]
picture_rng = np.random.default_rng(3)
picture_y = picture_rng.integers(6, size=12)
picture_p = np.exp(1.4 * picture_rng.normal(size=(12, 6)) + 1.2 * np.eye(6)[picture_y])
picture_p /= picture_p.sum(axis=1, keepdims=True)
picture_pull = picture_p - np.eye(6)[picture_y]

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4.6))
left.imshow(picture_p, cmap="Greys", vmin=0, vmax=1)
right.imshow(picture_pull, cmap="RdBu_r", vmin=-1, vmax=1)
for ax, values, title in ((left, picture_p, "$p$"), (right, picture_pull, "$p - [j = y]$")):
    for (i, j), value in np.ndenumerate(values):
        color = "white" if abs(value) > 0.55 else "black"
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=7, color=color)
    ax.set(xlabel="class", ylabel="example", title=title)
plt.show()

# %% [markdown]
# **TODO.** Write `softmax_loss_vectorized`, without a Python loop, and as safe against overflow as
# the one with loops.

# %% question="softmax_loss_vectorized" points=3
W = np.log(np.array([[1.0, 2.0, 5.0], [6.0, 1.0, 1.0]]))  # the case that we did by hand
loss, dW = softmax_loss_vectorized(W, np.eye(2), np.array([2, 1]), 0.1)
correct_loss = -(np.log(5 / 8) + np.log(1 / 8)) / 2 + 0.1 * np.sum(W**2)
assert_close(loss, correct_loss, rel_error=1e-7)  # a tiny guard in the log is fine
correct_dW = np.array([[1.0, 2.0, -3.0], [6.0, -7.0, 1.0]]) / 16 + 0.2 * W
assert_close(dW, correct_dW, rel_error=1e-12)  # a few roundings in float64

np.random.seed(231)  # 20 examples as large as pictures, and weights close to zero
X, y = 60 * np.random.randn(20, 3073), np.random.randint(10, size=20)
loss, _ = softmax_loss_vectorized(1e-4 * np.random.randn(3073, 10), X, y, 0.0)
assert_close(loss, -np.log(0.1), abs_error=0.3)  # "close to": the scores differ from 0 by a third

X, y, W = np.random.randn(6, 4), np.random.randint(3, size=6), np.random.randn(4, 3)
for reg in (0.0, 5e1):
    numeric = eval_numerical_gradient(
        lambda W, reg=reg: softmax_loss_vectorized(W, X, y, reg)[0], W
    )
    assert_close(softmax_loss_vectorized(W, X, y, reg)[1], numeric, rel_error=1e-7)  # about 1e-9

large_W = np.log(np.array([[1.0, 2.0, 5.0], [6.0, 1.0, 1.0]])) + np.array([[1e3], [-1e3]])
loss, dW = softmax_loss_vectorized(large_W, np.eye(2), np.array([2, 1]), 0.0)
correct_loss = -(np.log(5 / 8) + np.log(1 / 8)) / 2
assert_close(loss, correct_loss, rel_error=1e-7)  # a tiny guard in the log is fine
assert_close(dW, np.array([[1.0, 2.0, -3.0], [6.0, -7.0, 1.0]]) / 16, rel_error=1e-9)
### BEGIN HIDDEN TESTS
rng = probe.rng()
W, X, y = rng.normal(size=(6, 3)), rng.normal(size=(8, 6)), rng.integers(3, size=8)
before = W.copy(), X.copy(), y.copy()
loss, dW = softmax_loss_vectorized(W, X, y, 0.0)
probe("loss of eight examples", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient of eight examples", dW, rel_error=1e-10)
loss, dW = softmax_loss_vectorized(W, X, y, 0.4)
probe("loss, regularised", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient, regularised", dW, rel_error=1e-10)
changed = [np.max(np.abs(a - b)) for a, b in zip((W, X, y), before, strict=True)]
probe("the arguments are left as they were", np.array(changed), exact=True)
W, X, y = rng.normal(size=(2, 14)), rng.normal(size=(4, 2)), np.array([13, 0, 12, 1])
loss, dW = softmax_loss_vectorized(W, X, y, 0.3)
probe("loss of 14 classes", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient of 14 classes", dW, rel_error=1e-10)
W, X = rng.normal(size=(5, 2)), rng.normal(size=(1, 5))
loss, dW = softmax_loss_vectorized(W, X, np.array([0]), 0.05)
probe("loss of a single example", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient of a single example", dW, rel_error=1e-10)
X, y = rng.normal(size=(6, 3)), np.array([1, 1, 4, 1, 1, 1])
loss, dW = softmax_loss_vectorized(np.zeros((3, 7)), X, y, 0.2)
probe("loss where all scores are equal", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient where all scores are equal", dW, rel_error=1e-10)
# X is the identity from here on, so that the scores are the rows of W.
W = rng.normal(size=(4, 7)) + np.array([[-1e3], [2e3], [1e3], [0]])
loss, dW = softmax_loss_vectorized(W, np.eye(4), np.array([3, 6, 0, 2]), 0.0)
probe("loss of scores of thousands", loss, rel_error=1e-7)  # or a tiny guard in the log
probe("gradient of scores of thousands", dW, rel_error=1e-9)
W = np.full((3, 6), -1e3) + rng.normal(size=(3, 6))
W[[0, 1, 2], [5, 1, 0]] = 1e3
loss, dW = softmax_loss_vectorized(W, np.eye(3), np.array([5, 1, 0]), 0.0)
probe("loss where all are sure and right", loss, abs_error=1e-7)  # 0, or a tiny guard in the log
probe("gradient where all are sure and right", dW, abs_error=1e-12)  # 0
W = rng.normal(size=(3, 5))
W[[0, 1, 2], [3, 0, 4]] += np.array([6, 9, 11])
loss, dW = softmax_loss_vectorized(W, np.eye(3), np.array([1, 2, 3]), 0.0)
probe("loss where all are sure and wrong", loss, rel_error=1e-6)  # a guard of 1e-12 beside p = 1e-6
probe("gradient where all are sure and wrong", dW, rel_error=1e-9)
W, X = rng.normal(size=(3, 5)).astype(np.float32), rng.normal(size=(7, 3)).astype(np.float32)
loss, dW = softmax_loss_vectorized(W, X, rng.integers(5, size=7), 0.01)
probe("loss in float32", loss, rel_error=2e-5)  # some dozen roundings of 6e-8
probe("gradient in float32", dW, rel_error=2e-5)
### END HIDDEN TESTS

# %% tags=["explore"]
W = 1e-4 * np.random.randn(3073, 10)
for reg in (5e-6, 2.5e4):
    start = time.perf_counter()
    naive_loss, naive_grad = softmax_loss_naive(W, X_dev, y_dev, reg)
    middle = time.perf_counter()
    loss, grad = softmax_loss_vectorized(W, X_dev, y_dev, reg)
    end = time.perf_counter()
    print(f"reg = {reg}")
    print(f"  losses {naive_loss:.6f} and {loss:.6f}, difference {abs(naive_loss - loss):.6f}")
    print(f"  gradients differ by {np.linalg.norm(naive_grad - grad):.6f} (Frobenius norm)")
    print(f"  {middle - start:.3f} and {end - middle:.4f} seconds")

# %% [markdown]
# ## 7. Training
#
# `Softmax` inherits `train` and `predict`, so nothing is left to do but call them, with the
# settings that were good for the SVM.

# %% tags=["explore"]
softmax = Softmax()
start = time.perf_counter()
loss_history = softmax.train(X_train, y_train, 1e-7, 2.5e4, num_iters=1500, verbose=True)
print(f"{time.perf_counter() - start:.1f} seconds")
for name, X, y in (("training", X_train, y_train), ("validation", X_val, y_val)):
    print(f"{name} accuracy {np.mean(softmax.predict(X) == y):.3f}")

# %% tags=["explore"]
figure, ax = plt.subplots(figsize=(6.5, 3.6))
ax.plot(loss_history, color="#0072B2", linewidth=0.8)
ax.axhline(-np.log(0.1), color="#D55E00", linestyle="--")
ax.text(1490, 2.5, "guessing: $-\\log 0.1$", ha="right", color="#D55E00")
ax.set(yscale="log", xlabel="step", ylabel="loss, logarithmic", title="Softmax, reg = 2.5e4")
plt.show()

# %% [markdown]
# **The accuracy should be about 0.32 to 0.36**, and the loss ends at about 2.1. At first it is far
# above 2.3, although the fresh classifier can only guess: the rest is the price of the weights,
# $\lambda \sum W^2$. With so strong a regularisation the loss at the end is not far below
# guessing, while a third of the pictures are right. Loss and accuracy don't measure the same: the
# classifier is often right without being sure.
#
# ## 8. Coarse to fine
#
# Good settings for one loss needn't be good for another. In the lesson before you tried all pairs
# of a grid, but who tells you where the grid should lie? Start with one that is *coarse and wide*,
# look where it is best, and lay a finer one there. On a logarithmic scale, of course.
#
# One round tries nine pairs: three learning rates, the two ends of their range and the point
# halfway between them *on the logarithmic scale*, and likewise three strengths. If the range is
# from 1 to 100, halfway is 10. The ranges of the next round are **centred at the best pair of this
# round and half as long**, again on the logarithmic scale: from 1 to 100 is two powers of ten;
# centred at 100 and half as long it is from $10^{1.5}$ to $10^{2.5}$. So the search may leave the
# first range if the best pair lies at its edge. The picture shows three rounds, for a peak at the
# cross.

# %% tags=["explore"]
figure, ax = plt.subplots(figsize=(5.4, 4.2))
peak = np.array([-5.4, 3.7])
drawn = (
    ((-8, -4), (1, 5), "#56B4E9"),
    ((-7, -5), (2, 4), "#009E73"),
    ((-5.5, -4.5), (3.5, 4.5), "#D55E00"),
)
for number, ((left, right), (bottom, top), color) in enumerate(drawn, start=1):
    grid = np.meshgrid(np.linspace(left, right, 3), np.linspace(bottom, top, 3))
    ax.plot(grid[0].ravel(), grid[1].ravel(), "o", color=color, markersize=13 - 3 * number)
    box = plt.Rectangle((left, bottom), right - left, top - bottom, fill=False, color=color)
    ax.add_patch(box)
    ax.plot([], [], "o-", color=color, label=f"round {number}")
ax.plot(*peak, "x", color="black", markersize=12, markeredgewidth=3)
ax.set(xlabel="logarithm of the learning rate", ylabel="logarithm of the strength")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# **TODO.** Write `zoom`. It doesn't know what it is tuning: it hands pairs to a function
# `evaluate` and gets accuracies back.


# %% answer="zoom_code"
def zoom(evaluate, learning_rates, regs, rounds):
    """Search a coarse grid for the best pair, then a finer one around it, and so on.

    Inputs:
    - evaluate: Function of a learning rate and a regularisation strength that returns an accuracy.
    - learning_rates: (low, high), the range of the first round.
    - regs: (low, high), the range of the first round.
    - rounds: How many rounds. Each one calls evaluate nine times.

    Returns a list of 9 * rounds tuples (learning_rate, reg, accuracy), first those of the first
    round, then those of the second, and so on.
    """
    ### BEGIN SOLUTION
    results = []
    for _ in range(rounds):
        (low_rate, high_rate), (low_reg, high_reg) = learning_rates, regs
        for rate in (low_rate, np.sqrt(low_rate * high_rate), high_rate):
            for reg in (low_reg, np.sqrt(low_reg * high_reg), high_reg):
                results.append((rate, reg, evaluate(rate, reg)))
        best_rate, best_reg, _ = max(results[-9:], key=lambda result: result[2])
        quarter_rate, quarter_reg = (high_rate / low_rate) ** 0.25, (high_reg / low_reg) ** 0.25
        learning_rates = best_rate / quarter_rate, best_rate * quarter_rate
        regs = best_reg / quarter_reg, best_reg * quarter_reg
    return results
    ### END SOLUTION


# %% [markdown]
# In the check the accuracy falls off evenly around a learning rate of $3 \cdot 10^{-6}$ and a
# strength of 200. The helper puts results into a fixed order and takes logarithms, so that you may
# try the pairs of a round in any order.


# %%
def in_order(results):
    """Return an array with a row for each result, sorted: log10(rate), log10(reg), accuracy."""
    table = np.array(results, dtype=float)
    table[:, :2] = np.log10(table[:, :2])
    return table[np.lexsort(np.round(table[:, 1::-1].T, 6))]


# %% question="zoom" points=2
def evaluate(rate, reg):
    return 0.9 - 0.1 * abs(np.log10(rate / 3e-6)) - 0.1 * abs(np.log10(reg / 200))


results = zoom(evaluate, (1e-8, 1e-4), (1e1, 1e3), 2)
assert_close(len(results), 18)
first, second = in_order(results[:9]), in_order(results[9:])
assert_close(first[:, 0], np.repeat([-8.0, -6, -4], 3), abs_error=1e-9)  # products and roots
assert_close(first[:, 1], np.tile([1.0, 2, 3], 3), abs_error=1e-9)
assert_close(second[:, 0], np.repeat([-7.0, -6, -5], 3), abs_error=1e-9)  # around -6, half as long
assert_close(second[:, 1], np.tile([1.5, 2, 2.5], 3), abs_error=1e-9)
assert_close(second[:, 2].max(), evaluate(1e-6, 10**2.5), abs_error=1e-9)
### BEGIN HIDDEN TESTS
rng = probe.rng()


class Hill:
    """An accuracy that falls off around a peak; remembers how often it was asked."""

    def __init__(self, log_rate, log_reg):
        self.log_rate, self.log_reg, self.calls = log_rate, log_reg, 0

    def __call__(self, rate, reg):
        """Return the accuracy of a pair."""
        self.calls += 1
        away = (np.log10(rate) - self.log_rate) ** 2 + 0.5 * (np.log10(reg) - self.log_reg) ** 2
        return 1 / (1 + away)


hill = Hill(*rng.uniform([-6.5, 0.5], [-4.5, 3.5]))
results = zoom(hill, (10**-7.5, 10**-3.5), (1e0, 1e4), 4)
rounds = [in_order(results[i : i + 9]) for i in range(0, len(results), 9)]
probe("four rounds", np.array(rounds), abs_error=1e-9)  # products and roots in float64
probe("nine evaluations in each round", hill.calls, exact=True)
hill = Hill(*rng.uniform([-2.5, -3], [-2, -2]))
results = zoom(hill, (1e-6, 1e-4), (1e-1, 1e5), 3)
rounds = [in_order(results[i : i + 9]) for i in range(0, len(results), 9)]
probe("a peak outside of the first ranges", np.array(rounds), abs_error=1e-9)
hill = Hill(*rng.uniform([-10, -6], [-9, -5]))
results = zoom(hill, (1e-6, 1e-4), (1e-1, 1e5), 3)
rounds = [in_order(results[i : i + 9]) for i in range(0, len(results), 9)]
probe("a peak below the first ranges", np.array(rounds), abs_error=1e-9)
hill = Hill(*rng.uniform([-1, 8], [0, 9]))
results = zoom(hill, (1e-6, 1e-4), (1e-1, 1e5), 3)
rounds = [in_order(results[i : i + 9]) for i in range(0, len(results), 9)]
probe("a peak above the first ranges", np.array(rounds), abs_error=1e-9)
results = zoom(Hill(-3, 2), (1e-5, 1e-4), (1e2, 1e3), 1)
probe("a single round", in_order(results), abs_error=1e-9)
### END HIDDEN TESTS

# %% [markdown]
# Now for real: three rounds, 27 classifiers with 600 steps each. **This takes about a minute.**
# (With the largest learning rate and the greatest strength, the weights are thrown about: that is
# why one starts coarse.)

# %% tags=["explore"]
trained = {}


def validate(rate, reg):
    """Train a classifier and return its validation accuracy."""
    model = Softmax()
    model.train(X_train, y_train, learning_rate=rate, reg=reg, num_iters=600)
    trained[rate, reg] = model
    return np.mean(model.predict(X_val) == y_val)


results = zoom(validate, (1e-8, 1e-5), (1e1, 3e4), rounds=3)
for number in range(3):
    rate, reg, accuracy = max(results[9 * number : 9 * number + 9], key=lambda result: result[2])
    print(f"round {number + 1}: best rate {rate:.1e}, reg {reg:.1e}, validation {accuracy:.3f}")

# %% tags=["explore"]
table = np.array(results)
figure, ax = plt.subplots(figsize=(6.2, 4.2))
points = ax.scatter(table[:, 0], table[:, 1], c=table[:, 2], s=140, cmap="viridis", edgecolor="0.4")
figure.colorbar(points, label="validation accuracy")
ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="regularisation strength")
plt.show()

# %% [markdown]
# Which of the two matters more? Read the picture along rows and along columns. Then give the best
# pair twice as many steps, and look at the test set, once.

# %% tags=["explore"]
best_rate, best_reg, _ = max(results, key=lambda result: result[2])
best_softmax = trained[best_rate, best_reg]
best_softmax.train(X_train, y_train, learning_rate=best_rate, reg=best_reg, num_iters=600)
for name, X, y in (("validation", X_val, y_val), ("test", X_test, y_test)):
    print(f"{name} accuracy {np.mean(best_softmax.predict(X) == y):.3f}")

# %% [markdown]
# **More than 0.35 on the validation set** is what to expect; on our drawn pictures it may be 0.40.
#
# ## 9. What it says, and what it looks like
#
# Now that scores are probabilities, we can ask how sure the classifier is. Here are some test
# pictures, each with the probabilities of all classes; the right one is green.

# %% tags=["explore"]
mean_picture = data["mean_image"]
figure, axes = plt.subplots(2, 5, figsize=(12, 4), height_ratios=[1, 1.1])
for column, index in enumerate((3, 14, 15, 92, 65)):
    s = X_test[index] @ best_softmax.W
    p = np.exp(s - s.max())
    p /= p.sum()
    picture = X_test[index, :-1].reshape(3, 32, 32) + mean_picture
    axes[0, column].imshow(picture.transpose(1, 2, 0).round().clip(0, 255).astype(np.uint8))
    axes[0, column].axis("off")
    tints = ["#009E73" if label == y_test[index] else "#BBBBBB" for label in range(10)]
    axes[1, column].barh(names, p, color=tints)
    axes[1, column].set(xlim=(0, 1), xlabel="probability")
    axes[1, column].tick_params(labelleft=column == 0, labelsize=8)
    axes[1, column].invert_yaxis()
plt.show()

# %% tags=["explore"]
templates = best_softmax.W[:-1].reshape(3, 32, 32, 10).transpose(3, 1, 2, 0)
low, high = templates.min(), templates.max()
figure, axes = plt.subplots(2, 5, figsize=(10, 4.6))
for ax, template, name in zip(axes.flat, templates, names, strict=True):
    ax.imshow((255 * (template - low) / (high - low)).astype(np.uint8))
    ax.set_title(name)
    ax.axis("off")
plt.show()

# %% [markdown]
# The templates resemble those of the SVM, and so does the accuracy. Here the choice of the loss is
# a matter of what you want to do with the scores.
#
# **Question 2.** *True or false?* "If one adds a new example to the training set, it can happen
# that the SVM loss, summed over all examples, stays exactly as it was, while the softmax loss,
# summed over all examples, changes." Explain, with the scores of an example in numbers. Can it be
# the other way round?

# %% [markdown] written="softmax_data_point" points=2
# ### BEGIN SOLUTION
# **True.** An example whose right class leads all others by at least 1 adds exactly 0 to the sum
# of the SVM losses: with the scores (8, 3, -2) and the right class 0, max(0, 3 - 8 + 1) + max(0,
# -2 - 8 + 1) = 0. Its softmax loss is $-\log(e^8 / (e^8 + e^3 + e^{-2})) = 0.0068$, small but not
# 0. It never is: the exponentials of the other classes are positive, so the probability of the
#    right class is less than 1, and its logarithm negative, whatever the scores. The softmax loss
#    is never content.
#
# The other way round is impossible: each new example changes the sum of the softmax losses (on
# paper; in a computer, e to the power of -40 is too small to show beside 1).
# ### END SOLUTION

# %% [markdown]
# ## What you take along
#
# - Softmax turns scores into probabilities; cross-entropy is minus the logarithm of the right one.
# - Its gradient for the scores is what you said minus what was right. You'll meet it again at the
#   end of every network for classification.
# - Exponentials overflow. Subtract the largest score of each example first; it changes nothing
#   else.
# - A fresh classifier of $C$ classes costs $\log C$. If it doesn't, something is wrong.
# - Hyper-parameters are searched on a logarithmic scale, coarse first, then finer, and with an eye
#   on the edges.

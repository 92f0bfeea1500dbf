# %% [markdown]
# # Linear classifiers and the hinge loss
#
# The nearest-neighbour classifier keeps every picture that it was shown and pays for it at each
# prediction. Now we turn this round: training may take long, but what it leaves behind is small:
# **one matrix of weights**. The pictures can be thrown away, and a prediction is a single matrix
# product.
#
# Three things are new in this lesson, and all three stay with us to the end of the course, in the
# largest networks too:
#
# - a **score function**, which turns a picture into a number for each class;
# - a **loss function**, which says in one number how unhappy we are with the scores;
# - **optimisation**: walk downhill on the loss, along its gradient, until we are happier.
#
# You write the loss and its gradient in `cs231n/classifiers/linear_svm.py`, training and
# prediction in `cs231n/classifiers/linear_classifier.py`, and two functions here in the notebook.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from cs231n.checks import assert_close, probe
from cs231n.classifiers.linear_classifier import LinearClassifier, LinearSVM
from cs231n.classifiers.linear_svm import svm_loss_naive, svm_loss_vectorized
from cs231n.data_utils import class_names, load_images
from cs231n.gradient_check import eval_numerical_gradient, grad_check_sparse

# %% tags=["explore"]
# %load_ext autoreload
# %autoreload 2

# %% [markdown]
# ## 1. Three sets, and a fourth to try things out
#
# There are 50 000 training and 10 000 test pictures. We divide them like this:
#
# | set | pictures | what it is for |
# |---|---|---|
# | training | 49 000 | the gradient is computed from these |
# | validation | 1 000 | choosing the learning rate and whatever else training doesn't choose |
# | test | 1 000 | one look, at the very end |
# | development | 500 of the training set | trying out code: small, so that everything is quick |

# %% tags=["explore"]
root = None  # or the folder of CIFAR-10, for example "data/cifar-10-batches-py"
pictures, labels, test_pictures, y_test = load_images(50000, 1000, root=root, dtype=np.float32)
names = class_names(root)

train_pictures, y_train = pictures[:49000], labels[:49000]
val_pictures, y_val = pictures[49000:], labels[49000:]
print("training  ", train_pictures.shape, y_train.shape)
print("validation", val_pictures.shape, y_val.shape)
print("test      ", test_pictures.shape, y_test.shape)

# %% [markdown]
# ## 2. Preparing pictures, from training statistics only
#
# Pixels lie between 0 and 255 and are about 120 on average. Before we compute anything with them,
# we **centre** them: we subtract from each picture the *mean picture*, which is the mean over the
# training set, separately for each of the 3 072 numbers. Afterwards, a positive number says
# "brighter than usual at this place", and 0 says "nothing special". Why bother? If all inputs are
# positive, all weights of a class are pulled in the same direction at once by each example, and
# the loss has the form of a long narrow valley, in which gradient descent zigzags.
#
# The mean picture looks like this. What would you expect: can you recognise anything in it?

# %% tags=["explore"]
mean_picture = train_pictures.mean(axis=0, dtype=np.float64)
example = train_pictures[11]
shown = (
    (example, "a picture"),
    (mean_picture, "the mean of 49 000"),
    (128 + (example - mean_picture) / 2, "the difference\n(grey is 0)"),
)
figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.8))
for ax, (picture, title) in zip(axes, shown, strict=True):
    ax.imshow(np.clip(picture, 0, 255).astype(np.uint8))
    ax.set_title(title)
    ax.axis("off")
plt.show()

# %% [markdown]
# **One rule matters more than the arithmetic: statistics come from the training set alone.** The
# same mean picture is subtracted from the training, the validation and the test pictures. Two
# reasons:
#
# - *Honesty.* The validation and the test set stand for pictures that nobody has seen yet. A mean
#   over all sets carries something of them into training, so that the measured accuracy is a
#   little too good. With a mean over 50 000 pictures you would hardly notice, but the habit is
#   dangerous: with a few dozen patients instead of pictures, or when features are *chosen* by
#   looking at all data, whole studies have gone wrong by it.
# - *Consistency.* A classifier has learnt what "brighter than the training pictures' mean" tells
#   it. If you centred the test set by its own mean, the same picture would get other numbers, and
#   another label, in other company. And what is the mean of a single picture that arrives on its
#   own?
#
# There is one more thing to do. A linear classifier computes $s = xW + b$, where the **bias** $b$
# is a head start that a class gets, whatever the picture. Carrying $W$ and $b$ around separately
# is tedious. If each picture gets **one more number that is always 1**, the bias becomes just
# another row of $W$:
#
# $$\begin{pmatrix} x & 1 \end{pmatrix} \begin{pmatrix} W \\ b \end{pmatrix} = xW + b$$
#
# **TODO.** Write `preprocess`. Keep the type of the pictures: in float32 the training set takes
# 600 megabytes, and twice that in float64, which is what NumPy makes of float32 and float64
# together.


# %% answer="preprocess_code"
def preprocess(train, val, test):
    """Lay pictures out as rows, centre them, and give each a last number that is 1.

    Inputs:
    - train: Array of shape (N, d_1, ..., d_k), floats: the training pictures.
    - val: Array of shape (V, d_1, ..., d_k), of the same type: the validation pictures.
    - test: Array of shape (T, d_1, ..., d_k), of the same type: the test pictures.

    Returns a tuple of three arrays, of shapes (N, D + 1), (V, D + 1) and (T, D + 1), where
    D = d_1 * ... * d_k. They have the type of the pictures, which are left as they are.
    """
    ### BEGIN SOLUTION
    mean = np.mean(train.reshape(len(train), -1), axis=0)
    prepared = []
    for part in (train, val, test):
        rows = np.ones((len(part), len(mean) + 1), dtype=part.dtype)
        rows[:, :-1] = part.reshape(len(part), -1) - mean
        prepared.append(rows)
    return tuple(prepared)
    ### END SOLUTION


# %% question="preprocess" points=1
tiny_train = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 2.0], [1.0, 8.0]]])  # two 2x2 pictures
tiny_test = np.array([[[3.0, 3.0], [3.0, 3.0]]])
tiny_sets = preprocess(tiny_train, tiny_test + 1, tiny_test)  # their mean is 3, 2, 2, 6
assert_close(tiny_sets[0], np.array([[-2.0, 0, 1, -2, 1], [2, 0, -1, 2, 1]]), rel_error=1e-12)
assert_close(tiny_sets[1], np.array([[1.0, 2, 2, -2, 1]]), rel_error=1e-12)  # a subtraction
assert_close(tiny_sets[2], np.array([[0.0, 1, 1, -3, 1]]), rel_error=1e-12)  # a subtraction
### BEGIN HIDDEN TESTS
rng = probe.rng()
sets = [rng.normal(3, 2, size=(n, 4, 3, 2)) for n in (7, 5, 1)]
before = [part.copy() for part in sets]
found = preprocess(*sets)
probe("training pictures", found[0], rel_error=1e-12)  # a mean of 7 numbers
probe("validation pictures", found[1], rel_error=1e-12)
probe("one test picture", found[2], rel_error=1e-12)
changed = [np.max(np.abs(part - old)) for part, old in zip(sets, before, strict=True)]
probe("the pictures are left as they were", np.array(changed), exact=True)
found = preprocess(*(rng.normal(size=(n, 6)) for n in (3, 4, 8)))
probe("points instead of pictures", np.concatenate(found), rel_error=1e-12)
found = preprocess(*(part.astype(np.float32) for part in sets))
probe("float32", np.concatenate(found), rel_error=1e-5)  # a mean of 7 numbers, 6e-8 each
kept = [part.dtype == np.float32 for part in found]
probe("float32 stays float32", np.array(kept), exact=True)
### END HIDDEN TESTS

# %% tags=["explore"]
X_train, X_val, X_test = preprocess(train_pictures, val_pictures, test_pictures)
del pictures, train_pictures  # 600 MB that we don't need any more

chosen = np.random.default_rng(0).choice(len(X_train), 500, replace=False)
X_dev, y_dev = X_train[chosen].astype(np.float64), y_train[chosen]  # float64 to check gradients
for name, X in (("training", X_train), ("validation", X_val), ("test", X_test), ("dev", X_dev)):
    print(f"{name:11}{X.shape!s:14}{X.dtype!s:9} mean {X[:, :-1].mean():7.3f}")

# %% [markdown]
# Only the training set has the mean 0 to within rounding. That the others don't is how you can
# tell that nobody looked at them.
#
# ## 3. Scores
#
# With $C$ classes and $D$ numbers per picture, $W$ has shape $(D, C)$ and the scores of a picture
# $x$ are the $C$ numbers $s = xW$. There are two ways to look at this line, and you should be able
# to switch between them.
#
# **Geometry.** Each class draws a straight line through the space of pictures (in more dimensions:
# a hyperplane), where its score is zero. On one side the score grows, and the farther from the
# line, the larger. The next plot shows this for pictures with two numbers and three classes: the
# arrows are the columns of $W$ without the bias, and the colours show whose score is highest.

# %% tags=["explore"]
plane_W = np.array([[2.0, -1.5, -0.4], [0.6, 1.4, -2.0], [-0.5, 0.2, 0.3]])  # last row: biases
colors = ["#0072B2", "#D55E00", "#009E73"]
grid_x, grid_y = np.meshgrid(np.linspace(-3, 3, 301), np.linspace(-3, 3, 301))
plane = np.stack([grid_x, grid_y, np.ones_like(grid_x)], axis=-1)
winner = np.argmax(plane @ plane_W, axis=-1)

figure, ax = plt.subplots(figsize=(5.2, 4.8))
levels = [-0.5, 0.5, 1.5, 2.5]
ax.contourf(grid_x, grid_y, winner, levels=levels, colors=colors, alpha=0.25)
for label, color in enumerate(colors):
    w, b = plane_W[:2, label], plane_W[2, label]
    ax.contour(grid_x, grid_y, plane @ plane_W[:, label], levels=[0], colors=[color])
    foot = -b * w / (w @ w)  # the point of the line that is closest to the origin
    style = {"color": color, "arrowstyle": "->", "linewidth": 2.5}
    ax.annotate("", foot + 0.55 * w, foot, arrowprops=style)
    ax.text(*(foot + 0.66 * w), f"class {label}", color=color, ha="center", weight="bold")
ax.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xlabel="first number", ylabel="second number")
ax.set_title("Lines where a score is 0; colours where it is highest")
plt.show()

# %% [markdown]
# **Templates.** The score of class $j$ is the sum over all pixels of *pixel times weight*. It is
# large if the picture is bright where the weights are positive and dark where they are negative.
# So column $j$ of $W$ is itself a picture, a **template** of the class, and the score says how
# well the picture matches it. It is the nearest-neighbour idea with one learnt picture per class,
# and with a product in place of a distance. We'll look at the templates at the end.
#
# What is left is to say which $W$ is good.

# %% [markdown]
# ## 4. The hinge loss
#
# The **multiclass SVM loss** (SVM stands for *support vector machine*) wants the score of the
# right class to be higher than every other score, and not just barely: by a **margin** of at least
# 1. If example $i$ has the right class $y_i$ and the scores $s$, each wrong class $j$ costs
#
# $$\max(0, \; s_j - s_{y_i} + 1).$$
#
# Nothing, if the right class leads by 1 or more; otherwise as much as is missing to that lead.
# Drawn against the score of the wrong class it looks like a door hinge, hence the name.

# %% tags=["explore"]
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.6))
s = np.linspace(-2, 6, 401)
left.plot(s, np.maximum(0, s - 3 + 1), color="#D55E00", linewidth=2.5)
left.axvline(3, color="#0072B2", linestyle="--")
left.text(3.1, 3.3, "score of the\nright class", color="#0072B2")
left.annotate("", (3, -0.3), (2, -0.3), arrowprops={"arrowstyle": "<->"})
left.text(1.9, -0.3, "a lead of 1", ha="right", va="center")
left.set(xlabel="score of a wrong class", ylabel="what it costs", ylim=(-0.6, 4.2))
left.set_title("The hinge")

bars = np.array([2.6, 3.0, 0.4, 3.7, -1.2])
costs = np.maximum(0, bars - bars[1] + 1)
costs[1] = 0
tints = ["#0072B2" if label == 1 else "#BBBBBB" for label in range(5)]
right.bar(range(5), bars, color=tints)
right.bar(range(5), costs, bottom=bars - costs, color="#D55E00", alpha=0.8)
right.axhline(bars[1] - 1, color="black", linestyle="--", linewidth=1)
right.text(4.45, bars[1] - 0.9, "right - 1", ha="right")
for label in (0, 3):
    right.text(label, bars[label] + 0.08, f"{costs[label]:.1f}", ha="center", color="#D55E00")
right.set(xlabel="class (the right one is blue)", ylabel="score", ylim=(-1.5, 4.4))
right.set_title(f"This example costs 0.6 + 1.7 = {costs.sum():.1f}")
plt.show()

# %% [markdown]
# The loss of a batch is the *mean* over its $N$ examples, plus a price for large weights:
#
# $$L = \frac{1}{N} \sum_{i=1}^{N} \sum_{j \neq y_i} \max(0, \; s_{ij} - s_{i y_i} + 1)
# \; + \; \lambda \sum_{d, j} W_{dj}^2$$
#
# The second term is the **regularisation**; $\lambda$ is called `reg` in the code. Without it
# there would be no single best $W$: if all margins are met, so are they with $2W$. The price makes
# the classifier prefer small weights that are spread over many pixels to large ones on a few.
# (Some texts put $\frac12$ in front of it. In this assignment there is none.)
#
# Two details are easily got wrong. The sum leaves the right class out: its own "margin" is always
# 1, and would add 1 to the loss of each example. And it is the mean over *examples*, not over
# examples and classes.
#
# ### A small case by hand
#
# Three examples with two numbers each, and three classes:
#
# $$X = \begin{pmatrix} 2 & 1 \\ 1 & 2 \\ 1 & -1 \end{pmatrix}, \quad
# W = \begin{pmatrix} 1 & 0 & -1 \\ 0 & 0.5 & 1 \end{pmatrix}, \quad
# XW = \begin{pmatrix} 2 & 0.5 & -1 \\ 1 & 1 & 1 \\ 1 & -0.5 & -2 \end{pmatrix}, \quad
# y = \begin{pmatrix} 0 \\ 1 \\ 2 \end{pmatrix}$$
#
# | example | right class | what the wrong classes cost | sum |
# |---|---|---|---|
# | 0 | 0 | max(0, 0.5 - 2 + 1) + max(0, -1 - 2 + 1) | 0 |
# | 1 | 1 | max(0, 1 - 1 + 1) + max(0, 1 - 1 + 1) | 2 |
# | 2 | 2 | max(0, 1 + 2 + 1) + max(0, -0.5 + 2 + 1) | 6.5 |
#
# Without regularisation the loss is $(0 + 2 + 6.5) / 3 = 2.8333$. With `reg = 0.1` comes $0.1
# \cdot (1 + 1 + 0.25 + 1) = 0.325$ on top.
#
# ### The gradient
#
# To improve $W$ we need to know how the loss changes with each of its entries. Take one example
# and one wrong class $j$. If its margin is not positive, the cost is 0 and stays 0 under small
# changes: no gradient. If it is positive, the cost is $x \cdot w_j - x \cdot w_{y} + 1$, where
# $w_j$ is column $j$ of $W$, and its derivatives are plain:
#
# $$\frac{\partial}{\partial w_j} = x, \qquad \frac{\partial}{\partial w_y} = -x.$$
#
# In words: push the template of class $j$ away from this picture, and pull the template of the
# right class towards it, **once for each wrong class that comes too close**. (Gradient *descent*
# then goes against the gradient, hence "away" for a plus.) The regularisation adds $2 \lambda W$.
#
# **TODO.** Write `svm_loss_naive`, the loss and the gradient, with loops, as close to the formulas
# as you can. A function that is plainly right is worth a lot: the fast one will be compared with
# it.
#
# The check begins with the case from above. Then come weights close to zero: all scores are about
# 0, so each of the nine wrong classes costs about 1. **A fresh classifier of ten classes has a
# hinge loss of about 9.** It is a test that costs nothing; make it a habit. At last the gradient
# is compared with numeric derivatives, first without regularisation, then with a great deal of it.

# %% question="svm_loss_naive" points=3
X = np.array([[2.0, 1.0], [1.0, 2.0], [1.0, -1.0]])
W = np.array([[1.0, 0.0, -1.0], [0.0, 0.5, 1.0]])
y = np.array([0, 1, 2])
loss, dW = svm_loss_naive(W, X, y, 0.1)
assert_close(loss, 8.5 / 3 + 0.325, rel_error=1e-12)  # a few roundings in float64
correct_dW = np.array([[2.0, -1.0, -1.0], [1.0, -5.0, 4.0]]) / 3 + 0.2 * W
assert_close(dW, correct_dW, rel_error=1e-12)  # a few roundings in float64

np.random.seed(231)  # 20 examples as large as pictures, and weights close to zero
X, y = 60 * np.random.randn(20, 3073), np.random.randint(10, size=20)
loss, _ = svm_loss_naive(1e-4 * np.random.randn(3073, 10), X, y, 5e-6)
assert_close(loss, 9.0, abs_error=1.0)  # "about 9": the scores differ from 0 by a third

X, y, W = np.random.randn(6, 4), np.random.randint(3, size=6), np.random.randn(4, 3)
for reg in (0.0, 5e1):
    numeric = eval_numerical_gradient(lambda W, reg=reg: svm_loss_naive(W, X, y, reg)[0], W)
    assert_close(svm_loss_naive(W, X, y, reg)[1], numeric, rel_error=1e-7)  # numeric: about 1e-9
### BEGIN HIDDEN TESTS
rng = probe.rng()
W, X, y = 0.6 * rng.normal(size=(5, 4)), rng.normal(size=(7, 5)), rng.integers(4, size=7)
before = W.copy(), X.copy(), y.copy()
loss, dW = svm_loss_naive(W, X, y, 0.0)
probe("loss of seven examples", loss, rel_error=1e-10)  # sums of some dozen numbers in float64
probe("gradient of seven examples", dW, rel_error=1e-10)
loss, dW = svm_loss_naive(W, X, y, 0.7)
probe("loss, regularised", loss, rel_error=1e-10)
probe("gradient, regularised", dW, rel_error=1e-10)
changed = [np.max(np.abs(a - b)) for a, b in zip((W, X, y), before, strict=True)]
probe("the arguments are left as they were", np.array(changed), exact=True)
W, X, y = 2 * rng.normal(size=(2, 13)), rng.normal(size=(3, 2)), np.array([12, 0, 11])
loss, dW = svm_loss_naive(W, X, y, 0.3)
probe("loss of 13 classes", loss, rel_error=1e-10)
probe("gradient of 13 classes", dW, rel_error=1e-10)
W, X = rng.normal(size=(6, 2)), rng.normal(size=(1, 6))
loss, dW = svm_loss_naive(W, X, np.array([1]), 0.05)
probe("loss of a single example", loss, rel_error=1e-10)
probe("gradient of a single example", dW, rel_error=1e-10)
X, y = rng.normal(size=(5, 3)), np.array([2, 2, 2, 5, 2])
loss, dW = svm_loss_naive(np.zeros((3, 6)), X, y, 0.2)
probe("loss where all scores are equal", loss, rel_error=1e-10)
probe("gradient where all scores are equal", dW, rel_error=1e-10)
y = rng.integers(4, size=9)
X, W = np.eye(4)[y] + 0.05 * rng.normal(size=(9, 4)), 3.0 * np.eye(4)
loss, dW = svm_loss_naive(W, X, y, 0.0)
probe("loss where all margins are met", loss, exact=True)  # a sum of zeros
probe("gradient where all margins are met", dW, exact=True)
loss, dW = svm_loss_naive(W / 5, X, y, 0.0)
probe("loss where the lead is too small", loss, rel_error=1e-10)
probe("gradient where the lead is too small", dW, rel_error=1e-10)
loss, dW = svm_loss_naive(-1e3 * W, X, y, 1.5)
probe("loss of scores of thousands", loss, rel_error=1e-10)
probe("gradient of scores of thousands", dW, rel_error=1e-10)
# Whole numbers and a bias keep every margin 0.15 away from the kink, whatever float32 rounds.
W = rng.integers(-3, 4, size=(4, 5)).astype(np.float32)
W[-1] = 0.17 * np.arange(5)
X = rng.integers(-2, 3, size=(6, 4)).astype(np.float32)
X[:, -1] = 1
loss, dW = svm_loss_naive(W, X, rng.integers(5, size=6), 0.01)
probe("loss in float32", loss, rel_error=1e-5)  # some dozen roundings of 6e-8
probe("gradient in float32", dW, rel_error=1e-5)
### END HIDDEN TESTS

# %% [markdown]
# Now the same with pictures: the loss of near-zero weights, and the gradient at ten random places
# out of 30 730. (Trying all of them would take two evaluations of the loss for each.) **Expect
# relative errors of 1e-7 or smaller, most of them far smaller.** Now and then a single one may be
# much larger: that is the subject of the question below.

# %% tags=["explore"]
W = 1e-4 * np.random.randn(3073, 10)
loss, grad = svm_loss_naive(W, X_dev, y_dev, 5e-6)
print(f"loss {loss:f}, should be about 9\n")
for reg in (0.0, 5e1):
    loss, grad = svm_loss_naive(W, X_dev, y_dev, reg)
    print(f"gradient with reg = {reg}:")
    grad_check_sparse(lambda W, reg=reg: svm_loss_naive(W, X_dev, y_dev, reg)[0], W, grad)

# %% [markdown]
# **Question 1.** Once in a while, a numeric derivative doesn't agree with yours although your code
# is right.
#
# 1. What is it about the hinge loss that makes this possible? Is it a reason to worry?
# 2. Give an example with a function of *one* variable: a point, a step $h$, the numeric derivative
#    and the exact one.
# 3. Suppose we demanded a lead of 0.01, or of 100, instead of 1. How would that change how often
#    it happens, with weights close to zero as above?

# %% [markdown] written="svm_kinks" points=2
# ### BEGIN SOLUTION
# 1. The hinge $\max(0, m)$ has a kink at $m = 0$ and no derivative there. If one of the margins is
#    so close to 0 that the step $h$ carries it across, $f(x + h)$ lies on one branch and $f(x -
#    h)$ on the other; the central difference then mixes the slopes of both branches, while the
#    formula takes one of them. It is no reason to worry: the formula still gives a slope that is
#    right on one side (a *subgradient*), gradient descent hardly ever stands exactly on a kink,
#    and with a smaller $h$, or at another random place, the two agree. One should worry if it
#    happens often, or with a smooth function.
# 2. $f(x) = \max(0, x)$ at $x = 10^{-6}$ with $h = 10^{-5}$: numeric $(f(1.1 \cdot 10^{-5}) -
#    f(-0.9 \cdot 10^{-5})) / (2 \cdot 10^{-5}) = 0.55$, exact 1.
# 3. With weights close to zero all scores are about 0, and all margins about equal to the lead
#    that we demand, $\Delta$, give or take a third. Kinks are crossed only by margins close to 0.
#    With $\Delta = 100$ there are none, so it practically never happens; with $\Delta = 0.01$ the
#    margins scatter around 0 and it happens more often than with 1. In general: the more margins
#    lie close to the kink, the more often, and there a smaller $\Delta$ puts more of them for
#    small weights.
# ### END SOLUTION

# %% [markdown]
# ## 5. The same without loops
#
# 500 examples and 10 classes mean 5 000 turns through the inner loop, each of them with operations
# on whole columns of $W$. Training needs thousands of gradients, so this won't do. As with the
# distances: ask NumPy seldom, and for much.
#
# **The loss.** `X @ W` gives all scores at once, shape $(N, C)$. The scores of the right classes
# are one entry from each row, picked with two lists of indices: `scores[np.arange(N), y]`. As a
# column they can be subtracted from all of `scores`. The margin of the right class itself needs a
# treatment of its own.
#
# **The gradient.** What did the loops do? For each example $i$ and each wrong class $j$ with a
# positive margin, they added $x_i$ to column $j$ and subtracted it from column $y_i$. Write into a
# matrix $S$ of shape $(N, C)$ *how often* $x_i$ is added to column $j$:
#
# $$S_{ij} = \begin{cases} 1 & \text{if } j \neq y_i \text{ and the margin is positive} \\
# -(\text{number of 1s in this row}) & \text{if } j = y_i \\ 0 & \text{else} \end{cases}$$
#
# Then column $j$ of the gradient is $\sum_i S_{ij} x_i$, and this sum, for all $j$ at once, is a
# matrix product of two matrices whose shapes leave you hardly any choice. The next picture shows
# $S$ for 16 examples and 6 classes; the right class of each is easy to see.

# %% tags=["explore"]
picture_rng = np.random.default_rng(5)
picture_y = picture_rng.integers(6, size=16)
picture_S = (picture_rng.random((16, 6)) < 0.4).astype(float)
picture_S[np.arange(16), picture_y] = 0
picture_S[np.arange(16), picture_y] -= picture_S.sum(axis=1)

figure, ax = plt.subplots(figsize=(3.6, 4.8))
ax.imshow(picture_S, cmap="RdBu_r", vmin=-5, vmax=5)
for (i, j), count in np.ndenumerate(picture_S):
    ax.text(j, i, f"{count:.0f}", ha="center", va="center", fontsize=8)
ax.set(xlabel="class", ylabel="example", title="$S$: each row sums to 0")
plt.show()

# %% [markdown]
# **TODO.** Write `svm_loss_vectorized`. There must be no Python loop in it, which is looked at
# when it is marked.

# %% question="svm_loss_vectorized" points=3
X = np.array([[2.0, 1.0], [1.0, 2.0], [1.0, -1.0]])  # the case that we did by hand
W = np.array([[1.0, 0.0, -1.0], [0.0, 0.5, 1.0]])
y = np.array([0, 1, 2])
loss, dW = svm_loss_vectorized(W, X, y, 0.1)
assert_close(loss, 8.5 / 3 + 0.325, rel_error=1e-12)  # a few roundings in float64
correct_dW = np.array([[2.0, -1.0, -1.0], [1.0, -5.0, 4.0]]) / 3 + 0.2 * W
assert_close(dW, correct_dW, rel_error=1e-12)  # a few roundings in float64

np.random.seed(231)  # 20 examples as large as pictures, and weights close to zero
X, y = 60 * np.random.randn(20, 3073), np.random.randint(10, size=20)
loss, _ = svm_loss_vectorized(1e-4 * np.random.randn(3073, 10), X, y, 5e-6)
assert_close(loss, 9.0, abs_error=1.0)  # "about 9": the scores differ from 0 by a third

X, y, W = np.random.randn(6, 4), np.random.randint(3, size=6), np.random.randn(4, 3)
for reg in (0.0, 5e1):
    numeric = eval_numerical_gradient(lambda W, reg=reg: svm_loss_vectorized(W, X, y, reg)[0], W)
    assert_close(svm_loss_vectorized(W, X, y, reg)[1], numeric, rel_error=1e-7)  # about 1e-9
### BEGIN HIDDEN TESTS
rng = probe.rng()
W, X, y = 0.6 * rng.normal(size=(6, 3)), rng.normal(size=(8, 6)), rng.integers(3, size=8)
before = W.copy(), X.copy(), y.copy()
loss, dW = svm_loss_vectorized(W, X, y, 0.0)
probe("loss of eight examples", loss, rel_error=1e-10)  # sums of some dozen numbers in float64
probe("gradient of eight examples", dW, rel_error=1e-10)
loss, dW = svm_loss_vectorized(W, X, y, 0.4)
probe("loss, regularised", loss, rel_error=1e-10)
probe("gradient, regularised", dW, rel_error=1e-10)
changed = [np.max(np.abs(a - b)) for a, b in zip((W, X, y), before, strict=True)]
probe("the arguments are left as they were", np.array(changed), exact=True)
W, X, y = 2 * rng.normal(size=(2, 14)), rng.normal(size=(4, 2)), np.array([13, 0, 12, 1])
loss, dW = svm_loss_vectorized(W, X, y, 0.3)
probe("loss of 14 classes", loss, rel_error=1e-10)
probe("gradient of 14 classes", dW, rel_error=1e-10)
W, X = rng.normal(size=(5, 2)), rng.normal(size=(1, 5))
loss, dW = svm_loss_vectorized(W, X, np.array([0]), 0.05)
probe("loss of a single example", loss, rel_error=1e-10)
probe("gradient of a single example", dW, rel_error=1e-10)
X, y = rng.normal(size=(6, 3)), np.array([1, 1, 4, 1, 1, 1])
loss, dW = svm_loss_vectorized(np.zeros((3, 7)), X, y, 0.2)
probe("loss where all scores are equal", loss, rel_error=1e-10)
probe("gradient where all scores are equal", dW, rel_error=1e-10)
y = rng.integers(5, size=11)
X, W = np.eye(5)[y] + 0.05 * rng.normal(size=(11, 5)), 3.0 * np.eye(5)
loss, dW = svm_loss_vectorized(W, X, y, 0.0)
probe("loss where all margins are met", loss, exact=True)  # a sum of zeros
probe("gradient where all margins are met", dW, exact=True)
loss, dW = svm_loss_vectorized(W / 5, X, y, 0.0)
probe("loss where the lead is too small", loss, rel_error=1e-10)
probe("gradient where the lead is too small", dW, rel_error=1e-10)
loss, dW = svm_loss_vectorized(-1e3 * W, X, y, 1.5)
probe("loss of scores of thousands", loss, rel_error=1e-10)
probe("gradient of scores of thousands", dW, rel_error=1e-10)
# Whole numbers and a bias keep every margin 0.15 away from the kink, whatever float32 rounds.
W = rng.integers(-3, 4, size=(3, 5)).astype(np.float32)
W[-1] = 0.17 * np.arange(5)
X = rng.integers(-2, 3, size=(7, 3)).astype(np.float32)
X[:, -1] = 1
loss, dW = svm_loss_vectorized(W, X, rng.integers(5, size=7), 0.01)
probe("loss in float32", loss, rel_error=1e-5)  # some dozen roundings of 6e-8
probe("gradient in float32", dW, rel_error=1e-5)
### END HIDDEN TESTS

# %% [markdown]
# On the pictures of the development set, both functions must find the same loss and the same
# gradient. We compare with a strong regularisation: with a tiny one, a forgotten regularisation
# term would go unnoticed. How much faster is yours?

# %% tags=["explore"]
W = 1e-4 * np.random.randn(3073, 10)
for reg in (5e-6, 2.5e4):
    start = time.perf_counter()
    naive_loss, naive_grad = svm_loss_naive(W, X_dev, y_dev, reg)
    middle = time.perf_counter()
    loss, grad = svm_loss_vectorized(W, X_dev, y_dev, reg)
    end = time.perf_counter()
    print(f"reg = {reg}")
    print(f"  losses {naive_loss:.6f} and {loss:.6f}, difference {abs(naive_loss - loss):.6f}")
    print(f"  gradients differ by {np.linalg.norm(naive_grad - grad):.6f} (Frobenius norm)")
    print(f"  {middle - start:.3f} and {end - middle:.4f} seconds")

# %% [markdown]
# ## 6. Walking downhill
#
# The gradient points uphill, so we take a small step against it, compute it anew, and so on:
#
# $$W \leftarrow W - \eta \, \frac{\partial L}{\partial W}$$
#
# $\eta$ is the **learning rate**. To compute the gradient from all 49 000 pictures for a single
# step would be a waste: 200 random pictures give nearly the same direction at a 245th of the
# price. This is **stochastic gradient descent** (SGD), and the 200 pictures are a *minibatch*. We
# draw them **with replacement**, so that a picture may occur twice in a batch; it is quick,
# simple, and works for any size of the batch.
#
# **TODO.** Write the two missing parts of `LinearClassifier.train`: draw a batch, and take a step.
# The class leaves the loss to its subclasses, so you call `self.loss` without knowing which one it
# is.
#
# The checks use two subclasses that make it visible what training does. The loss of `Shrink` is
# $\lambda \sum W^2$, whatever the data: its gradient is $2 \lambda W$, so that each step must
# multiply the weights by $1 - 2 \eta \lambda$. `Witness` never moves but writes down the batches
# that it is shown.


# %%
class Shrink(LinearClassifier):
    """Wants its weights to be zero, and looks at no example."""

    def loss(self, X_batch, y_batch, reg):
        """Return reg times the sum of all squared weights, and the gradient of that."""
        return reg * np.sum(self.W**2), 2 * reg * self.W


class Witness(LinearClassifier):
    """Remembers its batches, and learns nothing from them."""

    def __init__(self):
        super().__init__()
        self.batches = []

    def loss(self, X_batch, y_batch, reg):
        """Return no loss and no gradient."""
        self.batches.append((X_batch.copy(), y_batch.copy()))
        return 0.0, np.zeros_like(self.W)


# %% question="LinearClassifier_train" points=3
X, y = np.array([[0.0, 0.0], [1.0, 10.0], [2.0, 20.0]]), np.array([2, 0, 1])
shrink = Shrink()
shrink.W = np.array([[1.0, 2.0, -2.0], [0.0, 4.0, 0.0]])
history = shrink.train(X, y, learning_rate=0.5, reg=0.25, num_iters=3, batch_size=2)
correct_W = 0.75**3 * np.array([[1.0, 2.0, -2.0], [0.0, 4.0, 0.0]])
assert_close(shrink.W, correct_W, rel_error=1e-12)  # a few roundings in float64
assert_close(history, 0.25 * 25 * 0.75 ** np.array([0, 2, 4]), rel_error=1e-12)

witness = Witness()
witness.train(X, y, num_iters=4, batch_size=50)  # more than there are examples
assert_close([X_batch.shape for X_batch, _ in witness.batches], [(50, 2)] * 4)
for X_batch, y_batch in witness.batches:
    assert_close(X_batch[:, 1] - 10 * X_batch[:, 0], np.zeros(50))  # the rows are rows of X,
    assert_close(y_batch - y[X_batch[:, 0].astype(int)], np.zeros(50))  # the labels are theirs
### BEGIN HIDDEN TESTS
rng = probe.rng()
X, y = rng.normal(size=(9, 5)), np.array([0, 3, 2, 1, 3, 3, 0, 1, 2])
before = X.copy(), y.copy()
start = rng.normal(size=(5, 4))
tested = Shrink()
tested.W = start.copy()
history = tested.train(X, y, learning_rate=0.3, reg=0.2, num_iters=7, batch_size=4)
probe("losses of seven steps", history, rel_error=1e-10)  # seven products in float64
probe("weights after seven steps", tested.W, rel_error=1e-10)
history = tested.train(X, y, learning_rate=0.1, reg=0.9, num_iters=2, batch_size=3)
probe("losses of two more steps", history, rel_error=1e-10)
probe("weights after two more steps", tested.W, rel_error=1e-10)
tested.W = start.copy()
history = tested.train(X, y, learning_rate=1e-3, reg=1e3, num_iters=1, batch_size=1)
probe("loss of a single step", history, rel_error=1e-10)
probe("weights after a single step", tested.W, rel_error=1e-10)
changed = [np.max(np.abs(a - b)) for a, b in zip((X, y), before, strict=True)]
probe("the examples are left as they were", np.array(changed), exact=True)

number = np.arange(10)  # each example knows its number
X, y = np.stack([number, number**2, np.full(10, 7)], axis=1).astype(float), number * 7 % 4
tested = Witness()
history = tested.train(X, y, num_iters=200, batch_size=20)
probe("one loss for each step", len(history), exact=True)
probe("one batch for each step", len(tested.batches), exact=True)
probe("shape of the weights", np.array(tested.W.shape), exact=True)
shapes = [(*X_batch.shape, *y_batch.shape) for X_batch, y_batch in tested.batches]
probe("shapes of batches larger than the data", np.array(shapes), exact=True)
drawn = np.concatenate([X_batch for X_batch, _ in tested.batches])
numbers = drawn[:, 0].astype(int)
probe("only examples are drawn", np.abs(drawn - X[numbers]).max(), exact=True)
labels = np.concatenate([y_batch for _, y_batch in tested.batches])
probe("labels belong to their examples", np.abs(labels - y[numbers]).max(), exact=True)
# 400 +- 19 times each: the limit is seven standard deviations of a difference of two such counts.
frequencies = np.bincount(numbers, minlength=10) / 400
probe("each example is drawn equally often", frequencies, abs_error=0.5)
X, y = np.arange(60.0).reshape(60, 1), np.arange(60) % 3
tested = Witness()
tested.train(X, y, num_iters=25, batch_size=12)  # two equal batches: less than 1 in 1e12
probe("each step draws a batch", len({b.tobytes() for b, _ in tested.batches}), exact=True)
probe("shape of a batch smaller than the data", np.array(tested.batches[0][0].shape), exact=True)
spread = [batch[:, 0].max() - batch[:, 0].min() > 11 for batch, _ in tested.batches]
probe("a batch is drawn from all examples", np.mean(spread), abs_error=0.3)  # nearly always 1
tested = Witness()
tested.train(rng.normal(size=(30, 40)), np.arange(30) % 25, num_iters=1, batch_size=2)
probe("shape of 25 columns", np.array(tested.W.shape), exact=True)
# 1000 numbers: the standard deviation is certain to 2 %.
probe("the weights begin small", np.std(tested.W), abs_error=2e-4)


class Squares(LinearClassifier):
    """Wants the score of the right class to be 1 and all others to be 0."""

    def loss(self, X_batch, y_batch, reg):
        """Return the mean of squared errors, and its gradient."""
        error = X_batch @ self.W - np.eye(self.W.shape[1])[y_batch]
        loss = np.sum(error**2) / len(error) + reg * np.sum(self.W**2)
        return loss, 2 * X_batch.T @ error / len(error) + 2 * reg * self.W


tested = Squares()
tested.W = rng.normal(size=(3, 4))
X = np.tile(rng.normal(size=3), (6, 1))  # six times the same example: no draw makes a difference
history = tested.train(X, np.full(6, 3), 0.05, 0.1, num_iters=9, batch_size=5)
probe("losses of one repeated example", history, rel_error=1e-9)  # nine steps in float64
probe("weights of one repeated example", tested.W, rel_error=1e-9)
y = np.arange(80) % 4
X = np.hstack([3 * np.eye(4)[y] + 0.3 * rng.normal(size=(80, 4)), np.ones((80, 1))])
tested = Squares()
history = tested.train(X, y, learning_rate=0.03, reg=1e-4, num_iters=300, batch_size=16)
reached = np.mean(np.argmax(X @ tested.W, axis=1) == y)
probe("accuracy on separate heaps", reached, abs_error=0.05)  # heaps are ten spreads apart: 1
probe("the last losses are small", np.mean(history[-20:]), abs_error=0.1)  # 0.05; at first 1
### END HIDDEN TESTS

# %% [markdown]
# Now train on pictures: 1 500 steps with 200 pictures each. It takes some seconds. **The loss
# should fall from about 790 to between 5 and 6**; most of it is regularisation at first.

# %% tags=["explore"]
svm = LinearSVM()
start = time.perf_counter()
loss_history = svm.train(
    X_train, y_train, learning_rate=1e-7, reg=2.5e4, num_iters=1500, verbose=True
)
print(f"{time.perf_counter() - start:.1f} seconds")

# %% [markdown]
# ### Reading the curve
#
# Always plot the loss. The curve on the left is how it should look: steep at first, then
# flattening out. Seen from near, in the middle, it is noisy, since each point is computed from
# another 200 pictures; that is no mistake. On the right the same is tried with other learning
# rates, on a logarithmic axis.

# %% tags=["explore"]
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
left.plot(loss_history, color="#0072B2")
left.set(xlabel="step", ylabel="loss", title="learning rate 1e-7")
middle.plot(range(700, 1500), loss_history[700:], color="#0072B2", linewidth=0.8)
middle.set(xlabel="step", ylabel="loss", title="the same, from step 700 on")
for rate, color in ((1e-8, "#56B4E9"), (1e-7, "#0072B2"), (3e-6, "#E69F00"), (4.1e-5, "#D55E00")):
    with np.errstate(all="ignore"):  # one of them overflows
        history = LinearSVM().train(X_train[chosen], y_dev, rate, 2.5e4, num_iters=1000)
    right.plot(history, color=color, label=f"{rate:g}", linewidth=1)
right.set(yscale="log", xlabel="step", ylabel="loss, logarithmic", ylim=(3, 1e5))
right.set_title("four learning rates (development set)")
right.legend()
plt.show()

# %% [markdown]
# - **1e-8: too small.** It goes down, but would need thousands of steps more. A curve that hasn't
#   flattened out at the end asks for a larger rate or for more steps.
# - **1e-7: good.** It flattens out, at the lowest level of all.
# - **3e-6: too large.** It drops at once and then hovers at a higher level: the steps are too long
#   to settle at the bottom of the valley. This one is treacherous, since it looks best of all at
#   first.
# - **4.1e-5: much too large.** Each step overshoots by more than the last one, and the loss
#   explodes. Then come warnings of overflow (switched off here), and NaN.
#
# ## 7. Predicting
#
# **TODO.** Write `LinearClassifier.predict`: the class with the highest score.

# %% question="LinearClassifier_predict" points=1
X = np.array([[2.0, 1.0], [1.0, 3.0], [-1.0, -1.0]])
classifier = LinearClassifier()
classifier.W = np.array([[1.0, 0.0, -1.0], [0.0, 0.5, 0.75]])
# The scores are 2 0.5 -1.25, then 1 1.5 1.25, then -1 -0.5 0.25.
assert_close(classifier.predict(X), np.array([0, 1, 2]))
### BEGIN HIDDEN TESTS
rng = probe.rng()
X = rng.normal(size=(40, 6))
before = X.copy()
tested = LinearClassifier()
tested.W = rng.normal(size=(6, 17))
old = tested.W.copy()
probe("17 classes", tested.predict(X), exact=True)
probe("the examples are left as they were", np.abs(X - before).max(), exact=True)
probe("the weights are left as they were", np.abs(tested.W - old).max(), exact=True)
probe("a single example", tested.predict(X[:1]), exact=True)
tested.W = -np.abs(rng.normal(size=(2, 3)))
probe("all scores are negative", tested.predict(np.abs(rng.normal(size=(25, 2)))), exact=True)
tested.W = rng.normal(size=(1, 2))
probe("two classes", tested.predict(rng.normal(size=(9, 1))), exact=True)
tested = LinearSVM()
tested.W = 1e3 * rng.normal(size=(3, 5))
probe("large scores of an SVM", tested.predict(1e3 * rng.normal(size=(4, 3))), exact=True)
tested.W = (rng.integers(-4, 5, size=(3, 6)) + 0.1 * np.arange(6)).astype(np.float32)
X = rng.integers(-4, 5, size=(12, 3)).astype(np.float32)
X[:, -1] = 1 - X[:, :-1].sum(axis=1)  # sum 1: scores differ by tenths, no two are equal
probe("float32", tested.predict(X), exact=True)
### END HIDDEN TESTS

# %% tags=["explore"]
print(f"training accuracy   {np.mean(svm.predict(X_train) == y_train):.3f}")
print(f"validation accuracy {np.mean(svm.predict(X_val) == y_val):.3f}")

# %% [markdown]
# You should see **about 0.38 in both** (0.36 to 0.41). Compare with the nearest neighbours: a
# better result from 30 730 numbers instead of 15 million.
#
# Training and validation accuracy are nearly equal. So the classifier doesn't suffer from having
# learnt the training pictures by heart (*overfitting*); it is simply too rigid to do better: it
# *underfits*. Ten templates are not much.
#
# ## 8. Choosing learning rate and regularisation
#
# The learning rate $\eta$ and the strength $\lambda$ were given to you. How does one find such
# numbers? By trying: train with each pair of candidates, measure the accuracy on the
# **validation** set, keep the best. Training accuracy won't do, since it favours whoever learns by
# heart, and the test set must not be touched.
#
# **TODO.** Write `grid_search`. `new_classifier` is a function that makes an untrained classifier;
# if you pass the class `LinearSVM` itself, `new_classifier()` makes one. Each pair needs a fresh
# one, since `train` goes on from the weights it finds.


# %% answer="grid_search_code"
def grid_search(new_classifier, X_train, y_train, X_val, y_val, learning_rates, regs, num_iters):
    """Train with each pair of a learning rate and a regularisation strength.

    Inputs:
    - new_classifier: Function without arguments that returns an untrained classifier: an object
      with the methods train and predict of LinearClassifier.
    - X_train, y_train: What to train with.
    - X_val, y_val: What to choose by.
    - learning_rates: The learning rates to try, a list of numbers.
    - regs: The regularisation strengths to try, a list of numbers.
    - num_iters: How many steps to train each classifier for.

    Returns a tuple of:
    - results: Dictionary {(learning_rate, reg): (training accuracy, validation accuracy)} with an
      entry for each pair.
    - best: The trained classifier with the highest validation accuracy.
    """
    ### BEGIN SOLUTION
    results, best, best_accuracy = {}, None, -1.0
    for learning_rate in learning_rates:
        for reg in regs:
            classifier = new_classifier()
            classifier.train(X_train, y_train, learning_rate, reg, num_iters)
            train_accuracy = np.mean(classifier.predict(X_train) == y_train)
            val_accuracy = np.mean(classifier.predict(X_val) == y_val)
            results[learning_rate, reg] = (train_accuracy, val_accuracy)
            if val_accuracy > best_accuracy:
                best, best_accuracy = classifier, val_accuracy
    return results, best
    ### END SOLUTION


# %% [markdown]
# The check uses a classifier that only pretends to learn, so that it takes no time and you know
# what has to come out. An example is its label, how difficult it is, and whether it is *new*. The
# pretender solves old examples up to a difficulty that grows with the learning rate and falls with
# the regularisation, as if it had learnt them by heart. It is best on new ones where both are in
# the middle.


# %%
class Pretender:
    """Behaves as if it had been trained, as well as its hyper-parameters deserve."""

    def __init__(self):
        self.settings = None

    def train(
        self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
    ):
        """Remember the hyper-parameters; whoever is trained twice learns nothing any more."""
        self.settings = (0, 0, 0) if self.settings else (learning_rate, reg, num_iters)
        self.seen = np.append(X, y)  # what it was shown: all examples, then their labels
        return [0.0] * num_iters

    def predict(self, X):
        """Return the right labels of those examples that are easy enough, else -1."""
        rate, reg, num_iters = self.settings
        old_limit = num_iters / 10 * (0.5 + rate / 10 - reg / 20)
        new_limit = num_iters / 10 * (0.6 - abs(rate - 2) / 10 - abs(reg - 3) / 20)
        is_new = X[:, 2] == 1
        return np.where(X[:, 1] <= np.where(is_new, new_limit, old_limit), X[:, 0], -1)


# %% question="grid_search" points=2
easy_to_hard = np.linspace(0.02, 0.92, 10)  # ten old and ten new examples, all with label 3
old_X = np.stack([np.full(10, 3), easy_to_hard, np.zeros(10)], axis=1)
new_X = np.stack([np.full(10, 3), easy_to_hard, np.ones(10)], axis=1)
ys = np.full(10, 3)
results, best = grid_search(Pretender, old_X, ys, new_X, ys, [1, 2, 4], [3, 1], num_iters=10)
assert_close(len(results), 6)
assert_close(results[2, 1], (0.7, 0.5), rel_error=1e-9)  # counts, divided by 10
assert_close(results[4, 1], (0.9, 0.3), rel_error=1e-9)
assert_close(best.settings, (2, 3, 10))
### BEGIN HIDDEN TESTS
rng = probe.rng()
N, V = rng.integers(50, 70), rng.integers(30, 45)  # with 30 and more, no two best are equal
y_old, y_new = rng.integers(6, size=N), rng.integers(6, size=V)
old = np.stack([y_old, rng.permutation(N) / N, np.zeros(N)], axis=1)
new = np.stack([y_new, rng.permutation(V) / V, np.ones(V)], axis=1)
rates, regs = [5, 2, 0.5, 1], [0, 3, 5]
results, best = grid_search(Pretender, old, y_old, new, y_new, rates, regs, num_iters=9)
probe("how many pairs", len(results), exact=True)
found = np.array([[results[rate, reg] for reg in regs] for rate in rates])
probe("accuracies of all pairs", found, rel_error=1e-9)  # counts divided by counts
probe("settings of the best", np.array(best.settings), exact=True)
probe("it was trained with the training set", best.seen, exact=True)
results, best = grid_search(Pretender, old, y_old, new, y_new, [3], [4], num_iters=4)
probe("a single pair", np.array(results[3, 4]), rel_error=1e-9)
probe("the best of a single pair", np.array(best.settings), exact=True)
_, best = grid_search(Pretender, old, y_old, new, y_new, [0.1, 3, 2, 1], [4, 2, 3], num_iters=9)
probe("the best of another grid", np.array(best.settings), exact=True)
results, _ = grid_search(Pretender, old, y_old, new, y_new + 6, [1, 2], [3], num_iters=9)
probe("all are wrong", np.array([results[1, 3], results[2, 3]]), rel_error=1e-9)
### END HIDDEN TESTS

# %% [markdown]
# Now for real. Learning rates and strengths are tried on a **logarithmic** scale: the step from
# 1e-7 to 2e-7 is as big as the one from 1e-6 to 2e-6, as each doubles what a step does. **This
# takes about a minute.**

# %% tags=["explore"]
learning_rates, regs = [5e-8, 1e-7, 2e-7, 1e-6], [3e3, 1e4, 2.5e4]
results, best_svm = grid_search(
    LinearSVM, X_train, y_train, X_val, y_val, learning_rates, regs, num_iters=1500
)
for (rate, reg), (train_accuracy, val_accuracy) in sorted(results.items()):
    accuracies = f"training {train_accuracy:.3f}  validation {val_accuracy:.3f}"
    print(f"rate {rate:.0e}  reg {reg:.1e}  {accuracies}")

# %% tags=["explore"]
figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for which, (ax, title) in enumerate(zip(axes, ("training", "validation"), strict=True)):
    table = np.array([[results[rate, reg][which] for reg in regs] for rate in learning_rates])
    image = ax.imshow(table, cmap="viridis", vmin=0.3, vmax=0.42)
    for (row, column), accuracy in np.ndenumerate(table):
        color = "black" if accuracy > 0.37 else "white"
        ax.text(column, row, f"{accuracy:.3f}", ha="center", va="center", color=color)
    ax.set_xticks(range(len(regs)), [f"{reg:g}" for reg in regs])
    ax.set_yticks(range(len(learning_rates)), [f"{rate:.0e}" for rate in learning_rates])
    ax.set(xlabel="regularisation strength", ylabel="learning rate", title=f"{title} accuracy")
figure.colorbar(image, ax=axes, shrink=0.8)
plt.show()

# %% [markdown]
# The best validation accuracy should be **0.385 or more**. Before you trust a table like this, ask
# two questions. *Is the best pair at the edge of the grid?* Then the real best may lie outside;
# shift the grid. *How large are the differences?* With 1 000 validation pictures an accuracy of
# 0.4 is uncertain by 1.5 percentage points either way, so that several of these pairs are equally
# good, as far as we can tell.
#
# Now the test set, once.

# %% tags=["explore"]
print(f"test accuracy {np.mean(best_svm.predict(X_test) == y_test):.3f}")

# %% [markdown]
# **About 0.37 to 0.41** is what to expect. It is often a little lower than the validation accuracy
# of the winner, and it has to be: among 12 candidates we picked one that was also lucky on these 1
# 000 pictures.
#
# ## 9. What it has learnt
#
# Each column of $W$, without the bias, is a picture. Weights can be negative, so we stretch them
# to the range from 0 to 255.

# %% tags=["explore"]
templates = best_svm.W[:-1].reshape(32, 32, 3, 10)
low, high = templates.min(), templates.max()

figure, axes = plt.subplots(2, 5, figsize=(10, 4.6))
for label, (ax, name) in enumerate(zip(axes.flat, names, strict=True)):
    ax.imshow((255 * (templates[..., label] - low) / (high - low)).astype(np.uint8))
    ax.set_title(name)
    ax.axis("off")
plt.show()

# %% [markdown]
# **Question 2.** Describe what you see in two or three of these templates, and explain why they
# look the way they do. What happens to a class whose members look very different from each other?
# Why do the templates look smoother when they are trained with stronger regularisation? (Try it.)

# %% [markdown] written="svm_templates" points=1
# ### BEGIN SOLUTION
# A template looks like a blurred average of the pictures of its class, in bright and dark where
# they are brighter and darker than other pictures, and in complementary tones where *other*
# classes are bright: what belongs to other classes is weighted negatively. Classes with a typical
# background show the background above all (the sky behind a balloon, the water below a boat or
# around a fish), and so do those with a typical colour.
#
# It looks like that because training adds pictures of the class to the column, and subtracts
# pictures of other classes that come too close: the column is a weighted sum of training pictures.
#
# A class with members of different colours, poses or directions still has only one template, so
# they are all laid on top of each other: a horse that looks left and one that looks right become a
# horse with two heads, red and blue cars become something in between. That is what a linear
# classifier can't do better.
#
# Without much regularisation, weights of single pixels may grow large to fit noise of single
# training pictures, so neighbouring pixels get very different weights. The price on squared
# weights makes it cheaper to spread the same score over many pixels, and noise averages out.
# ### END SOLUTION

# %% [markdown]
# ## What you take along
#
# - A score function, a loss, and a walk along the gradient: that is the plan of everything that
#   follows. Only the score function will become more interesting.
# - The hinge loss is content once the right class leads by 1. It asks for no more, and what is far
#   beyond the margin has no influence on the gradient.
# - Know what the loss must be before training (about $C - 1$ here), and check each gradient
#   numerically, with enough regularisation to see its part.
# - All statistics that prepare the data come from the training set. Hyper-parameters come from the
#   validation set. The test set is looked at once.

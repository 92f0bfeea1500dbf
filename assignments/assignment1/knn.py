# %% [markdown]
# # k nearest neighbours
#
# How would you teach somebody what a *boat* is, without using any words? You would show boats. A
# **nearest-neighbour classifier** takes this literally: it keeps all the pictures that it was
# shown, and when a new one arrives it looks for the most similar one that it knows and repeats its
# label. With $k$ nearest neighbours, the $k$ most similar pictures vote.
#
# Nobody sorts photographs this way today, for reasons that you will see with your own eyes. We
# begin with it because the method fits on half a page, yet brings up what stays with us through
# the course:
#
# - pictures as points in a space with thousands of dimensions, and what *distance* means there;
# - NumPy code without loops, and why it is so much faster;
# - choices such as $k$ that no training makes for you, and an honest way to make them.
#
# You write the methods of `KNearestNeighbor` in `cs231n/classifiers/k_nearest_neighbor.py`, and
# two functions here in the notebook. Each check below a task tells you at once whether your code
# is right.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from cs231n.checks import assert_close, probe
from cs231n.classifiers.k_nearest_neighbor import KNearestNeighbor
from cs231n.data_utils import class_names, load_images
from matplotlib.colors import ListedColormap

# %% [markdown]
# When you edit a module and save it, the notebook should take notice. These two lines see to it.

# %% tags=["explore"]
# %load_ext autoreload
# %autoreload 2

# %% [markdown]
# ## 1. The pictures
#
# We use 5 000 pictures to learn from and 500 to test with, all of 32 by 32 pixels, each of one of
# ten classes. They are drawn by a program, the first time that you run this cell (a few seconds);
# their statistics and their difficulty follow those of CIFAR-10, a well-known collection of small
# photographs. If you have CIFAR-10 on your disk, set `root` to its folder and everything below
# works with real photographs.

# %% tags=["explore"]
root = None  # or, for example, "data/cifar-10-batches-py"
train_pictures, y_train, test_pictures, y_test = load_images(5000, 500, root=root)
names = class_names(root)

print("training pictures:", train_pictures.shape, " labels:", y_train.shape)
print("test pictures:    ", test_pictures.shape, " labels:", y_test.shape)
print("pixels from", train_pictures.min(), "to", train_pictures.max(), "as", train_pictures.dtype)

# %% [markdown]
# Always look at your data before you compute anything. Here is a column for each class. Which
# classes would you find by colour alone? In which column does hardly anything stay the same from
# one picture to the next?

# %% tags=["explore"]
rows = 7
figure, axes = plt.subplots(rows, len(names), figsize=(11, 8.2))
for label, name in enumerate(names):
    chosen = train_pictures[y_train == label][:rows]
    for row, picture in enumerate(chosen):
        axes[row, label].imshow(picture.astype(np.uint8))
    axes[0, label].set_title(name)
for ax in axes.flat:
    ax.axis("off")
figure.tight_layout()
plt.show()

# %% [markdown]
# A picture has $32 \cdot 32 \cdot 3 = 3072$ numbers: red, green and blue of each pixel. We write
# them one after the other into a row, so that a picture becomes **a point in a space of 3 072
# dimensions**, and the 5 000 pictures become a matrix with a row for each. The classifier never
# learns that some of these numbers were neighbours in a picture. Keep that in mind for question 2.
#
# The pixels are floating-point numbers here, although they came as bytes. That matters: a byte
# can't be negative, so NumPy computes `np.uint8(3) - np.uint8(5)` as 254. Distances between bytes
# are nonsense.

# %% tags=["explore"]
X_train = train_pictures.reshape(len(train_pictures), -1)
X_test = test_pictures.reshape(len(test_pictures), -1)
print(X_train.shape, X_test.shape)

# %% [markdown]
# ## 2. The idea in a picture
#
# Before we go to 3 072 dimensions, two will do. The star is a new point; circles and squares are
# points whose class is known. The small ring reaches to its nearest neighbour, the large one to
# the five nearest.

# %%
circles = np.array([[-0.8, 0.3], [0.3, -0.9], [-0.6, -0.9], [-1.6, 0.6], [-0.4, -1.7]])
squares = np.array([[0.5, 0.3], [0.9, 0.9], [1.4, 1.2], [1.7, 0.4], [0.5, 1.7]])

figure, ax = plt.subplots(figsize=(4.6, 4.2))
ax.plot(*circles.T, "o", color="#0072B2", markersize=10, label="class 0")
ax.plot(*squares.T, "s", color="#D55E00", markersize=10, label="class 1")
ax.plot(0, 0, "*", color="black", markersize=16, label="new point")
for radius, text, style in ((0.72, "k = 1", "-"), (1.4, "k = 5", "--")):
    ax.add_patch(plt.Circle((0, 0), radius, fill=False, linestyle=style))
    ax.text(0, radius + 0.05, text, ha="center")
ax.set(xlim=(-2.1, 2.1), ylim=(-2.0, 2.0), aspect="equal")
ax.set(xlabel="first number", ylabel="second number")
ax.legend(loc="upper left", fontsize=8)
ax.set_title("One neighbour says square, five say circle")
plt.show()

# %% [markdown]
# So there are two steps, and you will write them one after the other: **measure the distances**
# from each test point to all training points, then **let the nearest ones vote**. There is no
# training to speak of: `train` only stores the data. Compare that with what is to come in this
# course, where training takes long and predicting is quick. Which of the two would you rather have
# in your phone?

# %% [markdown]
# ## 3. Distances with two loops
#
# We measure the straight line between two points $x$ and $t$, known as Euclidean or **L2
# distance**, and as Pythagoras' theorem:
#
# $$d(x, t) = \sqrt{\sum_{p=1}^{D} (x_p - t_p)^2}$$
#
# With $N$ test points and $M$ training points we want all distances in a matrix `dists` of shape
# $(N, M)$: a row for each test point, a column for each training point.
#
# **TODO.** Write `compute_distances_two_loops`. The loops over test and training points are there;
# inside, one line of NumPy is enough. Please write the formula out instead of calling something
# ready-made such as `np.linalg.norm` or SciPy's `cdist`: you need to take it apart in a moment.
#
# The check uses triangles that you can verify in your head: with sides 3 and 4, the third is 5.

# %% question="compute_distances_two_loops" points=2
toy = KNearestNeighbor()
toy.train(np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]]), np.array([0, 1, 1]))
toy_dists = toy.compute_distances_two_loops(np.array([[0.0, 0.0], [3.0, 0.0]]))
correct_dists = np.array([[0.0, 5.0, 10.0], [3.0, 4.0, np.sqrt(73)]])
assert_close(toy_dists, correct_dists, rel_error=1e-12)  # a few roundings in float64
### BEGIN HIDDEN TESTS
rng = probe.rng()
points, queries = rng.normal(size=(7, 5)), rng.normal(size=(3, 5))
before = np.concatenate([points, queries])
tested = KNearestNeighbor()
tested.train(points, np.arange(7))
found = tested.compute_distances_two_loops(queries)
probe("three test and seven training points", found, rel_error=1e-9)  # rounding, in any order
after = np.concatenate([points, queries])
probe("the points are left as they were", after - before, exact=True)
found = tested.compute_distances_two_loops(queries[:1] * 1000)
probe("a single test point, far away", found, rel_error=1e-9)  # rounding, in any order
points, queries = rng.normal(size=(4, 11)), rng.normal(size=(6, 11))
tested.train(points, np.arange(4))
found = tested.compute_distances_two_loops(queries)
probe("trained anew, with points of another size", found, rel_error=1e-9)  # rounding, in any order
tested.train(points.astype(np.float32), np.arange(4))
found = tested.compute_distances_two_loops(queries.astype(np.float32))
probe("points in float32", found, rel_error=1e-5)  # some roundings in float32, 6e-8 each
### END HIDDEN TESTS

# %% [markdown]
# Now the real thing: 500 times 5 000 distances, each between 3 072 numbers. **This takes half a
# minute, or a whole one.** Use it to count: how many subtractions is that?

# %% tags=["explore"]
classifier = KNearestNeighbor()
classifier.train(X_train, y_train)

start = time.perf_counter()
dists = classifier.compute_distances_two_loops(X_test)
print(f"distances of shape {dists.shape} in {time.perf_counter() - start:.1f} seconds")

# %% [markdown]
# The shape must be `(500, 5000)`. So many numbers are best looked at as a picture. Here is the
# upper left corner of the matrix; each little square is a distance, dark if the two pictures are
# similar and bright if they are far apart.

# %% tags=["explore"]
figure, ax = plt.subplots(figsize=(11, 4.2))
image = ax.imshow(dists[:100, :300], cmap="viridis", interpolation="nearest")
figure.colorbar(image, label="L2 distance", shrink=0.8)
ax.set(xlabel="training picture", ylabel="test picture")
plt.show()

# %% [markdown]
# You see no order from left to right or from top to bottom, since the pictures come in random
# order. But there are stripes: some rows are brighter than others over their whole width, and some
# columns from top to bottom. What is it about these pictures? Look at the extreme ones.

# %% tags=["explore"]
by_row, by_column = np.argsort(dists.mean(axis=1)), np.argsort(dists.mean(axis=0))
stripes = (
    ("test pictures\nof bright rows", test_pictures[by_row[::-1]]),
    ("training pictures\nof bright columns", train_pictures[by_column[::-1]]),
    ("test pictures\nof dark rows", test_pictures[by_row]),
    ("training pictures\nof dark columns", train_pictures[by_column]),
)
figure, axes = plt.subplots(4, 8, figsize=(9.5, 4.8))
for row, (title, pictures) in enumerate(stripes):
    for ax, picture in zip(axes[row], pictures, strict=False):
        ax.imshow(picture.astype(np.uint8))
        ax.set(xticks=[], yticks=[])
    axes[row, 0].set_ylabel(title, rotation=0, ha="right", va="center")
figure.tight_layout()
plt.show()

# %% [markdown]
# **Question 1.** Describe in your own words
#
# 1. what property of a *test* picture makes its whole row of the matrix bright,
# 2. what makes a whole *column* bright, and
# 3. why a picture can have a bright row although it shows the same thing, to our eyes, as many
#    training pictures do.

# %% [markdown] written="knn_distance_matrix" points=2
# ### BEGIN SOLUTION
# 1. A bright row belongs to a test picture that is far from practically *all* training pictures:
#    one with unusual pixel values, such as a glaring or very dark picture, or one with extreme
#    contrast. Most pictures lie around the mean picture, at medium brightness; whoever is far from
#    the mean is far from nearly everybody.
# 2. A bright column is the same with the parts exchanged: a training picture that is far from
#    practically all test pictures. It will hardly ever be anybody's nearest neighbour.
# 3. The distance compares numbers pixel by pixel and knows nothing of content. A boat before a
#    white sky is far from boats at dusk, because most of the 3 072 numbers belong to the
#    background and all of them differ a lot.
# ### END SOLUTION

# %% [markdown]
# ## 4. One loop
#
# That took too long, and much of the time was no arithmetic: each of the 2.5 million turns of the
# inner loop asks the Python interpreter to do something small. NumPy is at its best when it is
# asked seldom and for much.
#
# So remove the inner loop: for one test point, compute the distances to **all** training points in
# one go. The tool is *broadcasting*. If `A` has shape $(M, D)$ and `v` has shape $(D,)$, then the
# difference `A - v` subtracts `v` from each row of `A`. Sums can be taken along one axis:
# `A.sum(axis=0)` has shape $(D,)$ and `A.sum(axis=1)` has shape $(M,)$. Which one do you need?
#
# **TODO.** Write `compute_distances_one_loop`.

# %% question="compute_distances_one_loop" points=2
toy = KNearestNeighbor()
boxes = np.array([[1.0, 2.0, 2.0], [2.0, 3.0, 6.0], [4.0, 4.0, 7.0], [0.0, 3.0, 4.0]])
toy.train(boxes, np.arange(4))
toy_dists = toy.compute_distances_one_loop(np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]]))
correct_dists = np.array([[3.0, 7.0, 9.0, 5.0], [0.0, np.sqrt(18), np.sqrt(38), np.sqrt(6)]])
assert_close(toy_dists, correct_dists, rel_error=1e-12)  # a few roundings in float64
### BEGIN HIDDEN TESTS
rng = probe.rng()
points, queries = rng.normal(size=(8, 6)), rng.normal(size=(5, 6))
before = np.concatenate([points, queries])
tested = KNearestNeighbor()
tested.train(points, np.arange(8))
found = tested.compute_distances_one_loop(queries)
probe("five test and eight training points", found, rel_error=1e-9)  # rounding, in any order
after = np.concatenate([points, queries])
probe("the points are left as they were", after - before, exact=True)
found = tested.compute_distances_one_loop(queries[:1] * 1000)
probe("a single test point, far away", found, rel_error=1e-9)  # rounding, in any order
points, queries = rng.normal(size=(1, 9)), rng.normal(size=(4, 9))
tested.train(points, np.arange(1))
found = tested.compute_distances_one_loop(queries)
probe("a single training point", found, rel_error=1e-9)  # rounding, in any order
points, queries = rng.normal(size=(6, 6)), rng.normal(size=(2, 6))
tested.train(points, np.arange(6))
found = tested.compute_distances_one_loop(queries)
probe("as many training points as dimensions", found, rel_error=1e-9)  # rounding, in any order
tested.train(points.astype(np.float32), np.arange(6))
found = tested.compute_distances_one_loop(queries.astype(np.float32))
probe("points in float32", found, rel_error=1e-5)  # some roundings in float32, 6e-8 each
### END HIDDEN TESTS

# %% [markdown]
# A second check, on the pictures: the first 20 rows must be those that the two loops found.
# `np.linalg.norm` is welcome *here*, where it measures the difference of two matrices (their
# *Frobenius norm*: the root of the sum of all squared differences).

# %% tags=["explore"]
difference = np.linalg.norm(classifier.compute_distances_one_loop(X_test[:20]) - dists[:20])
print(f"difference {difference:.6f}:", "good" if difference < 0.001 else "they are not the same")

# %% [markdown]
# ## 5. No loops
#
# Can the last loop go too? Broadcasting would allow it: an array of shape $(N, M, D)$ with all
# differences, then a sum over its last axis. But with 500, 5 000 and 3 072 this array has nearly 8
# billion entries of 8 bytes, which is 61 gigabytes. There is a better way, and all it takes is
# school algebra: $(a - b)^2 = a^2 - 2ab + b^2$. Applied to each of the $D$ numbers and summed up,
#
# $$\underbrace{\sum_p (x_p - t_p)^2}_{\text{what we want}}
# = \underbrace{\sum_p x_p^2}_{\text{test point alone}}
# \; - \; 2 \underbrace{\sum_p x_p t_p}_{\text{both}}
# \; + \; \underbrace{\sum_p t_p^2}_{\text{training point alone}}$$
#
# Three sums, and each has its own shape when you take it for all points at once:
#
# - The first depends on the test point only: $N$ numbers, the same all along a row of `dists`.
# - The last depends on the training point only: $M$ numbers, the same all along a column.
# - The middle one is needed for each pair. A sum of products, for each row of one matrix and each
#   row of another: you know an operation that does just that, and computers are built around it.
#
# **TODO.** Write `compute_distances_no_loops`, with one matrix product, two sums of squares and
# broadcasting, without any Python loop (no comprehension either) and without an array of shape
# $(N, M, D)$.
#
# One trap: rounding. If two points coincide, the three sums should cancel to 0, but each was
# rounded, and what is left may be $-10^{-13}$. The square root of that is NaN, and a NaN is
# nobody's neighbour. `np.maximum` helps.

# %% question="compute_distances_no_loops" points=3
toy = KNearestNeighbor()
boxes = np.array([[1.0, 2.0, 2.0], [2.0, 3.0, 6.0], [4.0, 4.0, 7.0], [0.0, 3.0, 4.0]])
toy.train(boxes, np.arange(4))
toy_dists = toy.compute_distances_no_loops(np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0]]))
correct_dists = np.array([[3.0, 7.0, 9.0, 5.0], [3.0, np.sqrt(45), np.sqrt(69), np.sqrt(29)]])
assert_close(toy_dists, correct_dists, rel_error=1e-12)  # a few roundings in float64

# Points in a row, seen from points halfway to the next.
toy_points = np.linspace(0.1, 0.7, num=21).reshape(3, 7)
toy.train(toy_points, np.arange(3))
toy_dists = toy.compute_distances_no_loops(toy_points + 0.105)
correct_dists = 0.2778038876 * np.array([[1.0, 1.0, 3.0], [3.0, 1.0, 1.0], [5.0, 3.0, 1.0]])
assert_close(toy_dists, correct_dists, rel_error=1e-8)  # the number above has ten digits
### BEGIN HIDDEN TESTS
rng = probe.rng()
points, queries = rng.normal(size=(9, 5)), rng.normal(size=(4, 5))
before = np.concatenate([points, queries])
tested = KNearestNeighbor()
tested.train(points, np.arange(9))
found = tested.compute_distances_no_loops(queries)
probe("four test and nine training points", found, rel_error=1e-9)  # cancellation costs digits
after = np.concatenate([points, queries])
probe("the points are left as they were", after - before, exact=True)
found = tested.compute_distances_no_loops(queries[:1] + 10)
probe("a single test point, some way off", found, rel_error=1e-9)  # cancellation costs digits
tested.train(points[:1], np.arange(1))
found = tested.compute_distances_no_loops(queries)
probe("a single training point", found, rel_error=1e-9)  # cancellation costs digits
points, queries = rng.normal(size=(7, 7)), rng.normal(size=(3, 7))
tested.train(points, np.arange(7))
found = tested.compute_distances_no_loops(queries)
probe("as many training points as dimensions", found, rel_error=1e-9)  # cancellation costs digits
tested.train(points.astype(np.float32), np.arange(7))
found = tested.compute_distances_no_loops(queries.astype(np.float32))
probe("points in float32", found, rel_error=1e-3)  # 6e-8 and cancellation, after the square root
points, queries = 0.01 * rng.normal(size=(8, 6)), 0.01 * rng.normal(size=(5, 6))
tested.train(points, np.arange(8))
found = tested.compute_distances_no_loops(queries)
probe("points close together", found, rel_error=1e-9)  # cancellation costs digits
points, queries = rng.random(size=(2000, 1000)), rng.random(size=(300, 1000))
tested.train(points, np.arange(2000))  # 4.8 GB for all differences; the matrix product takes 5 MB
found = tested.compute_distances_no_loops(queries)
probe("2000 points of 1000 numbers", found[:, ::40], rel_error=1e-9)  # cancellation, as above
### END HIDDEN TESTS

# %% [markdown]
# And on the pictures, all of them this time:

# %% tags=["explore"]
dists_no_loops = classifier.compute_distances_no_loops(X_test)
difference = np.linalg.norm(dists_no_loops - dists)
print(f"difference {difference:.6f}:", "good" if difference < 0.001 else "they are not the same")

# %% [markdown]
# ## 6. Which one is fastest?
#
# A race over a smaller course, 100 test and 1 000 training pictures, so that nobody has to wait.
# Guess the result before you run it. (Note the logarithmic axis: from one line to the next it is a
# factor of 10.)

# %% tags=["explore"]
small = KNearestNeighbor()
small.train(X_train[:1000], y_train[:1000])
contestants = {
    "two loops": small.compute_distances_two_loops,
    "one loop": small.compute_distances_one_loop,
    "no loops": small.compute_distances_no_loops,
}
seconds = {}
for name, function in contestants.items():
    start = time.perf_counter()
    function(X_test[:100])
    seconds[name] = time.perf_counter() - start
    print(f"{name}: {seconds[name]:.4f} seconds")

figure, ax = plt.subplots(figsize=(6, 2.2))
bars = ax.barh(list(seconds), list(seconds.values()), color="#0072B2")
ax.bar_label(bars, fmt="%.3f s", padding=4)
ax.set(xscale="log", xlabel="seconds, logarithmic", title="100 times 1 000 distances")
ax.margins(x=0.2)
ax.invert_yaxis()
plt.show()

# %% [markdown]
# The version without loops wins, by a factor of fifty on a slow machine and more on others. Yet
# all three do nearly the same number of multiplications! The matrix product is done by a library
# that keeps the numbers that it needs next close to the processor. And did one loop beat two, as
# you expected? Often it hardly does, or even loses: for each test picture it writes all
# differences, 25 megabytes here, to memory and reads them again, while the 25 kilobytes of
# differences in the inner loop never leave the processor's cache. Fewer loops are not faster as
# such; **moving less data** is.

# %% [markdown]
# ## 7. The vote
#
# Now the second step. For each test point, find its $k$ nearest training points, look up their
# labels and return the label that occurs most often.
#
# Often two labels occur equally often; with $k = 2$ that is almost the rule. Some rule is needed
# then, so that all of us get the same result: **the smallest label wins**.
#
# **TODO.** Write `predict_labels`. `np.argsort` returns the *positions* of the numbers in a row,
# from the smallest number to the largest. For counting, have a look at `np.bincount` or
# `np.unique`.

# %% question="predict_labels" points=3
toy = KNearestNeighbor()
toy.train(np.zeros((5, 1)), np.array([7, 2, 2, 7, 5]))  # only the labels matter here
toy_dists = np.array([[1.1, 2.5, 3.2, 4, 5], [5, 4, 3.2, 2.5, 1.1], [4, 5, 3.2, 1.1, 2.5]])
assert_close(toy.predict_labels(toy_dists, k=1), np.array([7, 5, 7]))
assert_close(toy.predict_labels(toy_dists, k=2), np.array([2, 5, 5]))  # three ties
assert_close(toy.predict_labels(toy_dists, k=4), np.array([2, 2, 7]))
### BEGIN HIDDEN TESTS
rng = probe.rng()
labels = rng.permutation([3, 11, 250, 11, 0, 3, 250, 3, 11, 3, 250, 0, 11])
given = rng.random(size=(40, 13))
before = given.copy()
tested = KNearestNeighbor()
tested.train(rng.normal(size=(13, 2)), labels)
probe("one neighbour", tested.predict_labels(given), exact=True)
probe("two neighbours: ties", tested.predict_labels(given, k=2), exact=True)
probe("five neighbours", tested.predict_labels(given, k=5), exact=True)
probe("eight neighbours", tested.predict_labels(given, k=8), exact=True)
probe("all are neighbours", tested.predict_labels(given, k=13), exact=True)
probe("a single test point", tested.predict_labels(given[:1], k=3), exact=True)
probe("distances in float32", tested.predict_labels(given.astype(np.float32), k=3), exact=True)
probe("large distances", tested.predict_labels(1e6 * given, k=4), exact=True)
probe("the distances are left as they were", given - before, exact=True)
tested.train(rng.normal(size=(6, 2)), np.array([1, 0, 1, 1, 0, 1]))
probe("trained anew, with two classes", tested.predict_labels(given[:, :6], k=3), exact=True)
### END HIDDEN TESTS

# %% [markdown]
# Let us see what it does in two dimensions, where one can look at all predictions at once. The
# large symbols are training points of three classes, and each spot of the plane has the colour of
# the class that is predicted there.

# %% tags=["explore"]
rng = np.random.default_rng(2)
plane_y = np.repeat([0, 1, 2], 25)
centers = np.array([[-1, 0], [1, 0.2], [0, 1.6]])
plane_X = centers[plane_y] + 0.9 * rng.normal(size=(75, 2))
plane = KNearestNeighbor()
plane.train(plane_X, plane_y)
across, up = np.meshgrid(np.linspace(-3.5, 3.5, 120), np.linspace(-2.5, 4.2, 120))
grid = np.stack([across.ravel(), up.ravel()], axis=1)

colors = ["#0072B2", "#E69F00", "#009E73"]  # these differ for colour-blind eyes, too
frame = (across.min(), across.max(), up.min(), up.max())
figure, axes = plt.subplots(1, 3, figsize=(11, 3.7), sharey=True)
for ax, k in zip(axes, (1, 5, 25), strict=True):
    regions = plane.predict(grid, k=k).reshape(across.shape)
    cmap = ListedColormap(colors)
    ax.imshow(regions, extent=frame, origin="lower", aspect="auto", cmap=cmap, alpha=0.35)
    for label, marker in enumerate("os^"):
        ax.plot(*plane_X[plane_y == label].T, marker, color=colors[label], markeredgecolor="black")
    ax.set(title=f"k = {k}", xlabel="first number")
axes[0].set_ylabel("second number")
plt.show()

# %% [markdown]
# With $k = 1$ each training point has a territory of its own, and every outlier makes an island in
# the land of another class. With more voters the islands disappear and the borders become
# smoother, but if $k$ is very large, fine structure that was real disappears as well.
#
# Now for the pictures. Guessing would give 10 %.

# %% tags=["explore"]
for k in (1, 5):
    accuracy = np.mean(classifier.predict_labels(dists_no_loops, k=k) == y_test)
    print(f"k = {k}: {accuracy:.1%} of {len(y_test)} test pictures are right")

# %% [markdown]
# With one neighbour you should see **about 27 %**, with five slightly more. So it is on CIFAR-10
# (27.4 % and 27.8 % are well-known figures) and so it is on our pictures, within two or three
# percentage points. Much better than guessing, and far from good. Here is why: three test pictures
# that five neighbours get right, three that they get wrong, and those neighbours.

# %% tags=["explore"]
is_right = classifier.predict_labels(dists_no_loops, k=5) == y_test
shown = [*np.flatnonzero(is_right)[:3], *np.flatnonzero(~is_right)[:3]]
figure, axes = plt.subplots(6, 6, figsize=(8.5, 9.6))
for row, i in enumerate(shown):
    nearest_five = np.argsort(dists_no_loops[i])[:5]
    pictures = [test_pictures[i], *train_pictures[nearest_five]]
    labels = [y_test[i], *y_train[nearest_five]]
    for column, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        mark = " (right)" if column > 0 and label == y_test[i] else ""
        axes[row, column].imshow(picture.astype(np.uint8))
        axes[row, column].set_title(names[label] + mark, fontsize=9)
        axes[row, column].axis("off")
axes[0, 0].set_title(f"TEST PICTURE\n{names[y_test[shown[0]]]}", fontsize=9)
figure.tight_layout()
plt.show()

# %% [markdown]
# Cover the titles and ask what the pictures in one row have in common: bright above and dark
# below, a large greenish area, a similar contrast. L2 distance sees the *background* first,
# because most of the pixels are background. What is to be recognised covers few pixels, and at a
# slightly other place it is something else entirely for a distance that compares pixel by pixel.
#
# **Question 2.** The L1 distance, $\sum_p \lvert x_p - t_p \rvert$, adds up absolute differences.
# Suppose that we classify with *one* neighbour under L1 distance, and change all pictures,
# training and test, in one of the following ways beforehand. Which changes leave **all
# predictions** as they were, whatever the pictures? Give a reason for each. (All means are taken
# over the training pictures.)
#
# 1. Subtract from every pixel the mean brightness $\mu$, one number for all pixels of all
#    pictures.
# 2. Subtract from each pixel $p$ its own mean $\mu_p$ (the *mean picture*).
# 3. Subtract $\mu$ and divide by one standard deviation $\sigma$ for all pixels.
# 4. Subtract from each pixel $p$ its own mean $\mu_p$ and divide by its own standard deviation
#    $\sigma_p$.
# 5. Stretch the contrast of each picture on its own, so that its darkest number becomes 0 and its
#    brightest 255.
# 6. Rotate the coordinate axes of the space in which the pictures are points, by the same rotation
#    for all.
# 7. Shuffle the pixels, in the same way in all pictures.

# %% [markdown] written="knn_preprocessing" points=2
# ### BEGIN SOLUTION
# **1, 2, 3 and 7** leave all predictions as they were.
#
# 1. Unchanged. In each difference $x_p - t_p$ the number $\mu$ cancels, so every distance stays
#    the same.
# 2. Unchanged. $\mu_p$ differs from pixel to pixel, but it is the same in both pictures, and
#    cancels again.
# 3. Unchanged. $\mu$ cancels and all distances are divided by the same positive $\sigma$; the
#    order of the neighbours remains.
# 4. Changes. Each pixel's difference is divided by another number, so pixels gain or lose weight
#    in the sum, and another training picture can become the nearest.
# 5. Changes. Each picture has a shift and a factor of its own; nothing cancels.
# 6. Changes. A rotation preserves the L2 distance, not L1: (1, 1) and (√2, 0) are equally long
#    under L2, but under L1 the first has length 2 and the second 1.41.
# 7. Unchanged. The same terms are added up in another order. A nearest-neighbour classifier
#    therefore does not know which pixels lie side by side.
# ### END SOLUTION

# %% [markdown]
# ## 8. Choosing k by cross-validation
#
# Is 5 a good choice, or 8, or 50? We could try them all on the test pictures and take the best.
# **Don't.** The test pictures stand for the ones that we have never seen; whoever chooses by them
# has seen them, and the figure reported in the end is too good. Such a choice, of a
# *hyper-parameter*, is made with training data alone.
#
# **Cross-validation** cuts the training data into equal parts, the *folds*. Each fold plays the
# test set once while the others are the training set. So each $k$ gets as many accuracies as there
# are folds, and from their spread we also learn how far to trust their mean.

# %%
figure, ax = plt.subplots(figsize=(7, 2.6))
for turn in range(5):
    for fold in range(5):
        held_out = fold == turn
        ax.barh(
            turn, 0.96, left=fold, height=0.7, edgecolor="black",
            color="#E69F00" if held_out else "#EEEEEE",
        )  # fmt: skip
        text = "validate" if held_out else "train"
        ax.text(fold + 0.48, turn, text, ha="center", va="center", fontsize=9)
ax.set_yticks(range(5), [f"turn {turn + 1}" for turn in range(5)])
ax.set_xticks(np.arange(5) + 0.48, [f"fold {fold + 1}" for fold in range(5)])
ax.invert_yaxis()
ax.spines[:].set_visible(False)
ax.tick_params(length=0)
ax.set_title("5-fold cross-validation: each fold is held out once")
plt.show()

# %% [markdown]
# **TODO.** Write the function `cross_validate`. `np.array_split` cuts an array into parts that are
# as equal as possible, also where the number of points is no multiple of the number of folds;
# `np.concatenate` joins arrays. A hint for the impatient: the distances don't depend on $k$, so
# they need to be computed only once for each fold.


# %% answer="cross_validate_code"
def cross_validate(X, y, num_folds, k_choices):
    """Measure by cross-validation how good each k is.

    The points stay in their order: the folds are those of np.array_split. In turn i, fold i is
    classified by a KNearestNeighbor that was trained on all other folds.

    Inputs:
    - X: Array of shape (N, D), the points.
    - y: Array of shape (N,), their labels.
    - num_folds: Number of folds, from 2 to N.
    - k_choices: List of the values of k to try.

    Returns:
    - k_to_accuracies: Dictionary; k_to_accuracies[k] is a list of num_folds accuracies between 0
      and 1, for the folds in their order.
    """
    ### BEGIN SOLUTION
    X_folds, y_folds = np.array_split(X, num_folds), np.array_split(y, num_folds)
    k_to_accuracies = {k: [] for k in k_choices}
    for i in range(num_folds):
        knn = KNearestNeighbor()
        other_X, other_y = X_folds[:i] + X_folds[i + 1 :], y_folds[:i] + y_folds[i + 1 :]
        knn.train(np.concatenate(other_X), np.concatenate(other_y))
        fold_dists = knn.compute_distances_no_loops(X_folds[i])  # for all k
        for k in k_choices:
            y_pred = knn.predict_labels(fold_dists, k=k)
            k_to_accuracies[k].append(np.mean(y_pred == y_folds[i]))
    return k_to_accuracies
    ### END SOLUTION


# %% [markdown]
# The check has seven points on a line, few enough to follow it on paper: 0, 1 and 3 have label 0,
# and 10, 11.5 and 14 have label 1; the point 12 is an outlier with label 0. They stand in mixed
# order. The three folds have sizes 3, 2 and 2. Which point misleads its neighbours when $k$ is 1,
# and no longer when $k$ is 3?

# %% question="cross_validate" points=3
line_X = np.array([[0.0], [10.0], [1.0], [11.5], [3.0], [12.0], [14.0]])
line_y = np.array([0, 1, 0, 1, 0, 0, 1])
line_scores = cross_validate(line_X, line_y, num_folds=3, k_choices=[1, 3])
assert_close(line_scores[1], np.array([1.0, 0.5, 0.5]), rel_error=1e-9)  # counts over counts
assert_close(line_scores[3], np.array([1.0, 1.0, 0.5]), rel_error=1e-9)  # counts over counts
### BEGIN HIDDEN TESTS
rng = probe.rng()
labels = rng.integers(3, size=47)
centers = rng.normal(size=(3, 4))
points = centers[labels] + rng.normal(size=(47, 4))
labels = np.array([2, 40, 5])[labels]
before = np.concatenate([points, labels[:, None]], axis=1)
scores = cross_validate(points, labels, 5, [1, 2, 6, 12])
probe("the values of k", np.array(sorted(scores)), exact=True)
found = np.array([scores[k] for k in (1, 2, 6, 12)])
probe("five uneven folds", found, rel_error=1e-9)  # counts over counts
after = np.concatenate([points, labels[:, None]], axis=1)
probe("the points are left as they were", after - before, exact=True)
scores = cross_validate(points[:20], labels[:20], 2, [9, 3])
found = np.array([scores[k] for k in (9, 3)])
probe("two folds", found, rel_error=1e-9)  # counts over counts
scores = cross_validate(points[:11], labels[:11], 11, [1, 4])
found = np.array([scores[k] for k in (1, 4)])
probe("as many folds as points", found, rel_error=1e-9)  # 0 or 1
### END HIDDEN TESTS

# %% tags=["explore"]
k_choices = [1, 3, 5, 8, 10, 12, 15, 20, 50, 100]
k_to_accuracies = cross_validate(X_train, y_train, num_folds=5, k_choices=k_choices)
for k in k_choices:
    print(f"k = {k:3}:", "  ".join(f"{accuracy:.3f}" for accuracy in k_to_accuracies[k]))

# %% [markdown]
# Now as a plot. Each dot is one fold; the line goes through the means, and the error bars reach
# one standard deviation of the five accuracies up and down.

# %% tags=["explore"]
means = [np.mean(k_to_accuracies[k]) for k in k_choices]
spreads = [np.std(k_to_accuracies[k]) for k in k_choices]

figure, ax = plt.subplots(figsize=(8, 4.4))
for k in k_choices:
    ax.plot([k] * 5, k_to_accuracies[k], ".", color="#56B4E9")
ax.errorbar(k_choices, means, yerr=spreads, color="#D55E00", marker="o", capsize=4)
ax.set(xscale="log", xlabel="k, logarithmic", ylabel="accuracy on the held-out fold")
ax.set_xticks(k_choices, k_choices)
ax.minorticks_off()
ax.grid(alpha=0.3)
ax.set_title("5-fold cross-validation on the training pictures")
plt.show()

# %% [markdown]
# Look at the length of the error bars before you look at the peak. The accuracies of the folds
# differ by a percentage point or two at the same $k$, so a difference of half a point between two
# values of $k$ means little. The trend is clear, though: one or three neighbours are poor
# advisers, more are better, and the top is broad and flat. On CIFAR-10 it lies around $k = 10$; on
# the drawn pictures expect it there or somewhat further to the right.
#
# **TODO.** Write `choose_k`, which reads off the winner: the $k$ with the highest mean accuracy.
# If several are equally good, take the smallest, which is the simplest.


# %% answer="choose_k_code"
def choose_k(k_to_accuracies):
    """Choose the number of neighbours.

    Inputs:
    - k_to_accuracies: Dictionary as cross_validate returns it; its keys may be in any order.

    Returns the k whose accuracies have the highest mean; of several such k the smallest.
    """
    ### BEGIN SOLUTION
    return max(sorted(k_to_accuracies), key=lambda k: np.mean(k_to_accuracies[k]))
    ### END SOLUTION


# %% question="choose_k" points=1
three_tie = {1: [0.5, 0.25], 5: [0.75, 0.5], 3: [0.5, 0.75], 8: [0.25, 1.0]}
assert_close(choose_k(three_tie), 3)
assert_close(choose_k({1: [0.25, 0.25, 1.0], 10: [0.75, 0.75, 0.75]}), 10)
### BEGIN HIDDEN TESTS
rng = probe.rng()
ks = [int(k) for k in rng.permutation(60)[:9] + 1]
scores = {k: list(rng.random(4)) for k in ks}
probe("nine values of k", choose_k(scores), exact=True)
probe("the same in another order", choose_k({k: scores[k] for k in sorted(ks)}), exact=True)
best = [0.5, 1.0, 0.75, 0.75]  # sums of quarters are exact, so this is a tie in any order of adding
scores |= {97: best, 61: [0.75, 0.5, 1.0, 0.75], 83: [1.0, 0.75, 0.75, 0.5]}
scores |= {k: [0.5 * score for score in scores[k]] for k in ks}
probe("a tie of three", choose_k(scores), exact=True)
probe("one fold is very good", choose_k({4: [0.0, 0.0, 1.0], 9: [0.5, 0.5, 0.25]}), exact=True)
probe("one fold is bad", choose_k({5: [0.5, 0.5, 0.5], 12: [1.0, 0.0, 1.0]}), exact=True)
probe("two folds are good", choose_k({6: [0.5, 0.5, 0.0], 2: [0.375, 0.375, 0.375]}), exact=True)
probe("a single choice", choose_k({7: [0.125]}), exact=True)
### END HIDDEN TESTS

# %% [markdown]
# Now, and only now, the test pictures may speak.

# %% tags=["explore"]
best_k = choose_k(k_to_accuracies)
classifier = KNearestNeighbor()
classifier.train(X_train, y_train)
accuracy = np.mean(classifier.predict(X_test, k=best_k) == y_test)
print(f"k = {best_k}: {accuracy:.1%} of {len(y_test)} test pictures are right")

# %% [markdown]
# You should see **about 28 % or more**; on CIFAR-10 it is 28.2 % with $k = 10$. With 500 test
# pictures such a figure is uncertain by two percentage points either way, so don't read much into
# the last digit, and don't be disappointed if another $k$ happens to do better on just these
# pictures.
#
# **Question 3.** Which of these statements about $k$-nearest-neighbour classifiers are true, for
# any data set in which no two points coincide? Give a reason for each.
#
# 1. The border between the regions of two classes is always a straight line (in more dimensions: a
#    hyperplane).
# 2. Classified by itself, the *training* set yields no more errors with $k = 1$ than with $k = 5$.
# 3. On *new* points, $k = 1$ makes at least as many errors as $k = 5$.
# 4. Classifying one new point takes longer, the more training points there are.
# 5. With $k$ as large as the training set, all new points get the same label.

# %% [markdown] written="knn_true_statements" points=2
# ### BEGIN SOLUTION
# **2, 4 and 5** are true.
#
# 1. False. The border is composed of many pieces of hyperplanes, each halfway between two training
#    points, and can take any shape; see the picture with the three classes.
# 2. True. With $k = 1$ each training point is its own nearest neighbour, at distance 0, so there
#    are no errors at all. There can't be fewer with $k = 5$.
# 3. False. Often $k = 5$ is better because it averages out outliers, but it depends on the data.
#    If classes form small, well separated groups of two points, three of the five neighbours
#    belong elsewhere.
# 4. True, for the method as we wrote it: the point is compared with every training point, so the
#    time grows in proportion to their number. (Clever search structures help in few dimensions.)
# 5. True. All training points vote for each new point, so the most frequent label of the training
#    set wins everywhere (a tie is broken in the same way everywhere, too).
# ### END SOLUTION

# %% [markdown]
# ## What you take along
#
# - A picture is a point in a space of many dimensions. What counts as similar depends on the
#   distance, and distance between raw pixels sees background and brightness rather than things.
# - Arithmetic on whole arrays, with matrix products where possible, replaces loops; the memory
#   that is moved counts as much as the number of operations.
# - Hyper-parameters are chosen on data that was not trained on, never on the test set, which
#   speaks once and last.
# - The method learns nothing, so that each prediction pays for it. Next come classifiers that
#   squeeze the training set into a few thousand numbers and can forget the pictures afterwards.

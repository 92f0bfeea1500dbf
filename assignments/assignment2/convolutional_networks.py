# %% [markdown]
# # Convolutional networks
#
# A fully connected network looks at a picture as at a row of 3072 numbers. Shuffle the pixels of
# all pictures in the same way, and it learns just as well: it doesn't know which pixels are
# neighbours. A convolutional network does. It looks at small windows, and what it has learnt
# about one place it knows about all others.
#
# In this lesson you write its layers, plainly, with loops. Then you get fast versions of them to
# read and to train with, and build a network that beats everything so far after one look at the
# data.
#
# | you write | in the file, below `cs231n/` |
# |---|---|
# | convolution and max pooling, forward and backward | `layers.py` |
# | `ThreeLayerConvNet` | `classifiers/cnn.py` |
# | spatial batch normalisation and group normalisation | `layers.py` |
# | three small functions, answers in words | here |
#
# Batch normalisation has to be there already, from the lesson on it, and so have the affine layer
# and the ReLU. Cells marked *explore* train networks and draw pictures; they are for you, and the
# grader doesn't run them.

# %% tags=["explore"]
# Edit the .py files in the editor you like; with this, the notebook notices when you save one.
# %load_ext autoreload
# %autoreload 2

# %%
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from cs231n.checks import assert_close, probe
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.data_utils import class_names, get_CIFAR10_data
from cs231n.fast_layers import (
    conv_backward_fast,
    conv_forward_fast,
    max_pool_backward_fast,
    max_pool_forward_fast,
)
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.layer_utils import (
    conv_bn_relu_backward,
    conv_bn_relu_forward,
    conv_relu_backward,
    conv_relu_forward,
    conv_relu_pool_backward,
    conv_relu_pool_forward,
)
from cs231n.layers import (
    conv_backward_naive,
    conv_forward_naive,
    max_pool_backward_naive,
    max_pool_forward_naive,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)
from cs231n.solver import Solver
from cs231n.vis_utils import visualize_grid

plt.rcParams["figure.figsize"] = (9.0, 4.0)
plt.rcParams["image.interpolation"] = "nearest"

# %% [markdown]
# ## The data
#
# The same pictures as before, as arrays of shape (N, 3, 32, 32): N pictures, three channels (red,
# green, blue), 32 rows, 32 columns. Convolutions need them like that, not laid out as rows.

# %% tags=["explore"]
data = get_CIFAR10_data()
CLASSES = class_names()
for name, array in data.items():
    print(f"{name}: {array.shape}")


def as_pictures(X):
    """Add the mean picture again and put the channels last, as plt.imshow wants it."""
    return (X + data["mean_image"]).transpose(0, 2, 3, 1).clip(0, 255).astype(np.uint8)


# %% [markdown]
# ## Convolution, forward
#
# A *filter* is a small array of weights, such as 3 rows and 3 columns, for each channel of the
# picture. It is laid on the picture, the numbers that lie on each other are multiplied, and all
# products are added up, with a bias. That is one number: how well the picture matches the filter
# here. Then the filter moves on. Out comes a new picture with one number for each place: a
# *feature map*. Each filter makes one.
#
# $$\text{out}_{n f i j} = b_f + \sum_{c}\sum_{a=0}^{HH-1}\sum_{d=0}^{WW-1}
#   w_{f c a d}\;\; \text{padded}_{n,\,c,\;i s + a,\;j s + d}$$
#
# Two settings come with it. The *stride* $s$ is the step from one place to the next. And since a
# filter can't hang over the edge, the picture may get a margin of zeros first, `pad` rows and
# columns on each side.

# %% tags=["explore"]
stride, pad, size, width = 2, 1, 3, 5
padded = np.full((width + 2 * pad, width + 2 * pad), 0.1)
padded[pad:-pad, pad:-pad] = 0.4
grid = {"edgecolors": "white", "linewidth": 2, "vmin": 0, "vmax": 1}
plt.figure(figsize=(11, 2.7))
for place in range(3):
    plt.subplot(1, 4, place + 1)
    plt.pcolormesh(padded, cmap="Blues", **grid)
    window = plt.Rectangle((place * stride, 0), size, size, fill=False, color="C1", linewidth=4)
    plt.gca().add_patch(window)
    plt.title(f"window of out[0, {place}]", fontsize=10)
plt.subplot(1, 4, 4)
plt.pcolormesh(np.full((3, 3), 0.3), cmap="Oranges", **grid)
for i, j in np.ndindex(3, 3):
    plt.text(j + 0.5, i + 0.5, f"{i}, {j}", ha="center", va="center", fontsize=10)
plt.title("out", fontsize=10)
for axes, cells in zip(plt.gcf().axes, [7, 7, 7, 3], strict=True):
    axes.set_aspect("equal")
    axes.set_xlim(-0.2, cells + 0.2)
    axes.set_ylim(cells + 0.2, -0.2)
    axes.axis("off")
plt.suptitle("a picture of 5 x 5 with a margin of zeros, a filter of 3 x 3, stride 2", y=1.02)
plt.show()

# %% [markdown]
# ### How large is the result?
#
# Along one side there are $W + 2\,\text{pad}$ numbers. The first window takes $k$ of them, the
# size of the filter. Each step of $s$ after that makes one more window, as long as there is room.
# What is left at the end, too little for a whole step, isn't looked at.
#
# Write **`output_size`**, here in the notebook.


# %% answer="output_size_code"
def output_size(size, filter_size, stride, pad):
    """Compute the height (or width) of a feature map.

    Inputs:
    - size: Height (or width) of the picture.
    - filter_size: That of the filter; it fits into the padded picture.
    - stride: Step from one window to the next.
    - pad: Rows (or columns) of zeros on each side.

    Returns an int.
    """
    ### BEGIN SOLUTION
    return 1 + (size + 2 * pad - filter_size) // stride
    ### END SOLUTION


# %% question="output_size" points=1
assert_close(output_size(5, filter_size=3, stride=2, pad=1), 3)  # the picture above
assert_close(output_size(32, filter_size=7, stride=1, pad=3), 32)  # nothing gets lost
assert_close(output_size(31, filter_size=3, stride=2, pad=1), 16)
assert_close(output_size(6, filter_size=3, stride=2, pad=0), 2)  # the last column isn't looked at
### BEGIN HIDDEN TESTS
rng = probe.rng()
found = []
for _ in range(40):
    filter_size, pad = int(rng.integers(1, 8)), int(rng.integers(4))
    size = max(1, filter_size - 2 * pad) + int(rng.integers(20))
    found.append(output_size(size, filter_size, int(rng.integers(1, 5)), pad))
probe("forty sizes", found, abs_error=0.01)  # whole numbers
probe("a filter as large as the picture", output_size(9, 9, 3, 0), abs_error=0.01)  # the same
### END HIDDEN TESTS

# %% [markdown]
# Now write **`conv_forward_naive`** in `cs231n/layers.py`. Loop over pictures, filters, rows and
# columns of the *output*, and cut the window out of the padded picture. Pictures and filters
# needn't be square.

# %% question="conv_forward_naive" points=4
x = np.linspace(-0.1, 0.5, num=96).reshape(2, 3, 4, 4)
w = np.linspace(-0.2, 0.3, num=144).reshape(3, 3, 4, 4)
b = np.linspace(-0.1, 0.2, num=3)
out, _ = conv_forward_naive(x, w, b, {"stride": 2, "pad": 1})
correct_out = np.array(
    [
        [
            [[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]],
            [[0.21027089, 0.21661097], [0.22847626, 0.23004637]],
            [[0.50813986, 0.54309974], [0.64082444, 0.67101435]],
        ],
        [
            [[-0.98053589, -1.03143541], [-1.19128892, -1.24695841]],
            [[0.69108355, 0.66880383], [0.59480972, 0.56776003]],
            [[2.36270298, 2.36904306], [2.38090835, 2.38247847]],
        ],
    ]
)
assert_close(out, correct_out, rel_error=1e-8)  # 8 printed decimals
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, x_shape, w_shape, stride, pad in [
    ("nothing is square, no padding", (2, 3, 6, 5), (4, 3, 3, 2), 1, 0),
    ("stride 2, padding 2", (3, 2, 5, 8), (3, 2, 4, 3), 2, 2),
    ("padding larger than the stride", (2, 2, 4, 3), (3, 2, 3, 2), 1, 2),
    ("padding far larger than the picture", (1, 2, 7, 8), (3, 2, 3, 4), 7, 33),
    ("stride 3 that leaves a rest", (2, 4, 9, 7), (2, 4, 2, 3), 3, 0),
    ("stride larger than the filter", (1, 2, 7, 8), (5, 2, 2, 2), 3, 1),
    ("one picture, one channel, one filter", (1, 1, 4, 6), (1, 1, 3, 3), 1, 1),
    ("filters of one pixel", (2, 3, 4, 5), (6, 3, 1, 1), 1, 0),
    ("filters as large as the picture", (2, 3, 3, 4), (2, 3, 3, 4), 1, 0),
]:
    x, w, b = rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])
    before, param = (x.copy(), w.copy(), b.copy()), {"stride": stride, "pad": pad}
    out, _ = conv_forward_naive(x, w, b, param)
    probe(name, out, rel_error=1e-10)  # sums of at most 36 products in float64
    same = all(np.array_equal(a, copy) for a, copy in zip((x, w, b), before, strict=True))
    probe(f"inputs unchanged: {name}", same and param["pad"] == pad, exact=True)
x, w, b = (rng.normal(size=s).astype(np.float32) for s in [(2, 3, 5, 4), (2, 3, 2, 3), (2,)])
out, _ = conv_forward_naive(x, w, b, {"stride": 1, "pad": 1})
probe("numbers in float32", out, rel_error=1e-5)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ### What a convolution does to a picture
#
# Before anybody learned filters, people made them by hand. Here are some. A *blur* is the mean of
# a window. *Sharpen* adds the difference from the mean once more. The two *edge* filters subtract
# one side of the window from the other: they give 0 where the picture is even, and large numbers
# where it changes from top to bottom, or from left to right. All of them look at the mean of the
# three colours.

# %% tags=["explore"]
sobel = np.array([[1.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -2.0, -1.0]])
center = np.zeros((3, 3))
center[1, 1] = 1.0
filters = {
    "grey": center,
    "blur": np.full((3, 3), 1 / 9),
    "sharpen": 2 * center - np.full((3, 3), 1 / 9),
    "edges, top to bottom": sobel,
    "edges, left to right": sobel.T,
}
w = np.repeat(np.stack(list(filters.values()))[:, None] / 3, 3, axis=1)  # (5, 3, 3, 3)
chosen = [np.flatnonzero(data["y_val"] == label)[2] for label in (1, 3, 6, 8)]
pictures = as_pictures(data["X_val"][chosen])
out, _ = conv_forward_naive(
    pictures.transpose(0, 3, 1, 2).astype(float), w, np.zeros(len(w)), {"stride": 1, "pad": 1}
)
plt.figure(figsize=(10, 6.6))
for row, maps in enumerate(out):
    plt.subplot(len(out), 6, 6 * row + 1)
    plt.imshow(pictures[row])
    plt.axis("off")
    for column, (title, feature_map) in enumerate(zip(filters, maps, strict=True)):
        plt.subplot(len(out), 6, 6 * row + column + 2)
        limits = (-150, 150) if "edges" in title else (0, 255)
        plt.imshow(feature_map, cmap="gray", vmin=limits[0], vmax=limits[1])
        plt.axis("off")
        if row == 0:
            plt.title(title, fontsize=9)
plt.tight_layout()
plt.show()

# %% [markdown]
# Look at the frame of the blurred pictures: it is darker, because the zeros of the margin are in
# the mean. And in the edge pictures the frame itself looks like an edge. (The network will see
# pictures whose mean is subtracted, so that zero is the colour of nothing in particular.)
#
# A network doesn't get such filters from anybody. It finds its own, and you will look at them
# below.

# %% [markdown]
# ## Convolution, backward
#
# The output is linear in everything, so each step of the loop says what to do on the way back. In
# the forward pass
#
# ```
# out[n, f, i, j] = sum(window * w[f]) + b[f]
# ```
#
# For this one number, the derivative with respect to the window is `w[f]`, with respect to `w[f]`
# it is the window, and with respect to `b[f]` it is 1. Multiply by `dout[n, f, i, j]`, and *add
# up*: a filter is used at many places, and a pixel lies in many windows. With the shift of the
# windows, that is all. The gradient of the margin is thrown away at the end.
#
# Write **`conv_backward_naive`**.

# %% question="conv_backward_naive" points=5
np.random.seed(231)
x, w, b = np.random.randn(4, 3, 5, 5), np.random.randn(2, 3, 3, 3), np.random.randn(2)
dout = np.random.randn(4, 2, 5, 5)
param = {"stride": 1, "pad": 1}
dx, dw, db = conv_backward_naive(dout, conv_forward_naive(x, w, b, param)[1])
few = slice(0, 1)  # numeric gradients of one picture will do for x
numeric_dx = eval_numerical_gradient_array(
    lambda x: conv_forward_naive(x, w, b, param)[0], x[few].copy(), dout[few]
)
numeric_dw = eval_numerical_gradient_array(lambda w: conv_forward_naive(x, w, b, param)[0], w, dout)
numeric_db = eval_numerical_gradient_array(lambda b: conv_forward_naive(x, w, b, param)[0], b, dout)
# The function is linear in each input, so that central differences only suffer from rounding.
assert_close(dx[few], numeric_dx, rel_error=1e-8)
assert_close(dw, numeric_dw, rel_error=1e-8)
assert_close(db, numeric_db, rel_error=1e-8)
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, x_shape, w_shape, stride, pad in [
    ("nothing is square, no padding", (2, 3, 6, 5), (4, 3, 3, 2), 1, 0),
    ("stride 2, padding 2", (3, 2, 5, 8), (3, 2, 4, 3), 2, 2),
    ("padding larger than the stride", (2, 2, 4, 3), (3, 2, 3, 2), 1, 2),
    ("padding far larger than the picture", (1, 2, 7, 8), (3, 2, 3, 4), 7, 33),
    ("stride 3 that leaves a rest", (2, 4, 9, 7), (2, 4, 2, 3), 3, 0),
    ("stride larger than the filter", (1, 2, 7, 8), (5, 2, 2, 2), 3, 1),
    ("one picture, one channel, one filter", (1, 1, 4, 6), (1, 1, 3, 3), 1, 1),
    ("filters as large as the picture", (2, 3, 3, 4), (2, 3, 3, 4), 1, 0),
]:
    x, w, b = rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])
    H, W = (1 + (x_shape[i] + 2 * pad - w_shape[i]) // stride for i in (2, 3))
    dout = rng.normal(size=(x_shape[0], w_shape[0], H, W))
    before = x.copy(), w.copy(), dout.copy()
    _, cache = conv_forward_naive(x, w, b, {"stride": stride, "pad": pad})
    dx, dw, db = conv_backward_naive(dout, cache)
    probe(f"dx, {name}", dx, rel_error=1e-10)  # short sums of products in float64
    probe(f"dw, {name}", dw, rel_error=1e-10)  # the same
    probe(f"db, {name}", db, rel_error=1e-10)  # the same
    same = all(np.array_equal(a, copy) for a, copy in zip((x, w, dout), before, strict=True))
    probe(f"inputs unchanged: {name}", same, exact=True)
shapes = [(2, 3, 5, 4), (2, 3, 2, 3), (2,), (2, 2, 6, 4)]
x, w, b, dout = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
dx, dw, db = conv_backward_naive(dout, conv_forward_naive(x, w, b, {"stride": 1, "pad": 1})[1])
probe("dx in float32", dx, rel_error=1e-5)  # float32, or better
probe("dw in float32", dw, rel_error=1e-5)  # the same
probe("db in float32", db, rel_error=1e-5)  # the same
### END HIDDEN TESTS

# %% [markdown]
# **Question.** A convolution of 3-channel pictures of 32 x 32 with 32 filters of 7 x 7 (stride 1,
# padding 3) turns 3 072 numbers into 32 768. How many parameters does it have? How many would an
# affine layer have that does the same? What does the convolution take for granted about pictures
# that the affine layer doesn't, and can you think of pictures for which that would be wrong?

# %% [markdown] written="weight_sharing" points=2
# ### BEGIN SOLUTION
# The convolution has 32 * 3 * 7 * 7 = 4 704 weights and 32 biases, 4 736 in all. An affine layer
# from 3 072 to 32 768 numbers has 3 072 * 32 768, about 100 million weights, and 32 768 biases.
#
# The convolution takes two things for granted. First, that what matters at a place is near it: no
# weight connects distant pixels. Second, that the same things are worth looking for everywhere:
# all places share the same weights. The second is wrong where the place itself has a meaning, such
# as in portraits that are all cut alike (eyes are always above the mouth), in forms, or in
# spectrograms, whose one axis is a frequency. The first is wrong for data whose neighbours have
# nothing to do with each other, such as the columns of a table, or pictures with shuffled pixels.
# ### END SOLUTION

# %% [markdown]
# ## Max pooling
#
# The deeper a network, the less it matters *where exactly* something was seen. Max pooling keeps
# the largest number of each window, in each channel by itself, and so makes feature maps smaller.
# It has no parameters, and no padding. Windows usually stand side by side (2 x 2 with stride 2),
# but they may overlap: AlexNet used 3 x 3 with stride 2 (Krizhevsky, Sutskever and Hinton, 2012).
#
# Write **`max_pool_forward_naive`**. The sizes follow your formula from above.

# %% question="max_pool_forward_naive" points=2
x = np.linspace(-0.3, 0.4, num=96).reshape(2, 3, 4, 4)
out, _ = max_pool_forward_naive(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
correct_out = np.array(
    [
        [
            [[-0.26315789, -0.24842105], [-0.20421053, -0.18947368]],
            [[-0.14526316, -0.13052632], [-0.08631579, -0.07157895]],
            [[-0.02736842, -0.01263158], [0.03157895, 0.04631579]],
        ],
        [
            [[0.09052632, 0.10526316], [0.14947368, 0.16421053]],
            [[0.20842105, 0.22315789], [0.26736842, 0.28210526]],
            [[0.32631579, 0.34105263], [0.38526316, 0.4]],
        ],
    ]
)
assert_close(out, correct_out, rel_error=2e-8)  # 8 printed decimals of at most 0.4
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, shape, height, width, stride in [
    ("windows that overlap", (2, 3, 6, 5), 3, 2, 1),
    ("windows of 3 x 3, stride 2", (1, 2, 7, 9), 3, 3, 2),
    ("a rest that fills no window", (3, 2, 5, 8), 2, 3, 2),
    ("wide windows", (2, 1, 4, 7), 1, 4, 3),
    ("windows with gaps", (1, 4, 8, 7), 2, 1, 3),
    ("one window for the whole picture", (2, 3, 4, 5), 4, 5, 1),
]:
    x = rng.normal(size=shape) - 1  # most windows have a negative maximum
    copy = x.copy()
    param = {"pool_height": height, "pool_width": width, "stride": stride}
    probe(name, max_pool_forward_naive(x, param)[0], rel_error=1e-12)  # no rounding at all
    probe(f"x unchanged: {name}", np.array_equal(x, copy), exact=True)
x = rng.normal(size=(2, 2, 5, 4)).astype(np.float32)
out, _ = max_pool_forward_naive(x, {"pool_height": 2, "pool_width": 3, "stride": 1})
probe("numbers in float32", out, rel_error=1e-6)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# On the way back, only the largest number of a window had a say: if it grows a little, the output
# grows as much; if another one grows a little, nothing happens. So the gradient goes to where the
# maximum was. Where windows overlap, a number can be the maximum of several.
#
# Write **`max_pool_backward_naive`**. (If two numbers of a window are equally large there is no
# derivative. Give it to one of them, to all, or share it out: any of these counts as right.)

# %% question="max_pool_backward_naive" points=2
np.random.seed(231)
x, dout = np.random.randn(3, 2, 8, 8), np.random.randn(3, 2, 4, 4)
param = {"pool_height": 2, "pool_width": 2, "stride": 2}
dx = max_pool_backward_naive(dout, max_pool_forward_naive(x, param)[1])
numeric_dx = eval_numerical_gradient_array(lambda x: max_pool_forward_naive(x, param)[0], x, dout)
# No two numbers of a window are within 1e-5 of each other, so only rounding is left.
assert_close(dx, numeric_dx, rel_error=1e-8)
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, shape, height, width, stride in [
    ("windows that overlap", (2, 3, 6, 5), 3, 2, 1),
    ("windows of 3 x 3, stride 2", (1, 2, 7, 9), 3, 3, 2),
    ("a rest that fills no window", (3, 2, 5, 8), 2, 3, 2),
    ("wide windows", (2, 1, 4, 7), 1, 4, 3),
    ("windows with gaps", (1, 4, 8, 7), 2, 1, 3),
]:
    x = rng.normal(size=shape) - 1
    H, W = 1 + (shape[2] - height) // stride, 1 + (shape[3] - width) // stride
    dout = rng.normal(size=(*shape[:2], H, W))
    before = x.copy(), dout.copy()
    param = {"pool_height": height, "pool_width": width, "stride": stride}
    dx = max_pool_backward_naive(dout, max_pool_forward_naive(x, param)[1])
    probe(name, dx, rel_error=1e-10)  # sums of a few numbers
    same = np.array_equal(x, before[0]) and np.array_equal(dout, before[1])
    probe(f"inputs unchanged: {name}", same, exact=True)
shapes = [(2, 2, 5, 4), (2, 2, 4, 2)]
x, dout = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
param = {"pool_height": 2, "pool_width": 3, "stride": 1}
dx = max_pool_backward_naive(dout, max_pool_forward_naive(x, param)[1])
probe("numbers in float32", dx, rel_error=1e-5)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# ## Fast layers
#
# Your loops are right, and far too slow to train with: one batch would take a minute.
# `cs231n/fast_layers.py` computes the same with matrix products. Read it; its first lines explain
# the trick. How much faster is it?


# %% tags=["explore"]
def timed(function, *arguments):
    """Call a function, and return its result and the seconds it took."""
    start = perf_counter()
    result = function(*arguments)
    return result, perf_counter() - start


np.random.seed(231)
x, w, b = np.random.randn(20, 3, 31, 31), np.random.randn(25, 3, 3, 3), np.random.randn(25)
dout, param = np.random.randn(20, 25, 16, 16), {"stride": 2, "pad": 1}
(out, cache), naive = timed(conv_forward_naive, x, w, b, param)
(out_fast, cache_fast), fast = timed(conv_forward_fast, x, w, b, param)
print(f"convolution forward: {naive:.3f} s and {fast:.5f} s, {naive / fast:.0f} times as fast")
assert_close(out_fast, out, rel_error=1e-12)
grads, naive = timed(conv_backward_naive, dout, cache)
grads_fast, fast = timed(conv_backward_fast, dout, cache_fast)
print(f"convolution backward: {naive:.3f} s and {fast:.5f} s, {naive / fast:.0f} times as fast")
for grad_fast, grad in zip(grads_fast, grads, strict=True):
    assert_close(grad_fast, grad, rel_error=1e-12)

x, dout = np.random.randn(20, 3, 32, 32), np.random.randn(20, 3, 16, 16)
param = {"pool_height": 2, "pool_width": 2, "stride": 2}
(out, cache), naive = timed(max_pool_forward_naive, x, param)
(out_fast, cache_fast), fast = timed(max_pool_forward_fast, x, param)
print(f"pooling forward: {naive:.3f} s and {fast:.5f} s, {naive / fast:.0f} times as fast")
assert_close(out_fast, out, rel_error=1e-12)
dx, naive = timed(max_pool_backward_naive, dout, cache)
dx_fast, fast = timed(max_pool_backward_fast, dout, cache_fast)
print(f"pooling backward: {naive:.3f} s and {fast:.5f} s, {naive / fast:.0f} times as fast")
assert_close(dx_fast, dx, rel_error=1e-12)

# %% [markdown]
# One more trick costs nothing: the first layer of a network needs no `dx`. Nobody changes the
# pictures. `skip_dx=True` saves half of its backward pass.
#
# ### Sandwiches
#
# `cs231n/layer_utils.py` has the layers that usually stand together: convolution and ReLU; with
# spatial batch normalisation between them; with max pooling behind them. Look at
# `conv_relu_pool_forward`: it pools *before* the ReLU. Why is that the same, and why is it faster?


# %% tags=["explore"]
def check_sandwich(forward, backward, arrays, params):
    """Compare the gradients of a sandwich with numeric ones."""
    out, cache = forward(*arrays, *params)
    dout = np.random.randn(*out.shape)
    for array, grad in zip(arrays, backward(dout, cache), strict=True):
        numeric = eval_numerical_gradient_array(lambda _: forward(*arrays, *params)[0], array, dout)
        assert_close(grad, numeric, rel_error=1e-6)


np.random.seed(231)
arrays = [np.random.randn(2, 3, 8, 8), np.random.randn(3, 3, 3, 3), np.random.randn(3)]
conv, pool = {"stride": 1, "pad": 1}, {"pool_height": 2, "pool_width": 2, "stride": 2}
print("conv - ReLU: gradients of x, w, b")
check_sandwich(conv_relu_forward, conv_relu_backward, arrays, [conv])
print("conv - ReLU - pool: gradients of x, w, b")
check_sandwich(conv_relu_pool_forward, conv_relu_pool_backward, arrays, [conv, pool])

# %% [markdown]
# ## A network of three layers
#
# conv - ReLU - 2x2 max pool - affine - ReLU - affine - softmax
#
# The convolution has stride 1 and is padded so that pictures keep their size. Then the pooling
# halves height and width. The affine layer behind it sees all that is left as a row of numbers:
# for pictures of 32 x 32 and 32 filters these are 32 * 16 * 16. If a height is odd, your formula
# says what the pooling does with the last row.
#
# Write **`ThreeLayerConvNet.__init__`** in `cs231n/classifiers/cnn.py`.

# %% question="ThreeLayerConvNet_init" points=2
model = ThreeLayerConvNet((3, 16, 12), num_filters=8, filter_size=5, hidden_dim=20, num_classes=7)
shapes = {"W1": (8, 3, 5, 5), "W2": (8 * 8 * 6, 20), "W3": (20, 7)}
for name, shape in shapes.items():
    assert_close(model.params[name].shape, shape)
    assert_close(model.params[name].std(), 1e-3, abs_error=4e-4)  # at least 140 random numbers
for name, length in {"b1": 8, "b2": 20, "b3": 7}.items():
    assert_close(model.params[name], np.zeros(length), abs_error=0)
### BEGIN HIDDEN TESTS
np.random.seed(int(probe.rng().integers(2**31)))
model = ThreeLayerConvNet((4, 20, 14), 12, 5, 60, 30, weight_scale=0.3, dtype=np.float64)
for name in ("W1", "W2", "W3"):
    W = np.asarray(model.params[name]) / 0.3
    probe(f"shape of {name}", W.shape, exact=True)
    # Five standard deviations of what two draws of 1200 numbers differ by.
    probe(f"mean of {name} / weight_scale", W.mean(), abs_error=0.2)
    probe(f"deviation of {name} / weight_scale", W.std(), abs_error=0.15)
    probe(f"share of {name} beyond two deviations", np.mean(np.abs(W) > 2), abs_error=0.045)
    single = np.median(W.reshape(len(W), -1).std(axis=1))  # of at least 12 draws of 30 numbers
    probe(f"deviation within {name}", single, abs_error=0.25)
for name in ("b1", "b2", "b3"):
    probe(name, model.params[name], exact=True)
probe("number of parameter arrays", len(model.params), exact=True)
model = ThreeLayerConvNet((1, 7, 10), num_filters=3, filter_size=3, hidden_dim=4)
probe("shape of W1, one channel", np.shape(model.params["W1"]), exact=True)
probe("shape of W2, an odd height", np.shape(model.params["W2"]), exact=True)
model = ThreeLayerConvNet((2, 11, 5), num_classes=3)
for name in ("W1", "W2", "W3"):
    probe(f"shape of {name}, settings left out", np.shape(model.params[name]), exact=True)
deviation = np.std(model.params["W1"]) / 1e-3  # of 3136 numbers
probe("deviation of W1, settings left out", deviation, abs_error=0.1)
### END HIDDEN TESTS

# %% [markdown]
# Then write **`ThreeLayerConvNet.loss`**, with the sandwiches. The regularisation is that of the
# other networks: `0.5 * reg` times the sum of the squares of all weights, those of the filters
# too.
#
# The check begins with a sanity check that you know: at the start the loss is about $\log 10$,
# and a bit more with regularisation. Then it compares gradients.


# %%
def give_conv_weights(model, input_dim, F, size, hidden_dim, C, rng, scale=0.4):
    """Set the parameters of a ThreeLayerConvNet to random numbers, biases too."""
    pooled_dim = F * (input_dim[1] // 2) * (input_dim[2] // 2)
    shapes = {"W1": (F, input_dim[0], size, size), "b1": (F,), "W2": (pooled_dim, hidden_dim)}
    shapes |= {"b2": (hidden_dim,), "W3": (hidden_dim, C), "b3": (C,)}
    for name, shape in shapes.items():
        model.params[name] = (scale * rng.standard_normal(shape)).astype(model.dtype)


def numeric_gradient(model, name, X, y):
    """Compute the gradient of a network's loss with respect to a parameter from its definition."""
    return eval_numerical_gradient(lambda _: model.loss(X, y)[0], model.params[name])


# %% question="ThreeLayerConvNet_loss" points=5
rng = np.random.default_rng(231)
X, y = rng.normal(size=(50, 3, 32, 32)), rng.integers(10, size=50)
model = ThreeLayerConvNet()
assert_close(model.loss(X, y)[0], np.log(10), abs_error=0.001)  # scores of about 1e-5
model.reg = 0.5
assert_close(model.loss(X, y)[0], np.log(10) + 0.206, abs_error=0.002)  # 825 000 random weights

size = ((3, 6, 8), 2, 3, 5, 10)  # pictures, filters, their size, hidden units, classes
X, y = rng.normal(size=(2, 3, 6, 8)), rng.integers(10, size=2)
model = ThreeLayerConvNet(*size, reg=0.3, dtype=np.float64)
give_conv_weights(model, *size, rng)
loss, grads = model.loss(X, y)
for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
    numeric = numeric_gradient(model, name, X, y)
    assert_close(grads[name], numeric, rel_error=1e-6)  # rounding of the loss
### BEGIN HIDDEN TESTS
rng = probe.rng()
NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
for title, size in [
    ("pictures of 20 x 12, 4 classes", ((3, 20, 12), 5, 3, 7, 4)),
    ("one channel, filters of 5 x 5", ((1, 8, 14), 4, 5, 6, 3)),
    ("odd height and width, filters of 7 x 7", ((2, 9, 7), 3, 7, 5, 11)),
]:
    model = ThreeLayerConvNet(*size, reg=0.8, dtype=np.float64)
    give_conv_weights(model, *size, rng)
    X, y = rng.normal(size=(3, *size[0])), rng.integers(size[-1], size=3)
    picture = X.copy()
    copies = {name: value.copy() for name, value in model.params.items()}
    probe(f"scores, {title}", model.loss(X), rel_error=1e-9)  # three products in float64
    loss, grads = model.loss(X, y)
    probe(f"loss, {title}", loss, rel_error=1e-7)  # softmax in any form
    for name in NAMES:
        probe(f"gradient of {name}, {title}", grads[name], rel_error=1e-8)  # a few products
    same = all(np.array_equal(model.params[name], copy) for name, copy in copies.items())
    same = same and np.array_equal(X, picture)
    probe(f"X and parameters unchanged, {title}", same, exact=True)
for reg in (0.0, 30.0):
    model.reg = reg
    loss, grads = model.loss(X[:1], y[:1])
    probe(f"loss of one picture with reg {reg}", loss, rel_error=1e-7)  # softmax in any form
    for name in NAMES:
        title = f"gradient of {name} for one picture with reg {reg}"
        probe(title, grads[name], rel_error=1e-8)  # a few products
probe("scores of one picture", model.loss(X[:1]), rel_error=1e-9)  # three products in float64
size = ((3, 6, 10), 4, 3, 6, 5)
model = ThreeLayerConvNet(*size, reg=0.1)
give_conv_weights(model, *size, rng)
loss, grads = model.loss(rng.normal(size=(4, 3, 6, 10)), rng.integers(5, size=4))
probe("loss in float32", loss, rel_error=1e-4)  # float32, or better
for name in ("W3", "b3"):  # those of W1 jump where rounding decides whether a ReLU is on
    probe(f"gradient of {name} in float32", grads[name], rel_error=1e-3)  # the same
### END HIDDEN TESTS

# %% [markdown]
# ### Learn a hundred pictures by heart
#
# As always, the test of the whole. In 15 epochs the training accuracy should climb to about 90 %,
# and go on if you let it, while the validation accuracy stays low. (So much for learning by
# heart.)


# %% tags=["explore"]
def plot_training(solver):
    """Draw the loss of each step, and the accuracies after each epoch."""
    plt.figure(figsize=(11, 3.2))
    plt.subplot(1, 2, 1)
    plt.plot(solver.loss_history, ".-", markersize=3, linewidth=0.5)
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


np.random.seed(231)
hundred = {**data, "X_train": data["X_train"][:100], "y_train": data["y_train"][:100]}
model = ThreeLayerConvNet(weight_scale=1e-2)
solver = Solver(
    model,
    hundred,
    update_rule="adam",
    optim_config={"learning_rate": 1e-3},
    num_epochs=15,
    batch_size=50,
    verbose=False,
)
solver.train()
plot_training(solver)
print(f"training {max(solver.train_acc_history):.0%}, validation {solver.best_val_acc:.0%}")

# %% [markdown]
# ### Train it
#
# One epoch: each of the 49 000 pictures is seen once, more or less. It takes a minute or two. You
# should see more than 40 % for training and for validation. How many epochs did the fully
# connected network need for that?

# %% tags=["explore"]
np.random.seed(231)
model = ThreeLayerConvNet(weight_scale=0.001, hidden_dim=500, reg=0.001)
solver = Solver(
    model,
    data,
    update_rule="adam",
    optim_config={"learning_rate": 1e-3},
    num_epochs=1,
    batch_size=50,
    print_every=100,
)
solver.train()
print(f"training {solver.train_acc_history[-1]:.1%}, validation {solver.val_acc_history[-1]:.1%}")

# %% [markdown]
# ### What the first layer looks for
#
# Each filter has 7 x 7 weights for each of the three colours, so it can be shown as a small
# picture. Compare with the templates of the linear classifiers, which were whole balloons and
# whole owls.

# %% tags=["explore"]
grid = visualize_grid(model.params["W1"].transpose(0, 2, 3, 1))
plt.figure(figsize=(5, 5))
plt.imshow(grid.astype(np.uint8))
plt.axis("off")
plt.title("the filters")
plt.show()

first = as_pictures(data["X_val"][chosen])
out, _ = conv_relu_forward(
    data["X_val"][chosen], model.params["W1"], model.params["b1"], {"stride": 1, "pad": 3}
)
strongest = np.argsort(out.mean(axis=(0, 2, 3)))[::-1][:7]
plt.figure(figsize=(11, 5.4))
for row in range(len(out)):
    plt.subplot(len(out), 8, 8 * row + 1)
    plt.imshow(first[row])
    plt.axis("off")
    for column, f in enumerate(strongest):
        plt.subplot(len(out), 8, 8 * row + column + 2)
        plt.imshow(out[row, f], cmap="gray")
        plt.axis("off")
        if row == 0:
            plt.title(f"filter {f}", fontsize=9)
plt.suptitle("feature maps after the ReLU")
plt.tight_layout()
plt.show()

# %% [markdown]
# ## More pictures from the same ones
#
# A mirrored boat is still a boat, and so is one that stands two pixels further to the left. If a
# picture is shown a little differently each time, the network can't learn it by heart so easily:
# *data augmentation*. It is done anew for each batch, with training pictures only.
#
# The usual recipe for pictures of this size: mirror each picture left to right with probability
# one half; pad it with a margin of zeros; and cut a piece of the original size out at a random
# place. With a margin of `pad` there are `2 * pad + 1` possible places in each direction, and all
# are equally likely. Each picture gets a draw of its own.
#
# Write **`flip_and_crop`**.


# %% answer="flip_and_crop_code"
def flip_and_crop(X, rng, pad):
    """Mirror half of the pictures, and shift each a little.

    Inputs:
    - X: Array of shape (N, C, H, W); it is not changed.
    - rng: A np.random.Generator; the only source of chance to use.
    - pad: Width of the margin of zeros, so that a picture moves by at most pad pixels.

    Returns a new array of the same shape.
    """
    ### BEGIN SOLUTION
    N, _, H, W = X.shape
    padded = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    mirrored = rng.random(N) < 0.5
    tops, lefts = rng.integers(2 * pad + 1, size=(2, N))
    out = np.empty_like(X)
    for n in range(N):
        piece = padded[n, :, tops[n] : tops[n] + H, lefts[n] : lefts[n] + W]
        out[n] = piece[:, :, ::-1] if mirrored[n] else piece
    return out
    ### END SOLUTION


# %%
def what_was_done(X, out, pad):
    """Find out for each picture if it was mirrored, and by how much it was shifted.

    Returns an array of rows (mirrored, top, left); -1, -1, -1 for what was made otherwise.
    """
    H, W = X.shape[2:]
    padded = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    found = np.full((len(X), 3), -1)
    for mirrored, top, left in np.ndindex(2, 2 * pad + 1, 2 * pad + 1):
        piece = padded[:, :, top : top + H, left : left + W]
        piece = piece[..., ::-1] if mirrored else piece
        found[np.all(out == piece, axis=(1, 2, 3))] = mirrored, top, left
    return found


# %% question="flip_and_crop" points=2
X = 1 + np.arange(400 * 3 * 4 * 5.0).reshape(400, 3, 4, 5)
out = flip_and_crop(X, np.random.default_rng(231), pad=1)
assert_close(out.shape, X.shape)
found = what_was_done(X, out, pad=1)
assert_close(np.mean(found[:, 0] >= 0), 1.0)  # each is a mirrored or plain piece of its picture
assert_close(np.mean(found[:, 0]), 0.5, abs_error=0.13)  # five standard deviations
assert_close(np.mean(found[:, 1:] == 0, axis=0), [1 / 3, 1 / 3], abs_error=0.12)  # the same
assert_close(np.mean(found[:, 1:] == 2, axis=0), [1 / 3, 1 / 3], abs_error=0.12)  # the same
### BEGIN HIDDEN TESTS
seed = int(probe.rng().integers(2**31))
X = probe.rng().normal(size=(1500, 2, 5, 7))
copy, rng = X.copy(), np.random.default_rng(seed)
out = flip_and_crop(X, rng, 2)
found = what_was_done(X, out, 2)
probe("shape", np.shape(out), exact=True)
probe("each is a piece of its own picture", np.all(found >= 0), exact=True)
# All these are more than five standard deviations of what two draws of 1500 pictures differ by.
probe("share of mirrored ones", np.mean(found[:, 0]), abs_error=0.1)
for axis, name in [(1, "vertical"), (2, "horizontal")]:
    shares = [np.mean(found[:, axis] == place) for place in range(5)]
    probe(f"shares of the {name} shifts", shares, abs_error=0.08)
correlations = np.corrcoef(found.T)
probe("mirroring and the shifts are independent", correlations, abs_error=0.2)
probe("X unchanged", np.array_equal(X, copy), exact=True)
again = flip_and_crop(X, np.random.default_rng(seed), 2)
probe("the same rng gives the same pictures", np.array_equal(again, out), exact=True)
probe("another call gives others", np.array_equal(flip_and_crop(X, rng, 2), out), exact=True)
found = what_was_done(X, flip_and_crop(X, rng, 0), 0)
probe("without a margin it only mirrors", np.all(found >= 0), exact=True)
probe("share of mirrored ones without a margin", np.mean(found[:, 0]), abs_error=0.1)
out = flip_and_crop(X[:1].astype(np.float32), rng, 1)
probe("one picture", np.all(what_was_done(X[:1].astype(np.float32), out, 1) >= 0), exact=True)
X = probe.rng().normal(size=(3100, 1, 3, 4))
found = what_was_done(X, flip_and_crop(X, rng, 1), 1)
probe("each of 3100 pictures", np.all(found >= 0), exact=True)
out = flip_and_crop(X[:200], rng, 33)
probe("shape with a wide margin", np.shape(out), exact=True)
### END HIDDEN TESTS

# %% [markdown]
# Here is what it makes of some pictures, and what it does for training: 2 000 pictures, twelve
# epochs, without and with it. Compare the two gaps between training and validation accuracy.
# (With it, the training accuracy is measured on the pictures as they are.)


# %% tags=["explore"]
class AugmentedNet(ThreeLayerConvNet):
    """A ThreeLayerConvNet that mirrors and shifts the pictures that it is trained with."""

    rng = np.random.default_rng(231)

    def loss(self, X, y=None):
        """Compute scores, or loss and gradients, as ThreeLayerConvNet does."""
        return super().loss(X if y is None else flip_and_crop(X, self.rng, pad=3), y)


plt.figure(figsize=(11, 3))
versions = [flip_and_crop(data["X_val"][chosen], np.random.default_rng(i), 3) for i in range(9)]
for row in range(2):
    for column, X in enumerate([data["X_val"][chosen], *versions]):
        plt.subplot(2, 10, 10 * row + column + 1)
        plt.imshow(as_pictures(X)[row])
        plt.axis("off")
        if row == 0 and column == 0:
            plt.title("original", fontsize=9)
plt.tight_layout()
plt.show()

small_data = {**data, "X_train": data["X_train"][:2000], "y_train": data["y_train"][:2000]}
plt.figure(figsize=(8, 3.4))
kinds = [("plain", ThreeLayerConvNet), ("augmented", AugmentedNet)]
for color, (title, kind) in enumerate(kinds):
    np.random.seed(231)
    solver = Solver(
        kind(weight_scale=0.01, reg=0.001),
        small_data,
        update_rule="adam",
        optim_config={"learning_rate": 5e-4},
        num_epochs=12,
        batch_size=50,
        verbose=False,
    )
    solver.train()
    plt.plot(solver.train_acc_history, "--", color=f"C{color}", label=f"{title}, training")
    plt.plot(solver.val_acc_history, "-o", color=f"C{color}", label=f"{title}, validation")
plt.xlabel("epoch")
plt.ylabel("accuracy")
plt.legend()
plt.show()

# %% [markdown]
# ## Stacked small filters
#
# How much of the picture can a number deep in the network see? The part of the picture that it
# depends on is its *receptive field*. One 3 x 3 convolution: 3 pixels wide. A second one on top:
# each of its numbers sees three neighbours, whose fields overlap, 5 pixels in all. A third: 7.
# With a stride, or a pooling, the neighbours of the next layer are further apart in the picture,
# and the field grows faster.

# %% tags=["explore"]
plt.figure(figsize=(8, 2.6))
for layer in range(4):
    for place in range(7 - 2 * layer):
        seen = place + layer
        plt.plot(seen, layer, "s", markersize=14, color=f"C{layer}")
        if layer:
            for below in (-1, 0, 1):
                plt.plot([seen, seen + below], [layer, layer - 1], color="0.7", zorder=0)
plt.yticks(range(4), ["picture", "first 3", "second 3", "third 3"])
plt.xticks([])
plt.ylim(-0.5, 3.5)
for side in plt.gca().spines.values():
    side.set_visible(False)
plt.title("three layers with filters of size 3 see 7 pixels")
plt.show()

# %% [markdown]
# Write **`receptive_field`**. Go from the first layer to the last, and keep two numbers: how wide
# the field is, and how far apart in the picture two neighbouring numbers of this layer are.


# %% answer="receptive_field_code"
def receptive_field(layers):
    """Compute how many pixels wide the part of the picture is that one number depends on.

    Inputs:
    - layers: List of (filter_size, stride) for each convolution or pooling, from the first layer
      to the last. Padding doesn't matter: zeros in the margin count as pixels.

    Returns an int; 1 for no layers at all.
    """
    ### BEGIN SOLUTION
    width, step = 1, 1
    for filter_size, stride in layers:
        width += (filter_size - 1) * step
        step *= stride
    return width
    ### END SOLUTION


# %% question="receptive_field" points=2
assert_close(receptive_field([(3, 1)]), 3)
assert_close(receptive_field([(3, 1), (3, 1), (3, 1)]), 7)
assert_close(receptive_field([(7, 1), (2, 2)]), 8)  # your network, after the pooling
assert_close(receptive_field([(3, 2), (3, 1)]), 7)  # the stride of the first counts for the second
### BEGIN HIDDEN TESTS
rng = probe.rng()
found = []
for depth in (1, 2, 3, 4, 5, 8):
    sizes, strides = rng.integers(1, 8, size=depth), rng.integers(1, 4, size=depth)
    found.append(receptive_field([(int(k), int(s)) for k, s in zip(sizes, strides, strict=True)]))
probe("networks of up to eight layers", found, abs_error=0.01)  # whole numbers
probe("no layers", receptive_field([]), abs_error=0.01)  # the same
probe("a stride in the last layer", receptive_field([(5, 2), (2, 3)]), abs_error=0.01)  # the same
### END HIDDEN TESTS

# %% [markdown]
# **Question.** Three 3 x 3 convolutions in a row (stride 1, each with a ReLU behind it) see as
# much as one 7 x 7 convolution. Let all of them have C channels in and C channels out. How many
# weights do the three have together, and how many has the one? Name two more differences, one in
# favour of each side. (The networks of Simonyan and Zisserman, *Very Deep Convolutional Networks*,
# 2014, are built of nothing but 3 x 3 filters; section 2.3 gives their reasons.)

# %% [markdown] written="stacked_filters" points=2
# ### BEGIN SOLUTION
# The three have 3 * (3 * 3 * C * C) = 27 C^2 weights (and 3 C biases), the one has 7 * 7 * C * C =
# 49 C^2 (and C biases), so nearly twice as many. The number of multiplications per output place is
# in the same proportion.
#
# In favour of the three: there are three ReLUs instead of one, so they can compute more kinds of
# functions of the same window. In favour of the one: a single layer has to keep one set of outputs
# for the backward pass where the three keep three, so training takes less memory; and gradients
# pass through one layer instead of three.
# ### END SOLUTION

# %% [markdown]
# ## Spatial batch normalisation
#
# Batch normalisation makes each feature have mean 0 and deviation 1 over the batch. What is a
# feature in an array of shape (N, C, H, W)? The same filter looked at every place, so the numbers
# of one channel, at all places of all pictures, are of one kind. They get one mean, one variance,
# one $\gamma$ and one $\beta$: N * H * W numbers are averaged, and there are C of each.
#
# That is `batchnorm_forward` with the right arrangement: an array of N * H * W rows and C columns.
# Mind the axes: `reshape` alone would mix channels and places up. Write
# **`spatial_batchnorm_forward`**.

# %% question="spatial_batchnorm_forward" points=2
np.random.seed(231)
x = 4 * np.random.randn(2, 3, 4, 5) + 10
for gamma, beta in [(np.ones(3), np.zeros(3)), (np.array([3, 4, 5]), np.array([6, 7, 8]))]:
    out, _ = spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"})
    assert_close(out.shape, x.shape)
    assert_close(out.mean(axis=(0, 2, 3)), beta, abs_error=1e-12)  # rounding
    assert_close(out.std(axis=(0, 2, 3)), gamma, rel_error=1e-5)  # eps is added to 16

# In test mode, with averages over 50 batches, the result is noisier.
bn_param, gamma, beta = {"mode": "train"}, np.ones(4), np.zeros(4)
for _ in range(50):
    spatial_batchnorm_forward(2.3 * np.random.randn(10, 4, 11, 12) + 13, gamma, beta, bn_param)
bn_param["mode"] = "test"
x = 2.3 * np.random.randn(10, 4, 11, 12) + 13
out, _ = spatial_batchnorm_forward(x, gamma, beta, bn_param)
assert_close(out.mean(axis=(0, 2, 3)), np.zeros(4), abs_error=0.15)  # 1320 numbers; 0.9**50 of 0
assert_close(out.std(axis=(0, 2, 3)), np.ones(4), abs_error=0.1)  # the same
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, shape, eps in [
    ("nothing is square", (3, 4, 2, 5), 1e-5),
    ("one picture, large eps", (1, 3, 4, 6), 0.7),
    ("one channel", (4, 1, 3, 2), 1e-3),
    ("one pixel", (7, 5, 1, 1), 0.1),
]:
    C = shape[1]
    x = rng.normal(size=shape) * (1 + np.arange(C).reshape(1, C, 1, 1)) + 3
    gamma, beta = rng.normal(size=C), rng.normal(size=C)
    copy, bn_param = x.copy(), {"mode": "train", "eps": eps, "momentum": 0.6}
    out, _ = spatial_batchnorm_forward(x, gamma, beta, bn_param)
    probe(f"train mode, {name}", out, rel_error=1e-8)  # means and roots in float64
    probe(f"x unchanged, {name}", np.array_equal(x, copy), exact=True)
    spatial_batchnorm_forward(rng.normal(size=shape) - 2, gamma, beta, bn_param)
    for key in ("running_mean", "running_var"):
        probe(f"{key} after two batches, {name}", bn_param[key], rel_error=1e-8)  # the same
    bn_param["mode"] = "test"
    x = rng.normal(size=(2, C, 3, 4))
    out, _ = spatial_batchnorm_forward(x, gamma, beta, bn_param)
    probe(f"test mode, {name}", out, rel_error=1e-8)  # the same
    probe(f"running_mean after test mode, {name}", bn_param["running_mean"], rel_error=1e-8)
x = rng.normal(size=(2, 3, 4, 5)).astype(np.float32)
gamma, beta = (rng.normal(size=3).astype(np.float32) for _ in range(2))
out, _ = spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"})
probe("numbers in float32", out, rel_error=1e-4)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# The way back is the same arrangement around `batchnorm_backward`, or around
# `batchnorm_backward_alt`. Write **`spatial_batchnorm_backward`**.

# %% question="spatial_batchnorm_backward" points=2
np.random.seed(231)
x = 5 * np.random.randn(2, 3, 4, 5) + 12
gamma, beta, dout = np.random.randn(3), np.random.randn(3), np.random.randn(2, 3, 4, 5)
_, cache = spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"})
dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)


def normalized(_):
    """Normalise in train mode; x, gamma and beta are looked up where they are."""
    return spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"})[0]


assert_close(dx, eval_numerical_gradient_array(normalized, x, dout), rel_error=1e-6)  # small dx
assert_close(dgamma, eval_numerical_gradient_array(normalized, gamma, dout), rel_error=1e-8)
assert_close(dbeta, eval_numerical_gradient_array(normalized, beta, dout), rel_error=1e-8)
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, shape, eps in [
    ("nothing is square", (3, 4, 2, 5), 1e-5),
    ("one picture, large eps", (1, 3, 4, 6), 0.7),
    ("one channel", (4, 1, 3, 2), 1e-3),
    ("one pixel", (7, 5, 1, 1), 0.1),
]:
    C = shape[1]
    x = rng.normal(size=shape) * (1 + np.arange(C).reshape(1, C, 1, 1)) + 3
    gamma, beta, dout = rng.normal(size=C), rng.normal(size=C), rng.normal(size=shape)
    copies = dout.copy(), gamma.copy()
    _, cache = spatial_batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})
    dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
    probe(f"dx, {name}", dx, rel_error=1e-8)  # differences of means in float64
    probe(f"dgamma, {name}", dgamma, rel_error=1e-8)  # the same
    probe(f"dbeta, {name}", dbeta, rel_error=1e-8)  # the same
    same = np.array_equal(dout, copies[0]) and np.array_equal(gamma, copies[1])
    probe(f"dout and gamma unchanged, {name}", same, exact=True)
### END HIDDEN TESTS

# %% [markdown]
# Now the third sandwich works too, the one with batch normalisation in the middle.

# %% tags=["explore"]
np.random.seed(231)
arrays = [np.random.randn(2, 3, 8, 8), np.random.randn(3, 3, 3, 3), np.random.randn(3)]
arrays += [np.random.randn(3), np.random.randn(3)]
print("conv - batch norm - ReLU: gradients of b (it is 0: why?), w, gamma, beta")
out, cache = conv_bn_relu_forward(*arrays, conv, {"mode": "train"})
dout = np.random.randn(*out.shape)
_, dw, db, dgamma, dbeta = conv_bn_relu_backward(dout, cache)
assert_close(db, np.zeros(3), abs_error=1e-12)
for array, grad in [(arrays[1], dw), (arrays[3], dgamma), (arrays[4], dbeta)]:
    numeric = eval_numerical_gradient_array(
        lambda _: conv_bn_relu_forward(*arrays, conv, {"mode": "train"})[0], array, dout
    )
    assert_close(grad, numeric, rel_error=1e-6)

# %% [markdown]
# ## Group normalisation
#
# Batch normalisation suffers when batches are small: the mean over two pictures is mostly chance.
# Layer normalisation looks at one picture only, but averages all channels, and treats a feature
# map of edges and one of colours as if they were alike. Group normalisation (Wu and He, 2018) goes
# a middle way: it splits the channels of a picture into $G$ groups, and gives each group its own
# mean and variance.

# %% tags=["explore"]
plt.figure(figsize=(11, 2.9))
parts = {
    "batch norm": (slice(None), slice(1, 2)),
    "layer norm": (slice(0, 1), slice(None)),
    "group norm, G = 2": (slice(0, 1), slice(0, 3)),
    "group norm, G = C": (slice(0, 1), slice(0, 1)),
}
for i, (title, (examples, channels)) in enumerate(parts.items()):
    plt.subplot(1, 4, i + 1)
    shades = np.full((4, 6), 0.12)
    shades[examples, channels] = 0.6
    plt.pcolormesh(shades, edgecolors="white", linewidth=2, cmap="Blues", vmin=0, vmax=1)
    plt.gca().invert_yaxis()
    plt.xticks([])
    plt.yticks([])
    plt.xlabel("channels")
    if i == 0:
        plt.ylabel("pictures")
    plt.title(title, fontsize=10)
plt.suptitle("who shares a mean; each square stands for all places of a feature map", y=1.04)
plt.tight_layout()
plt.show()

# %% [markdown]
# With 6 channels and $G = 2$, channels 0 to 2 are the first group and 3 to 5 the second. $\gamma$
# and $\beta$ belong to channels, not to groups. Here they have the shape (1, C, 1, 1), so that they
# fit to `x` as they are.
#
# Write **`spatial_groupnorm_forward`**: an array of shape (N, G, C // G, H, W) does most of it.

# %% question="spatial_groupnorm_forward" points=3
np.random.seed(231)
N, C, H, W, G = 2, 6, 4, 5, 2
x = 4 * np.random.randn(N, C, H, W) + 10
out, _ = spatial_groupnorm_forward(x, np.ones((1, C, 1, 1)), np.zeros((1, C, 1, 1)), G, {})
assert_close(out.shape, x.shape)
groups = out.reshape(N * G, -1)
assert_close(groups.mean(axis=1), np.zeros(N * G), abs_error=1e-12)  # rounding
assert_close(groups.std(axis=1), np.ones(N * G), rel_error=1e-5)  # eps is added to 16
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, shape, G, eps in [
    ("three groups of two", (3, 6, 2, 5), 3, 1e-5),
    ("two groups of four, large eps", (2, 8, 3, 4), 2, 0.7),
    ("one group", (2, 5, 4, 3), 1, 0.1),
    ("each channel a group", (2, 4, 3, 5), 4, 1e-3),
    ("one picture", (1, 6, 5, 2), 2, 1e-2),
]:
    C = shape[1]
    x = rng.normal(size=shape) * (1 + np.arange(C).reshape(1, C, 1, 1)) + 3
    gamma, beta = rng.normal(size=(1, C, 1, 1)), rng.normal(size=(1, C, 1, 1))
    copy = x.copy()
    out, _ = spatial_groupnorm_forward(x, gamma, beta, G, {"eps": eps})
    probe(name, out, rel_error=1e-8)  # means and roots in float64
    probe(f"x unchanged, {name}", np.array_equal(x, copy), exact=True)
out, _ = spatial_groupnorm_forward(1e-2 * x, gamma, beta, 3, {})
probe("eps left out, small numbers", out, rel_error=1e-8)  # the same
shapes = [(2, 4, 3, 5), (1, 4, 1, 1), (1, 4, 1, 1)]
x, gamma, beta = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
out, _ = spatial_groupnorm_forward(x, gamma, beta, 2, {})
probe("numbers in float32", out, rel_error=1e-4)  # float32, or better
### END HIDDEN TESTS

# %% [markdown]
# On the way back, dx is that of layer normalisation for each group. Let $\hat x$ be the
# normalised group, $\sigma$ its deviation (with eps in it), $g = \gamma\,\texttt{dout}$, and let
# bars be means over the group:
#
# $$\texttt{dx} = \frac{1}{\sigma}\left(g - \overline{g} - \hat x\;\overline{g\,\hat x}\right).$$
#
# `dgamma` and `dbeta` have the shape of `gamma`: keep the axes when you sum. Write
# **`spatial_groupnorm_backward`**.

# %% question="spatial_groupnorm_backward" points=4
np.random.seed(231)
N, C, H, W, G = 2, 6, 4, 5, 2
x = 5 * np.random.randn(N, C, H, W) + 12
gamma, beta = np.random.randn(1, C, 1, 1), np.random.randn(1, C, 1, 1)
dout = np.random.randn(N, C, H, W)
dx, dgamma, dbeta = spatial_groupnorm_backward(
    dout, spatial_groupnorm_forward(x, gamma, beta, G, {})[1]
)


def normalized(_):
    """Normalise; x, gamma and beta are looked up where they are."""
    return spatial_groupnorm_forward(x, gamma, beta, G, {})[0]


assert_close(dx, eval_numerical_gradient_array(normalized, x, dout), rel_error=1e-6)  # small dx
assert_close(dgamma, eval_numerical_gradient_array(normalized, gamma, dout), rel_error=1e-8)
assert_close(dbeta, eval_numerical_gradient_array(normalized, beta, dout), rel_error=1e-8)
### BEGIN HIDDEN TESTS
rng = probe.rng()
for name, shape, G, eps in [
    ("three groups of two", (3, 6, 2, 5), 3, 1e-5),
    ("two groups of four, large eps", (2, 8, 3, 4), 2, 0.7),
    ("one group", (2, 5, 4, 3), 1, 0.1),
    ("each channel a group", (2, 4, 3, 5), 4, 1e-3),
    ("one picture", (1, 6, 5, 2), 2, 1e-2),
]:
    C = shape[1]
    x = rng.normal(size=shape) * (1 + np.arange(C).reshape(1, C, 1, 1)) + 3
    gamma, beta = rng.normal(size=(1, C, 1, 1)), rng.normal(size=(1, C, 1, 1))
    dout = rng.normal(size=shape)
    copies = dout.copy(), gamma.copy()
    _, cache = spatial_groupnorm_forward(x, gamma, beta, G, {"eps": eps})
    dx, dgamma, dbeta = spatial_groupnorm_backward(dout, cache)
    probe(f"dx, {name}", dx, rel_error=1e-8)  # differences of means in float64
    probe(f"dgamma, {name}", dgamma, rel_error=1e-8)  # the same
    probe(f"dbeta, {name}", dbeta, rel_error=1e-8)  # the same
    same = np.array_equal(dout, copies[0]) and np.array_equal(gamma, copies[1])
    probe(f"dout and gamma unchanged, {name}", same, exact=True)
### END HIDDEN TESTS

# %% [markdown]
# **Question.** You train a network on very large pictures, of which only two fit into memory at a
# time. Which of batch, layer and group normalisation would you put behind its convolutions, and
# why not the other two? And which values of G make group normalisation the same as layer
# normalisation over (C, H, W), and the same as normalising each feature map by itself?

# %% [markdown] written="group_normalization" points=2
# ### BEGIN SOLUTION
# Group normalisation. Batch normalisation would take its means and variances from two pictures
# only: they differ a lot from one batch to the next and from the running averages used in test
# mode, so that training is noisy and the network in test mode isn't the one that was trained. (At
# least each mean is taken over all places of the two pictures, but these are far from independent.)
# Layer normalisation doesn't depend on the batch either, but forces all channels of a picture to
# share one mean and one variance, although filters of different kinds give numbers of different
# size; a few strong channels then decide how all are scaled.
#
# G = 1 is layer normalisation over channels and places. (Only its scale and shift are one per
# channel here.) G = C normalises each feature map of each picture by itself, which is known as
# instance normalisation.
# ### END SOLUTION

# %% [markdown]
# ## Where to go from here
#
# You have all the parts of the networks that won the competitions of their years: convolutions,
# pooling, normalisation, dropout, Adam, augmentation. If you like, go back to the sandwich with
# batch normalisation, and build a network of your own: two or three of them in a row, with small
# filters, then an affine layer. How far do you get in five minutes of training?

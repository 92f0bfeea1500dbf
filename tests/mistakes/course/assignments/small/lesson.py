# %% [markdown]
# # A few layers

# %%
import numpy as np
from smallpkg.checks import assert_close, probe
from smallpkg.layers import backward, forward, mean_fast, mean_naive, thin
from smallpkg.net import Net

# %%
pictures = np.ones(3)  # needed by no question

# %% question="forward" points=2
assert_close(forward(np.ones((2, 3)), np.ones((3, 1)), np.array([1.0]))[0], [[4.0], [4.0]])
### BEGIN HIDDEN TESTS
rng = probe.rng()
x, w, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
copy = x.copy()
probe("four rows", forward(x, w, b)[0], rel_error=1e-10)  # one product
probe("x is left as it was", np.array_equal(x, copy), exact=True)
### END HIDDEN TESTS

# %% question="backward" points=3
x, w, dout = np.ones((2, 3)), np.ones((3, 1)), np.ones((2, 1))
dx, dw, db = backward(dout, forward(x, w, 0.0)[1])
assert_close(dx, np.ones((2, 3)), rel_error=1e-12)  # sums of ones
### BEGIN HIDDEN TESTS
rng = probe.rng()
for N, D, M in [(4, 3, 2), (1, 5, 3)]:
    x, w, b = rng.normal(size=(N, D)), rng.normal(size=(D, M)), rng.normal(size=M)
    out, cache = forward(x, w, b)
    dx, dw, db = backward(out, cache)  # any array of that shape is a gradient of something
    probe(f"dx, {N} rows", dx, rel_error=1e-10)  # one product
    probe(f"dw, {N} rows", dw, rel_error=1e-10)  # one product
    probe(f"db, {N} rows", db, rel_error=1e-10)  # one sum
### END HIDDEN TESTS

# %% question="Net_loss" points=4
net = Net(np.ones((3, 2)), np.ones((2, 1)))
assert_close(net.loss(np.ones((2, 3)))[0], 12.0, rel_error=1e-12)  # a sum of ones
### BEGIN HIDDEN TESTS
rng = probe.rng()
net = Net(rng.normal(size=(5, 4)), rng.normal(size=(4, 3)))
loss, grads = net.loss(rng.normal(size=(6, 5)))
probe("loss", loss, rel_error=1e-9)  # two products
for name in ("w1", "w2"):
    probe(f"gradient of {name}", grads[name], rel_error=1e-9)  # three products
### END HIDDEN TESTS

# %% question="gradient_check" points=1
net = Net(np.ones((3, 2)), np.ones((2, 1)))
assert_close(net.loss(np.ones((1, 3)))[1]["w2"], [[3.0], [3.0]], rel_error=1e-12)  # sums of ones
### BEGIN HIDDEN TESTS
rng = probe.rng()
net, x = Net(rng.normal(size=(3, 2)), rng.normal(size=(2, 1))), rng.normal(size=(1, 3))
probe("gradient of w1", net.loss(x)[1]["w1"], rel_error=1e-9)  # three products
### END HIDDEN TESTS

# %% question="mean_naive" points=1
assert_close(mean_naive(np.array([[1.0, 2.0], [3.0, 6.0]])), [2.0, 4.0], rel_error=1e-12)  # sums
### BEGIN HIDDEN TESTS
probe("seven rows", mean_naive(probe.rng().normal(size=(7, 3))), rel_error=1e-10)  # sums
### END HIDDEN TESTS

# %% question="mean_fast" points=2
x = np.array([[1.0, 2.0], [3.0, 6.0]])
assert_close(mean_fast(x), mean_naive(x), rel_error=1e-12)  # sums
### BEGIN HIDDEN TESTS
x = probe.rng().normal(size=(7, 3))
probe("seven rows", mean_fast(x), rel_error=1e-10)  # sums
probe("difference from the naive one", mean_fast(x) - mean_naive(x), abs_error=1e-10)  # rounding
### END HIDDEN TESTS

# %% question="thin" points=1
out = thin(np.ones((100, 100)), 0.8)
assert_close(np.mean(out), 1.0, abs_error=0.05)  # ten standard deviations
### BEGIN HIDDEN TESTS
rng = probe.rng()
for keep in (0.3, 0.75):
    out = thin(1 + rng.random(size=(200, 100)), keep)
    probe(f"share kept, {keep}", np.mean(out != 0), abs_error=0.02)  # five standard deviations
    probe(f"mean, {keep}", np.mean(out), abs_error=0.1)  # as many
### END HIDDEN TESTS


# %% answer="count_code"
def count(x):
    """Return how many numbers of each row are positive."""
    ### BEGIN SOLUTION
    return (x > 0).sum(axis=1)
    ### END SOLUTION


# %% question="count" points=1
assert_close(count(np.array([[1.0, -1.0, 2.0]])), [2])
### BEGIN HIDDEN TESTS
probe("nine rows", count(probe.rng().normal(size=(9, 4))), exact=True)
### END HIDDEN TESTS

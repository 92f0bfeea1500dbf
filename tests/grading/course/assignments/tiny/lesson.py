# %% [markdown]
# # Rows and columns
#
# A lesson as small as it can be, with one cell of each kind.

# %%
import numpy as np

from tinypkg.checks import assert_close, probe
from tinypkg.rows import as_floats, center_rows, centered_scaled, scale_rows
from tinypkg.columns import sum_columns

# %% [markdown]
# ## Scale
#
# Each row has a factor $s_i$ of its own.

# %% question="scale_rows" points=2
out = scale_rows(np.ones((2, 3)), np.array([1.0, 2.0]))
correct_out = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
assert_close(out, correct_out, rel_error=1e-12)  # one product
### BEGIN HIDDEN TESTS
rng = probe.rng()
x, s = rng.normal(size=(5, 3)), rng.normal(size=5)
probe("five rows", scale_rows(x, s), rel_error=1e-12)  # one product
probe("x is left as it was", x, exact=True)
### END HIDDEN TESTS

# %% question="center_rows" points=2
assert_close(center_rows(np.array([[1.0, 3.0]])), np.array([[-1.0, 1.0]]), rel_error=1e-12)
### BEGIN HIDDEN TESTS
probe("random rows", center_rows(probe.rng().normal(size=(4, 7))), rel_error=1e-12)  # a mean of 7
### END HIDDEN TESTS

# %% question="centered_scaled" points=1
assert_close(
    centered_scaled(np.array([[1.0, 3.0]]), np.array([2.0])), [[-2.0, 2.0]], rel_error=1e-12
)
### BEGIN HIDDEN TESTS
rng = probe.rng()
probe("both", centered_scaled(rng.normal(size=(4, 7)), rng.normal(size=4)), rel_error=1e-12)
### END HIDDEN TESTS

# %% question="sum_columns" points=2
assert_close(sum_columns(np.array([[1.0, 2.0], [3.0, 4.0]])), np.array([4.0, 6.0]), rel_error=1e-12)
### BEGIN HIDDEN TESTS
probe("random columns", sum_columns(probe.rng().normal(size=(6, 3))), rel_error=1e-12)  # canary-hidden
### END HIDDEN TESTS

# %% [markdown]
# ## Count
#
# Write a function that counts the positive numbers of each row.


# %% answer="count_positive"
def count_positive(x):
    """Return how many numbers of each row of x are positive, an array of shape (N,)."""
    ### BEGIN SOLUTION
    return (x > 0).sum(axis=1)
    ### END SOLUTION


# %% question="count_positive_check" points=3
assert_close(count_positive(np.array([[1.0, -1.0, 2.0]])), np.array([2]))
### BEGIN HIDDEN TESTS
probe("random rows", count_positive(probe.rng().normal(size=(9, 4))), exact=True)
### END HIDDEN TESTS

# %% tags=["explore"]
raise RuntimeError("explore cells are not run in grading")

# %% question="labels" points=2 bonus=1
labels = np.load("labels.npz")["weights"]
assert_close(labels.shape, (2,))
### BEGIN HIDDEN TESTS
weights = np.load("labels.npz")["weights"]
predictions = (probe.input("points") @ weights > 0).astype(int)
probe("predictions", predictions, accuracy=0.7)
probe("bonus", predictions, accuracy=0.95, bonus=1)
### END HIDDEN TESTS

# %% [markdown]
# **Question.** Why does the sum over columns have as many numbers as there are columns?

# %% [markdown] written="why_columns" points=2
# ### BEGIN SOLUTION
# Each column gives one number, its sum.
# ### END SOLUTION

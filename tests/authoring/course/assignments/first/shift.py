# %% [markdown]
# # Shift the rows
#
# Some text, with a formula: $y = x + b$.

# %%
import numpy as np
from toolbox.checks import assert_close, probe
from toolbox.layers import shift

# %% tags=["explore"]
# %matplotlib inline
a_look_at_the_data = np.eye(2)

# %% question="shift" points=2
x = np.arange(6.0).reshape(3, 2)
assert_close(shift(x, np.ones(2)), x + 1, rel_error=1e-12)  # a sum in float64
### BEGIN HIDDEN TESTS
rng = probe.rng()
hidden_rows = rng.normal(size=(5, 3))
probe("other shape", shift(hidden_rows, np.arange(3.0)), rel_error=1e-12)
### END HIDDEN TESTS

# %% [markdown]
# Why does this need no loop?

# %% [markdown] written="why_no_loop" points=1.5
# ### BEGIN SOLUTION
# Because broadcasting repeats the row for us.
#
# It costs no copy either.
# ### END SOLUTION

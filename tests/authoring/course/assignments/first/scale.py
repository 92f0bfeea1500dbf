# %% [markdown]
# ## Scale the rows

# %%
import numpy as np
from toolbox.checks import probe
from toolbox.layers import Layer


# %% answer="twice"
# TODO: twice(x) returns what a Layer with factor 2 makes of x.
### BEGIN SOLUTION
def twice(x):
    return Layer(2.0).forward(x)


### END SOLUTION

# %% question="Layer_forward" points=3 bonus=1
assert twice(np.ones((2, 3))).shape == (2, 3)
### BEGIN HIDDEN TESTS
probe("negative factor", Layer(-1.5).forward(np.eye(4)), exact=True)
### END HIDDEN TESTS

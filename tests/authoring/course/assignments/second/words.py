# %% [markdown]
# # Words
#
# What is a layer?

# %% [markdown] written="what_is_a_layer" points=1
# ### BEGIN SOLUTION
# Something that maps arrays to arrays.
# ### END SOLUTION

"""Powers of ten; columns of numbers in place of dictionaries."""

import numpy as np


def sample_hyperparameters(rng, ranges):
    return {
        name: 10 ** (np.log10(low) + (np.log10(high) - np.log10(low)) * rng.uniform())
        for name, (low, high) in ranges.items()
    }


def refine_ranges(results, keep):
    names = list(results[0][1])
    order = sorted(range(len(results)), key=lambda i: results[i][0])[::-1][:keep]
    table = np.array([[results[i][1][name] for name in names] for i in order])
    return {name: (column.min(), column.max()) for name, column in zip(names, table.T, strict=True)}

"""One draw for all settings at once; sorting in place of a key."""

import numpy as np


def sample_hyperparameters(rng, ranges):
    low, high = np.log10(np.array(list(ranges.values()))).T
    return dict(zip(ranges, 10 ** rng.uniform(low, high), strict=True))


def refine_ranges(results, keep):
    order = np.argsort([-accuracy for accuracy, _ in results], kind="stable")[:keep]
    found = {}
    for i in order:
        for name, value in results[i][1].items():
            low, high = found.get(name, (value, value))
            found[name] = (min(low, value), max(high, value))
    return found

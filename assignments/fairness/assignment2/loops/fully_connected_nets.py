"""Chance from other methods of the generator; a plain loop over the best tries."""

import math


def sample_hyperparameters(rng, ranges):
    drawn = {}
    for name in ranges:
        low, high = ranges[name]
        drawn[name] = low * (high / low) ** rng.random()
    return drawn


def refine_ranges(results, keep):
    best = sorted(results, key=lambda pair: pair[0], reverse=True)[:keep]
    ranges = {name: (math.inf, -math.inf) for name in best[0][1]}
    for _, settings in best:
        for name, value in settings.items():
            ranges[name] = (min(value, ranges[name][0]), max(value, ranges[name][1]))
    return ranges

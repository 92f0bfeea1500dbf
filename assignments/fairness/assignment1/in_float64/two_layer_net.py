"""Derivatives of other forms of the same functions."""

import numpy as np


def sigmoid_gradient(x):
    return (1 - np.tanh(np.asarray(x, dtype=np.float64) / 2) ** 2) / 4


def leaky_relu_gradient(x, alpha=0.01):
    return np.heaviside(x, 1.0) * (1 - alpha) + alpha


def update_ratio(weights, gradient, learning_rate):
    return abs(learning_rate) * np.sqrt(np.mean(gradient**2) / np.mean(weights**2))


def search(evaluate, ranges, num_trials, rng):
    names = sorted(ranges)
    low = np.log([ranges[name][0] for name in names])
    high = np.log([ranges[name][1] for name in names])
    draws = np.exp(rng.uniform(low, high, size=(num_trials, len(names))))
    settings = [dict(zip(names, row, strict=True)) for row in draws]
    return sorted(((evaluate(each), each) for each in settings), key=lambda pair: -pair[0])

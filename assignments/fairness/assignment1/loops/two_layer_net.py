"""Number by number."""

import math

import numpy as np


def sigmoid_gradient(x):
    out = np.zeros(np.shape(x))
    for place, value in np.ndenumerate(x):
        e = math.exp(-abs(value))
        out[place] = e / (1 + e) ** 2
    return out


def leaky_relu_gradient(x, alpha=0.01):
    out = np.ones(x.shape)
    out[x < 0] = alpha
    return out


def gelu_gradient(x):
    out = np.zeros(np.shape(x))
    for place, v in np.ndenumerate(x):
        density = math.exp(-v * v / 2) / math.sqrt(2 * math.pi)
        out[place] = (1 + math.erf(v / math.sqrt(2))) / 2 + v * density
    return out


def update_ratio(weights, gradient, learning_rate):
    step = learning_rate * gradient.ravel()
    return math.sqrt(step @ step / (weights.ravel() @ weights.ravel()))


def search(evaluate, ranges, num_trials, rng):
    found = []
    while len(found) < num_trials:
        settings = {}
        for name, (low, high) in ranges.items():
            settings[name] = low * (high / low) ** rng.random()
        found.append((evaluate(settings), settings))
    found.sort(key=lambda pair: -pair[0])
    return found

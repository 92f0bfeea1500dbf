"""Other formulas for the same derivatives; lengths by np.linalg.norm; powers of ten."""

import numpy as np


def sigmoid_gradient(x):
    return 1 / (2 + np.exp(x) + np.exp(-x))


def leaky_relu_gradient(x, alpha=0.01):
    return alpha + (1 - alpha) * (x >= 0)


def gelu_gradient(x):
    slope = normal_density(x) * x
    return slope + normal_below(x)


def update_ratio(weights, gradient, learning_rate):
    return np.linalg.norm(learning_rate * gradient) / np.linalg.norm(weights)


def diagnose(patient):
    texts = [
        "regularisation too weak",
        "learning rate too low",
        "learning rate too high",
        "regularisation too strong",
    ]
    return texts["ABCD".index(patient)]


def search(evaluate, ranges, num_trials, rng):
    tries = [
        {name: 10 ** rng.uniform(*np.log10(limits)) for name, limits in ranges.items()}
        for _ in range(num_trials)
    ]
    accuracies = [evaluate(each) for each in tries]
    return [(accuracies[i], tries[i]) for i in np.argsort(accuracies)[::-1]]

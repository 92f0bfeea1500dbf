"""Ranges in powers of ten."""

import numpy as np


def zoom(evaluate, learning_rates, regs, rounds):
    results = []
    box = np.log10([learning_rates, regs])
    for _ in range(rounds):
        grid = [(10**a, 10**b) for a in np.linspace(*box[0], 3) for b in np.linspace(*box[1], 3)]
        accuracies = [evaluate(*pair) for pair in grid]
        results += [(*pair, accuracy) for pair, accuracy in zip(grid, accuracies, strict=True)]
        middle = np.log10(grid[np.argmax(accuracies)])
        width = box[:, 1] - box[:, 0]
        box = np.stack([middle - width / 4, middle + width / 4], axis=1)
    return results

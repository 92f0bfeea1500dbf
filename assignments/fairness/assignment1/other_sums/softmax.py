"""Grids by np.geomspace."""

import numpy as np


def zoom(evaluate, learning_rates, regs, rounds):
    tried = []
    for _ in range(rounds):
        this_round = []
        for rate in np.geomspace(*learning_rates, 3):
            for reg in np.geomspace(*regs, 3):
                this_round.append((rate, reg, evaluate(rate, reg)))
        best = this_round[int(np.argmax([accuracy for _, _, accuracy in this_round]))]
        learning_rates, regs = (
            (middle * (high / low) ** -0.25, middle * (high / low) ** 0.25)
            for middle, (low, high) in ((best[0], learning_rates), (best[1], regs))
        )
        tried.extend(this_round)
    return tried

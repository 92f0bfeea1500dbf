"""Logarithms of the ranges."""

import math


def zoom(evaluate, learning_rates, regs, rounds):
    results = []
    centers = [sum(math.log(x) for x in pair) / 2 for pair in (learning_rates, regs)]
    widths = [math.log(high / low) / 2 for low, high in (learning_rates, regs)]
    for number in range(rounds):
        steps = [width / 2**number for width in widths]
        for a in (-1, 0, 1):
            for b in (-1, 0, 1):
                rate, reg = (
                    math.exp(c + s * t) for c, s, t in zip(centers, steps, (a, b), strict=True)
                )
                results.append((rate, reg, evaluate(rate, reg)))
        best = max(results[9 * number :], key=lambda row: row[2])
        centers = [math.log(best[0]), math.log(best[1])]
    return results

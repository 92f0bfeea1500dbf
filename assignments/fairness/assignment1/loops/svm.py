"""Picture by picture; comparisons while searching."""

import numpy as np


def preprocess(train, val, test):
    mean = sum(picture.astype(np.float64) for picture in train) / len(train)
    prepared = []
    for pictures in (train, val, test):
        rows = [np.append((picture - mean).ravel(), 1) for picture in pictures]
        prepared.append(np.array(rows).astype(train.dtype))
    return prepared[0], prepared[1], prepared[2]


def grid_search(new_classifier, X_train, y_train, X_val, y_val, learning_rates, regs, num_iters):
    results, best, highest = {}, None, None
    for reg in regs:
        for rate in learning_rates:
            model = new_classifier()
            model.train(X_train, y_train, rate, reg, num_iters)
            right = [a == b for a, b in zip(model.predict(X_val), y_val, strict=True)]
            accuracy = sum(right) / len(right)
            results[(rate, reg)] = (np.mean(y_train == model.predict(X_train)), accuracy)
            if highest is None or accuracy > highest:
                best, highest = model, accuracy
    return results, best

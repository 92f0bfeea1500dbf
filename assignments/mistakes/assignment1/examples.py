"""Small calls of rising size: the first that a program gets wrong is shown on its page.

autograder/grading/examples.py says how they are written.
"""

import numpy as np

__all__ = [
    "LinearClassifier_predict",
    "TwoLayerNet_gradients",
    "TwoLayerNet_loss",
    "TwoLayerNet_predict",
    "TwoLayerNet_scores",
    "choose_k",
    "compute_distances_no_loops",
    "compute_distances_one_loop",
    "compute_distances_two_loops",
    "cross_validate",
    "gelu_gradient",
    "leaky_relu_gradient",
    "predict_labels",
    "preprocess",
    "sigmoid_gradient",
    "softmax_loss_naive",
    "softmax_loss_vectorized",
    "svm_loss_naive",
    "svm_loss_vectorized",
    "update_ratio",
]


def numbers(rng, *shape):
    """Return small whole numbers other than 0."""
    return rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], shape)


def distances(way):
    rng = np.random.default_rng(0)
    for test, train, D in [(1, 1, 1), (1, 1, 2), (1, 2, 2), (2, 3, 2), (3, 2, 4)]:
        yield (
            {"X_train": numbers(rng, train, D), "X": numbers(rng, test, D)},
            f"""
knn = KNearestNeighbor()
knn.train(X_train, np.zeros({train}, dtype=int))
dists = knn.compute_distances_{way}(X)
""",
        )


def compute_distances_two_loops():
    return distances("two_loops")


def compute_distances_one_loop():
    return distances("one_loop")


def compute_distances_no_loops():
    return distances("no_loops")


def predict_labels():
    for labels, rows, k in [
        ([4], [[1.0]], 1),
        ([4, 6], [[2.0, 1.0]], 1),
        ([4, 6], [[1.0, 2.0], [2.0, 1.0]], 1),
        ([4, 6, 6], [[1.0, 2.0, 3.0]], 3),
        ([6, 4], [[1.0, 2.0]], 2),
        ([6, 4, 4, 6, 5], [[5.0, 1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0, 5.0]], 4),
    ]:
        inputs = {"labels": np.array(labels), "dists": np.array(rows)}
        yield (
            inputs,
            f"""
knn = KNearestNeighbor()
knn.train(np.zeros(({len(labels)}, 1)), labels)
y_pred = knn.predict_labels(dists, k={k})
""",
        )


def cross_validate():
    for X, y, folds, k in [
        ([0.0, 1.0], [0, 0], 2, 1),
        ([0.0, 5.0, 1.0, 6.0], [0, 1, 0, 1], 2, 1),
        ([0.0, 5.0, 1.0, 6.0, 2.0], [0, 1, 0, 1, 1], 3, 1),
        ([0.0, 5.0, 1.0, 6.0, 2.0, 7.0, 0.5], [0, 1, 0, 1, 1, 1, 0], 3, 3),
    ]:
        yield (
            {"X": np.array(X)[:, None], "y": np.array(y)},
            f"""
accuracies = cross_validate(X, y, num_folds={folds}, k_choices=[{k}])[{k}]
""",
        )


def choose_k():
    for accuracies in [
        {1: [0.5]},
        {1: [0.5], 3: [0.75]},
        {1: [0.0, 1.0], 3: [0.75, 0.75]},
        {3: [0.5], 1: [0.5]},
        {1: [0.25], 5: [0.5, 1.0], 3: [0.75, 0.75]},
    ]:
        yield {"accuracies": accuracies}, "k = choose_k(accuracies)"


def preprocess():
    rng = np.random.default_rng(1)
    for N, shape in [(1, (1,)), (2, (1,)), (2, (2,)), (3, (2, 2))]:
        inputs = {name: numbers(rng, size, *shape) for name, size in (("a", N), ("b", 1), ("c", 2))}
        yield inputs, "train, val, test = preprocess(a, b, c)"


def losses(name):
    rng = np.random.default_rng(2)
    for N, D, C, reg in [
        (1, 1, 2, 0.0),
        (1, 1, 2, 0.5),
        (2, 1, 2, 0.0),
        (2, 2, 3, 0.0),
        (3, 2, 3, 0.5),
    ]:
        inputs = {"W": numbers(rng, D, C), "X": numbers(rng, N, D), "y": rng.integers(C, size=N)}
        yield inputs, f"loss, dW = {name}(W, X, y, {reg})"
    for X, y in [([[1.0]], [1]), ([[1.0], [-1.0]], [1, 0])]:
        inputs = {"W": np.array([[1000.0, 0.0]]), "X": np.array(X), "y": np.array(y)}
        yield inputs, f"loss, dW = {name}(W, X, y, 0.0)"


def svm_loss_naive():
    return losses("svm_loss_naive")


def svm_loss_vectorized():
    return losses("svm_loss_vectorized")


def softmax_loss_naive():
    return losses("softmax_loss_naive")


def softmax_loss_vectorized():
    return losses("softmax_loss_vectorized")


def LinearClassifier_predict():
    rng = np.random.default_rng(3)
    for N, D, C in [(1, 1, 2), (1, 2, 3), (3, 2, 4)]:
        yield (
            {"X": numbers(rng, N, D), "W": rng.permutation(D * C).reshape(D, C) * 1.0},
            """
classifier = LinearClassifier()
classifier.W = W
y_pred = classifier.predict(X)
""",
        )


def slopes(name):
    for x in [[0.0], [1.0], [-1.0], [-2.0, 0.5, 3.0], [[1.0, -1.0], [2.0, -3.0]], [-800.0, 800.0]]:
        yield {"x": np.array(x)}, f"slope = {name}(x)"


def sigmoid_gradient():
    return slopes("sigmoid_gradient")


def leaky_relu_gradient():
    for x, alpha in [([1.0], 0.1), ([-1.0], 0.1), ([-2.0, 0.5, 3.0], 0.1), ([-1.0, 2.0], 0.5)]:
        yield {"x": np.array(x)}, f"slope = leaky_relu_gradient(x, alpha={alpha})"


def gelu_gradient():
    return slopes("gelu_gradient")


def nets(code):
    rng = np.random.default_rng(4)
    for N, D, H, C in [(1, 1, 1, 2), (1, 2, 2, 2), (2, 2, 3, 2), (3, 2, 4, 3)]:
        inputs = {
            "W1": numbers(rng, D, H),
            "b1": numbers(rng, H),
            "W2": numbers(rng, H, C),
            "b2": numbers(rng, C),
            "X": numbers(rng, N, D),
            "y": rng.integers(C, size=N),
        }
        for reg in (0.0, 0.5) if "reg" in code else (0.0,):
            yield inputs, net_code(D, H, C, code.format(reg=reg))
    inputs = {
        "W1": np.array([[1000.0]]),
        "b1": np.zeros(1),
        "W2": np.array([[1.0, -1.0]]),
        "b2": np.zeros(2),
        "X": np.array([[1.0], [0.0]]),
        "y": np.array([1, 0]),
    }
    yield inputs, net_code(1, 1, 2, code.format(reg=0.0))


def net_code(D, H, C, code):
    return f"""
net = TwoLayerNet({D}, {H}, {C})
net.params = {{"W1": W1, "b1": b1, "W2": W2, "b2": b2}}
{code}
"""


def TwoLayerNet_scores():
    return nets("scores = net.loss(X)")


def TwoLayerNet_loss():
    return nets("loss, _ = net.loss(X, y, reg={reg})")


def TwoLayerNet_gradients():
    return nets(
        """_, grads = net.loss(X, y, reg={reg})
dW1, db1, dW2, db2 = (grads[name] for name in ("W1", "b1", "W2", "b2"))"""
    )


def TwoLayerNet_predict():
    return nets("y_pred = net.predict(X)")


def update_ratio():
    for weights, gradient, rate in [
        ([2.0], [1.0], 1.0),
        ([3.0, 4.0], [6.0, 8.0], 0.1),
        ([[3.0, 0.0], [0.0, 4.0]], [[0.0, 6.0], [8.0, 0.0]], 0.01),
        ([[1.0, 2.0], [2.0, 4.0]], [[3.0, 1.0], [1.0, 5.0]], 0.01),
    ]:
        inputs = {"weights": np.array(weights), "gradient": np.array(gradient)}
        yield inputs, f"ratio = update_ratio(weights, gradient, {rate})"

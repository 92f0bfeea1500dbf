"""Small calls of rising size: the first that a program gets wrong is shown on its page.

autograder/grading/examples.py says how they are written.
"""

import itertools

import numpy as np

__all__ = [
    "FullyConnectedNet_loss",
    "TwoLayerNet_loss",
    "adam",
    "affine_backward",
    "affine_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "batchnorm_forward",
    "batchnorm_forward_test",
    "conv_backward_naive",
    "conv_forward_naive",
    "dropout_backward",
    "layernorm_backward",
    "layernorm_forward",
    "max_pool_backward_naive",
    "max_pool_forward_naive",
    "output_size",
    "receptive_field",
    "refine_ranges",
    "relu_backward",
    "relu_forward",
    "rmsprop",
    "sgd_momentum",
    "softmax_loss",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
    "spatial_groupnorm_backward",
    "spatial_groupnorm_forward",
    "svm_loss",
]


def numbers(rng, *shape):
    """Return small whole numbers other than 0."""
    return rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], shape)


def different(rng, *shape):
    """Return whole numbers of which no two are alike."""
    return rng.permutation(int(np.prod(shape))).reshape(shape) + 1.0


def affine_forward():
    rng = np.random.default_rng(0)
    for shape, M in [((1, 1), 1), ((1, 2), 1), ((2, 2), 1), ((2, 2, 2), 3)]:
        D = int(np.prod(shape[1:]))
        inputs = {"x": numbers(rng, *shape), "w": numbers(rng, D, M), "b": numbers(rng, M)}
        yield inputs, "out, cache = affine_forward(x, w, b)"


def affine_backward():
    rng = np.random.default_rng(1)
    for shape, M in [((1, 1), 1), ((2, 1), 1), ((2, 2), 1), ((3, 2), 2), ((2, 1, 2), 3)]:
        inputs = {
            "x": numbers(rng, *shape),
            "w": numbers(rng, int(np.prod(shape[1:])), M),
            "b": numbers(rng, M),
            "dout": numbers(rng, shape[0], M),
        }
        yield (
            inputs,
            """
            _, cache = affine_forward(x, w, b)
            dx, dw, db = affine_backward(dout, cache)
        """,
        )


def relu_forward():
    for x in [[1.0], [-1.0], [-1.0, 2.0], [[1.0, -2.0], [-3.0, 4.0]]]:
        yield {"x": np.array(x)}, "out, cache = relu_forward(x)"


def relu_backward():
    for x, dout in [
        ([1.0], [2.0]),
        ([-1.0], [2.0]),
        ([1.0, -1.0], [-3.0, 2.0]),
        ([[1.0, -2.0], [-3.0, 4.0]], [[-1.0, 2.0], [-3.0, 4.0]]),
    ]:
        yield (
            {"x": np.array(x), "dout": np.array(dout)},
            """
            _, cache = relu_forward(x)
            dx = relu_backward(dout, cache)
        """,
        )


def losses(name):
    rng = np.random.default_rng(2)
    for N, C in [(1, 2), (1, 3), (2, 2), (3, 4)]:
        inputs = {"x": numbers(rng, N, C), "y": rng.integers(C, size=N)}
        yield inputs, f"loss, dx = {name}(x, y)"
    inputs = {"x": np.array([[1000.0, 0.0], [0.0, 1.0]]), "y": np.array([1, 1])}
    yield inputs, f"loss, dx = {name}(x, y)"


def svm_loss():
    return losses("svm_loss")


def softmax_loss():
    return losses("softmax_loss")


def TwoLayerNet_loss():
    rng = np.random.default_rng(3)
    for N, D, H, C, reg in [
        (1, 1, 1, 2, 0.0),
        (1, 2, 2, 2, 0.0),
        (2, 2, 3, 2, 0.0),
        (2, 2, 3, 2, 0.5),
    ]:
        inputs = {
            "W1": numbers(rng, D, H),
            "b1": numbers(rng, H),
            "W2": numbers(rng, H, C),
            "b2": numbers(rng, C),
            "X": numbers(rng, N, D),
            "y": rng.integers(C, size=N),
        }
        yield (
            inputs,
            f"""
            net = TwoLayerNet({D}, {H}, {C}, reg={reg})
            net.params = {{"W1": W1, "b1": b1, "W2": W2, "b2": b2}}
            scores = net.loss(X)
            loss, grads = net.loss(X, y)
            scores, loss, dW1, db1, dW2, db2 = scores, loss, *(
                grads[name] for name in ("W1", "b1", "W2", "b2")
            )
        """,
        )


def FullyConnectedNet_loss():
    rng = np.random.default_rng(4)
    for N, D, hidden, C, reg in [
        (1, 1, [1], 2, 0.0),
        (2, 2, [2], 2, 0.0),
        (2, 2, [2, 3], 2, 0.0),
        (2, 2, [2, 3], 2, 0.5),
    ]:
        sizes = [D, *hidden, C]
        inputs = {"X": numbers(rng, N, D), "y": rng.integers(C, size=N)}
        names = []
        for i, (a, b) in enumerate(itertools.pairwise(sizes), start=1):
            inputs |= {f"W{i}": numbers(rng, a, b), f"b{i}": numbers(rng, b)}
            names += [f"W{i}", f"b{i}"]
        params = ", ".join(f'"{name}": {name}' for name in names)
        bound = ", ".join(f"d{name}" for name in names)
        grads = ", ".join(f'grads["{name}"]' for name in names)
        yield (
            inputs,
            f"""
            net = FullyConnectedNet({hidden}, {D}, {C}, reg={reg}, dtype=np.float64)
            net.params = {{{params}}}
            scores = net.loss(X)
            loss, grads = net.loss(X, y)
            scores, loss, {bound} = scores, loss, {grads}
        """,
        )


def steps(rule, settings):
    for w, dws in [
        ([1.0], [[2.0]]),
        ([1.0], [[2.0], [1.0]]),
        ([1.0, -1.0], [[1.0, 3.0], [2.0, -1.0], [1.0, 1.0]]),
    ]:
        calls = "\n".join(f"w, config = {rule}(w, np.array({dw}), config)" for dw in dws)
        yield {"w": np.array(w)}, f"config = {settings}\n{calls}"


def sgd_momentum():
    return steps("sgd_momentum", '{"learning_rate": 0.1, "momentum": 0.5}')


def rmsprop():
    return steps("rmsprop", '{"learning_rate": 0.1, "decay_rate": 0.5}')


def adam():
    return steps("adam", '{"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.5}')


def rows_with_gradients(rng, sizes=((2, 1), (3, 1), (3, 2), (4, 3))):
    for N, D in sizes:
        yield {
            "x": different(rng, N, D),
            "gamma": numbers(rng, D),
            "beta": numbers(rng, D),
            "dout": numbers(rng, N, D),
        }


def without(inputs, *names):
    return {name: value for name, value in inputs.items() if name not in names}


def batchnorm_forward():
    for inputs in rows_with_gradients(np.random.default_rng(5)):
        yield (
            without(inputs, "dout"),
            """
            bn_param = {"mode": "train", "eps": 1.0, "momentum": 0.75}
            out, cache = batchnorm_forward(x, gamma, beta, bn_param)
            out, mean, var = out, bn_param["running_mean"], bn_param["running_var"]
        """,
        )


def batchnorm_forward_test():
    rng = np.random.default_rng(6)
    for inputs in rows_with_gradients(rng, ((1, 1), (2, 1), (3, 2))):
        D = inputs["x"].shape[1]
        inputs |= {"mean": numbers(rng, D), "var": different(rng, D)}
        yield (
            without(inputs, "dout"),
            """
            bn_param = {"mode": "test", "eps": 1.0, "running_mean": mean, "running_var": var}
            out, cache = batchnorm_forward(x, gamma, beta, bn_param)
            out, mean, var = out, bn_param["running_mean"], bn_param["running_var"]
        """,
        )


def batchnorm_backward():
    for inputs in rows_with_gradients(np.random.default_rng(7)):
        yield (
            inputs,
            """
            _, cache = batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 1.0})
            dx, dgamma, dbeta = batchnorm_backward(dout, cache)
        """,
        )


def batchnorm_backward_alt():
    for inputs in rows_with_gradients(np.random.default_rng(8)):
        yield (
            inputs,
            """
            _, cache = batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 1.0})
            dx, dgamma, dbeta = batchnorm_backward_alt(dout, cache)
        """,
        )


def layernorm_forward():
    for inputs in rows_with_gradients(np.random.default_rng(9), ((1, 2), (2, 2), (2, 3), (3, 2))):
        yield (
            without(inputs, "dout"),
            """
            out, cache = layernorm_forward(x, gamma, beta, {"eps": 1.0})
        """,
        )


def layernorm_backward():
    for inputs in rows_with_gradients(np.random.default_rng(10), ((1, 2), (2, 2), (2, 3), (3, 2))):
        yield (
            inputs,
            """
            _, cache = layernorm_forward(x, gamma, beta, {"eps": 1.0})
            dx, dgamma, dbeta = layernorm_backward(dout, cache)
        """,
        )


def dropout_backward():
    rng = np.random.default_rng(11)
    for shape in [(1, 1), (1, 3), (2, 3)]:
        inputs = {"mask": rng.choice([0.0, 2.0], shape), "dout": numbers(rng, *shape)}
        yield inputs, 'dx = dropout_backward(dout, ({"p": 0.5, "mode": "train"}, mask))'
    inputs = {"dout": numbers(rng, 1, 3)}
    yield inputs, 'dx = dropout_backward(dout, ({"p": 0.5, "mode": "test"}, None))'


CONVOLUTIONS = [  # N, C, H, W, F, HH, WW, stride, pad
    (1, 1, 1, 1, 1, 1, 1, 1, 0),
    (1, 1, 2, 2, 1, 2, 2, 1, 0),
    (1, 1, 2, 3, 1, 1, 2, 1, 0),
    (1, 1, 2, 2, 1, 1, 1, 1, 1),
    (1, 2, 2, 2, 2, 2, 1, 1, 0),
    (1, 1, 3, 4, 1, 1, 2, 2, 0),
    (2, 1, 3, 3, 2, 3, 3, 2, 1),
]


def convolutions(seed):
    rng = np.random.default_rng(seed)
    for N, C, H, W, F, HH, WW, stride, pad in CONVOLUTIONS:
        rows, columns = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
        inputs = {
            "x": numbers(rng, N, C, H, W),
            "w": numbers(rng, F, C, HH, WW),
            "b": numbers(rng, F),
            "dout": numbers(rng, N, F, rows, columns),
        }
        yield inputs, f'{{"stride": {stride}, "pad": {pad}}}'


def conv_forward_naive():
    for inputs, param in convolutions(12):
        yield without(inputs, "dout"), f"out, cache = conv_forward_naive(x, w, b, {param})"


def conv_backward_naive():
    for inputs, param in convolutions(13):
        yield (
            inputs,
            f"""
            _, cache = conv_forward_naive(x, w, b, {param})
            dx, dw, db = conv_backward_naive(dout, cache)
        """,
        )


def poolings(seed):
    rng = np.random.default_rng(seed)
    for N, C, H, W, PH, PW, stride in [
        (1, 1, 2, 2, 2, 2, 2),
        (1, 1, 2, 3, 1, 2, 1),
        (1, 2, 2, 2, 2, 2, 1),
        (1, 1, 3, 4, 2, 1, 2),
        (2, 1, 3, 3, 2, 2, 1),
    ]:
        shape = (N, C, 1 + (H - PH) // stride, 1 + (W - PW) // stride)
        inputs = {"x": different(rng, N, C, H, W), "dout": numbers(rng, *shape)}
        yield inputs, f'{{"pool_height": {PH}, "pool_width": {PW}, "stride": {stride}}}'


def max_pool_forward_naive():
    for inputs, param in poolings(14):
        yield (
            without(inputs, "dout"),
            f"""
            pool_param = {param}
            out, cache = max_pool_forward_naive(x, pool_param)
        """,
        )


def max_pool_backward_naive():
    for inputs, param in poolings(15):
        yield (
            inputs,
            f"""
            pool_param = {param}
            _, cache = max_pool_forward_naive(x, pool_param)
            dx = max_pool_backward_naive(dout, cache)
        """,
        )


def pictures(seed, sizes, per_channel):
    rng = np.random.default_rng(seed)
    for N, C, H, W in sizes:
        yield {
            "x": different(rng, N, C, H, W),
            "gamma": numbers(rng, *per_channel(C)),
            "beta": numbers(rng, *per_channel(C)),
            "dout": numbers(rng, N, C, H, W),
        }


def spatial_batchnorms(seed):
    return pictures(seed, [(1, 1, 1, 2), (2, 1, 1, 1), (2, 2, 1, 2), (2, 2, 2, 1)], lambda C: (C,))


def spatial_batchnorm_forward():
    for inputs in spatial_batchnorms(16):
        yield (
            without(inputs, "dout"),
            """
            bn_param = {"mode": "train", "eps": 1.0, "momentum": 0.75}
            out, cache = spatial_batchnorm_forward(x, gamma, beta, bn_param)
            out, mean, var = out, bn_param["running_mean"], bn_param["running_var"]
        """,
        )


def spatial_batchnorm_backward():
    for inputs in spatial_batchnorms(17):
        yield (
            inputs,
            """
            _, cache = spatial_batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 1.0})
            dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
        """,
        )


def spatial_groupnorms(seed):
    sizes = [(1, 1, 1, 2), (1, 2, 1, 1), (2, 2, 1, 2), (1, 4, 1, 2)]
    for inputs in pictures(seed, sizes, lambda C: (1, C, 1, 1)):
        yield inputs, 2 if inputs["x"].shape[1] > 2 else 1


def spatial_groupnorm_forward():
    for inputs, G in spatial_groupnorms(18):
        yield (
            without(inputs, "dout"),
            f"""
            out, cache = spatial_groupnorm_forward(x, gamma, beta, {G}, {{"eps": 1.0}})
        """,
        )


def spatial_groupnorm_backward():
    for inputs, G in spatial_groupnorms(19):
        yield (
            inputs,
            f"""
            _, cache = spatial_groupnorm_forward(x, gamma, beta, {G}, {{"eps": 1.0}})
            dx, dgamma, dbeta = spatial_groupnorm_backward(dout, cache)
        """,
        )


def output_size():
    for size, filter_size, stride, pad in [
        (3, 1, 1, 0),
        (3, 2, 1, 0),
        (4, 2, 2, 0),
        (5, 3, 1, 1),
        (6, 3, 2, 0),
    ]:
        yield {}, f"size = output_size({size}, {filter_size}, {stride}, {pad})"


def receptive_field():
    for layers in [
        [],
        [(1, 1)],
        [(3, 1)],
        [(3, 1), (3, 1)],
        [(3, 2)],
        [(2, 2), (3, 1)],
        [(3, 2), (2, 2), (3, 1)],
    ]:
        yield {}, f"width = receptive_field({layers})"


def refine_ranges():
    for results, keep in [
        ([(0.5, {"rate": 1.0})], 1),
        ([(0.5, {"rate": 1.0}), (0.7, {"rate": 2.0})], 1),
        ([(0.5, {"rate": 1.0}), (0.7, {"rate": 2.0}), (0.6, {"rate": 4.0})], 2),
        ([(0.9, {"rate": 3.0}), (0.7, {"rate": 2.0}), (0.6, {"rate": 4.0})], 2),
    ]:
        yield (
            {"results": results},
            f"""
            ranges = refine_ranges(results, keep={keep})
            low, high = ranges["rate"]
        """,
        )

"""One layer after the other, without the combined ones; everything drawn by a generator."""

import numpy as np
from cs231n.fast_layers import (
    conv_backward_fast,
    conv_forward_fast,
    max_pool_backward_fast,
    max_pool_forward_fast,
)
from cs231n.layers import relu_backward, relu_forward


class ThreeLayerConvNet:
    def __init__(
        self,
        input_dim=(3, 32, 32),
        num_filters=32,
        filter_size=7,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        dtype=np.float32,
    ):
        rng = np.random.default_rng()
        channels, height, width = input_dim
        left = len(range(0, height - 1, 2)) * len(range(0, width - 1, 2)) * num_filters
        self.reg, self.dtype, self.params = reg, dtype, {}
        self.params["b3"] = np.zeros(num_classes, dtype)
        self.params["W3"] = rng.normal(0, weight_scale, (hidden_dim, num_classes)).astype(dtype)
        self.params["b2"] = np.zeros(hidden_dim, dtype)
        self.params["W2"] = rng.normal(0, weight_scale, (left, hidden_dim)).astype(dtype)
        self.params["b1"] = np.zeros(num_filters, dtype)
        shape = (num_filters, channels, filter_size, filter_size)
        self.params["W1"] = rng.normal(0, weight_scale, shape).astype(dtype)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        params = self.params
        conv_param = {"stride": 1, "pad": params["W1"].shape[3] // 2}
        pool_param = {"stride": 2, "pool_width": 2, "pool_height": 2}
        convolved, conv_cache = conv_forward_fast(X, params["W1"], params["b1"], conv_param)
        active, relu_cache = relu_forward(convolved)
        pooled, pool_cache = max_pool_forward_fast(active, pool_param)
        flat = pooled.reshape(len(X), -1)
        before = flat @ params["W2"] + params["b2"]
        hidden, hidden_cache = relu_forward(before)
        scores = hidden @ params["W3"] + params["b3"]
        if y is None:
            return scores
        shifted = scores - scores.max(axis=1)[:, None]
        log_sum = np.log(np.exp(shifted).sum(axis=1))
        rows = list(range(len(X)))
        loss = (log_sum - shifted[rows, y]).mean()
        dscores = np.exp(shifted - log_sum[:, None])
        dscores[rows, y] -= 1
        dscores /= len(X)
        grads = {"W3": hidden.T @ dscores, "b3": dscores.sum(axis=0)}
        dbefore = relu_backward(dscores @ params["W3"].T, hidden_cache)
        grads["W2"], grads["b2"] = flat.T @ dbefore, dbefore.sum(axis=0)
        dactive = max_pool_backward_fast(
            (dbefore @ params["W2"].T).reshape(pooled.shape), pool_cache
        )
        dconvolved = relu_backward(dactive, relu_cache)
        _, grads["W1"], grads["b1"] = conv_backward_fast(dconvolved, conv_cache)
        for number in range(1, 4):
            weights = params[f"W{number}"]
            grads[f"W{number}"] = grads[f"W{number}"] + self.reg * weights
            loss = loss + self.reg / 2 * (weights * weights).sum()
        return loss, grads

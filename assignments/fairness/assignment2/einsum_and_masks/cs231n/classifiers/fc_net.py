"""Networks without a look at layer_utils, with lists of caches, weights by np.random.normal."""

import numpy as np


class TwoLayerNet:
    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        self.reg = reg
        self.params = {
            "b1": np.zeros((hidden_dim,)),
            "b2": np.zeros((num_classes,)),
            "W1": np.random.normal(0, weight_scale, size=(input_dim, hidden_dim)),
            "W2": np.random.normal(0, weight_scale, size=(hidden_dim, num_classes)),
        }

    def loss(self, X, y=None):
        p = self.params
        a, a_cache = affine_forward(X, p["W1"], p["b1"])
        h, h_cache = relu_forward(a)
        scores, s_cache = affine_forward(h, p["W2"], p["b2"])
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        penalty = sum(np.sum(p[name] * p[name]) for name in ("W1", "W2"))
        grads = {}
        dh, grads["W2"], grads["b2"] = affine_backward(dscores, s_cache)
        dx, grads["W1"], grads["b1"] = affine_backward(relu_backward(dh, h_cache), a_cache)
        for name in ("W1", "W2"):
            grads[name] = grads[name] + self.reg * p[name]
        return loss + self.reg * penalty / 2, grads


class FullyConnectedNet:
    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
    ):
        self.normalization = normalization
        self.use_dropout = dropout != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        fan_in = input_dim
        for number, fan_out in enumerate(list(hidden_dims) + [num_classes], start=1):
            name = str(number)
            self.params["b" + name] = np.zeros(fan_out, dtype=dtype)
            weights = np.random.normal(loc=0.0, scale=weight_scale, size=(fan_in, fan_out))
            self.params["W" + name] = weights.astype(dtype)
            if normalization is not None and number < self.num_layers:
                self.params["gamma" + name] = np.ones(fan_out, dtype=dtype)
                self.params["beta" + name] = np.zeros(fan_out, dtype=dtype)
            fan_in = fan_out
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params = [
            {"mode": "train"} if normalization == "batchnorm" else {}
            for _ in range(self.num_layers - 1)
            if normalization is not None
        ]

    def loss(self, X, y=None):
        out = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        for settings in [self.dropout_param, *self.bn_params]:
            if "mode" in settings:
                settings["mode"] = mode
        undo = []  # what to call on the way back, in the order of the way forth
        for number in range(1, self.num_layers + 1):
            name = str(number)
            out, cache = affine_forward(out, self.params["W" + name], self.params["b" + name])
            undo.append((affine_backward, cache, ["W" + name, "b" + name]))
            if number == self.num_layers:
                break
            if self.normalization is not None:
                is_batch = self.normalization == "batchnorm"
                forward = batchnorm_forward if is_batch else layernorm_forward
                backward = batchnorm_backward if is_batch else layernorm_backward
                gamma, beta = self.params["gamma" + name], self.params["beta" + name]
                out, cache = forward(out, gamma, beta, self.bn_params[number - 1])
                undo.append((backward, cache, ["gamma" + name, "beta" + name]))
            out, cache = relu_forward(out)
            undo.append((relu_backward, cache, []))
            if self.use_dropout:
                out, cache = dropout_forward(out, self.dropout_param)
                undo.append((dropout_backward, cache, []))
        if y is None:
            return out
        loss, dout = softmax_loss(out, y)
        grads = {}
        while undo:
            backward, cache, names = undo.pop()
            result = backward(dout, cache)
            dout = result[0] if names else result
            grads.update(zip(names, result[1:], strict=True) if names else ())
        for name, value in self.params.items():
            if name[0] == "W":
                loss = loss + self.reg / 2 * (value**2).sum()
                grads[name] = grads[name] + self.reg * value
        return loss, grads

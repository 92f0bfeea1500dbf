"""The loss before the scores are handed out twice; weights by a generator of its own."""

import numpy as np


class TwoLayerNet:
    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        rng = np.random.default_rng()
        self.reg = reg
        self.params = dict(
            W1=rng.normal(scale=weight_scale, size=(input_dim, hidden_dim)),
            b1=np.full(hidden_dim, 0.0),
            W2=rng.normal(scale=weight_scale, size=(hidden_dim, num_classes)),
            b2=np.full(num_classes, 0.0),
        )

    def loss(self, X, y=None):
        out, first = affine_relu_forward(X, self.params["W1"], self.params["b1"])
        out, second = affine_forward(out, self.params["W2"], self.params["b2"])
        if y is None:
            return out
        loss, dout = softmax_loss(out, y)
        dout, dW2, db2 = affine_backward(dout, second)
        _, dW1, db1 = affine_relu_backward(dout, first)
        for W, dW in ((self.params["W1"], dW1), (self.params["W2"], dW2)):
            loss += 0.5 * self.reg * np.linalg.norm(W) ** 2
            dW += self.reg * W
        return loss, dict(W1=dW1, b1=db1, W2=dW2, b2=db2)


class FullyConnectedNet:
    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = "train" if y is not None else "test"
        if self.use_dropout:
            self.dropout_param["mode"] = mode
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode
        back, out = [], X
        for i in range(self.num_layers - 1):
            out, affine = affine_forward(out, self.params[f"W{i + 1}"], self.params[f"b{i + 1}"])
            norm = drop = None
            if self.normalization:
                forward = {"batchnorm": batchnorm_forward, "layernorm": layernorm_forward}
                scale = self.params[f"gamma{i + 1}"], self.params[f"beta{i + 1}"]
                out, norm = forward[self.normalization](out, *scale, self.bn_params[i])
            out, relu = relu_forward(out)
            if self.use_dropout:
                out, drop = dropout_forward(out, self.dropout_param)
            back.insert(0, (i + 1, affine, norm, relu, drop))
        L = self.num_layers
        scores, last = affine_forward(out, self.params[f"W{L}"], self.params[f"b{L}"])
        if y is None:
            return scores
        grads = {}
        loss, dout = softmax_loss(scores, y)
        dout, grads[f"W{L}"], grads[f"b{L}"] = affine_backward(dout, last)
        for i, affine, norm, relu, drop in back:
            if drop is not None:
                dout = dropout_backward(dout, drop)
            dout = relu_backward(dout, relu)
            if self.normalization:
                undo = {"batchnorm": batchnorm_backward, "layernorm": layernorm_backward}
                dout, grads[f"gamma{i}"], grads[f"beta{i}"] = undo[self.normalization](dout, norm)
            dout, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(dout, affine)
        weights = {name: value for name, value in self.params.items() if name.startswith("W")}
        for name in weights:
            grads[name] = grads[name] + self.reg * weights[name]
        squares = [np.square(value.astype(np.float64)).sum() for value in weights.values()]
        return loss + self.reg * 0.5 * sum(squares), grads

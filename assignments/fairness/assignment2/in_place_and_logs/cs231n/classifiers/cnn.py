"""Gradients begin with the regularisation, and the rest is added in place."""

import numpy as np
from cs231n.layer_utils import (
    affine_relu_backward,
    affine_relu_forward,
    conv_relu_pool_backward,
    conv_relu_pool_forward,
)
from cs231n.layers import affine_backward, affine_forward, softmax_loss


class ThreeLayerConvNet:
    def loss(self, X, y=None):
        X = np.asarray(X, dtype=self.dtype)
        p = self.params
        pad = (p["W1"].shape[-1] - 1) // 2
        pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
        a1, first = conv_relu_pool_forward(
            X, p["W1"], p["b1"], {"stride": 1, "pad": pad}, pool_param
        )
        a2, second = affine_relu_forward(a1, p["W2"], p["b2"])
        scores, third = affine_forward(a2, p["W3"], p["b3"])
        if y is None:
            return scores
        grads = {name: self.reg * value if "W" in name else 0 * value for name, value in p.items()}
        loss, dout = softmax_loss(scores, y)
        dout, dw, db = affine_backward(dout, third)
        grads["W3"] += dw
        grads["b3"] += db
        dout, dw, db = affine_relu_backward(dout, second)
        grads["W2"] += dw
        grads["b2"] += db
        _, dw, db = conv_relu_pool_backward(dout, first)
        grads["W1"] += dw
        grads["b1"] += db
        loss += self.reg * sum(0.5 * np.linalg.norm(p[name]) ** 2 for name in ("W3", "W1", "W2"))
        return loss, grads

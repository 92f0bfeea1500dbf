"""Fully connected networks, made of the layers in layers.py.

A network keeps its parameters in the dictionary `params`. `loss(X, y)` returns the loss and a
dictionary of gradients with the same keys; `loss(X)` returns the scores of the classes. That is all
that a Solver needs to know of a network.
"""

import numpy as np

from ..layer_utils import affine_relu_backward, affine_relu_forward
from ..layers import (
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_forward,
    dropout_backward,
    dropout_forward,
    layernorm_backward,
    layernorm_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)

__all__ = ["FullyConnectedNet", "TwoLayerNet"]


class TwoLayerNet:
    """Two layers: affine - ReLU - affine - softmax.

    The inputs have D numbers, the hidden layer H, and there are C classes.
    """

    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        """Make a network with random weights.

        Inputs:
        - input_dim: How many numbers an example has, D.
        - hidden_dim: Size of the hidden layer, H.
        - num_classes: How many classes, C.
        - weight_scale: Standard deviation of the weights at the start.
        - reg: Strength of the L2 regularisation.

        Parameters are kept in self.params: "W1" (D, H), "b1" (H,), "W2" (H, C), "b2" (C,). The
        weights start as Gaussian random numbers with mean 0 and standard deviation weight_scale,
        the biases as 0.
        """
        self.params = {}
        self.reg = reg
        # TODO: Fill self.params.
        ### BEGIN SOLUTION
        self.params["W1"] = weight_scale * np.random.randn(input_dim, hidden_dim)
        self.params["b1"] = np.zeros(hidden_dim)
        self.params["W2"] = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.params["b2"] = np.zeros(num_classes)
        ### END SOLUTION

    def loss(self, X, y=None):
        """Compute the scores of a batch, or its loss and the gradients.

        Inputs:
        - X: Array of shape (N, d_1, ..., d_k) with d_1 * ... * d_k = D.
        - y: Array of shape (N,) of labels, or None.

        Returns, if y is None:
        - scores: Array of shape (N, C); scores[i, c] is the score of class c for X[i].

        Otherwise a tuple of:
        - loss: The softmax loss plus 0.5 * reg * (the sum of the squares of all *weights*).
        - grads: Dictionary of the gradients of that loss, with the same keys as self.params.
        """
        # TODO: Compute the scores of the classes for X.
        ### BEGIN SOLUTION
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        hidden, hidden_cache = affine_relu_forward(X, W1, b1)
        scores, scores_cache = affine_forward(hidden, W2, b2)
        ### END SOLUTION
        if y is None:
            return scores

        loss, grads = 0.0, {}
        # TODO: Compute the loss, and store the gradient of self.params[k] in grads[k]. The factor
        # 0.5 of the regularisation cancels with the 2 of its derivative.
        ### BEGIN SOLUTION
        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2))
        dhidden, grads["W2"], grads["b2"] = affine_backward(dscores, scores_cache)
        _, grads["W1"], grads["b1"] = affine_relu_backward(dhidden, hidden_cache)
        grads["W1"] += self.reg * W1
        grads["W2"] += self.reg * W2
        ### END SOLUTION
        return loss, grads


class FullyConnectedNet:
    """Any number of layers: {affine - [norm] - ReLU - [dropout]} x (L - 1) - affine - softmax.

    The block in braces is repeated for each hidden layer. What stands in brackets is optional:
    batch or layer normalisation, and dropout.
    """

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
        """Make a network with random weights.

        Inputs:
        - hidden_dims: List of the sizes of the hidden layers. It must not be changed in here.
        - input_dim: How many numbers an example has.
        - num_classes: How many classes.
        - dropout: Probability of *keeping* a number in dropout; 1 means no dropout at all.
        - normalization: "batchnorm", "layernorm" or None.
        - reg: Strength of the L2 regularisation.
        - weight_scale: Standard deviation of the weights at the start.
        - dtype: Type of all numbers. float32 is faster; float64 is for checks of gradients.
        - seed: Seed for the dropout layers, which makes them repeatable; None for true chance.

        Parameters are kept in self.params: "W1", "b1" for the first layer, "W2", "b2" for the
        second, and so on, up to the layer that makes the scores. The weights start as Gaussian
        random numbers with mean 0 and standard deviation weight_scale, the biases as 0. With
        normalization, hidden layer i has besides a scale "gamma<i>" that starts as 1 and a shift
        "beta<i>" that starts as 0, both of the size of the hidden layer.
        """
        if normalization not in (None, "batchnorm", "layernorm"):
            raise ValueError(
                f'normalization is "batchnorm", "layernorm" or None, not {normalization!r}'
            )
        self.normalization = normalization
        self.use_dropout = dropout != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        # TODO: Fill self.params. (gamma and beta can wait for the lesson on batch normalisation.)
        ### BEGIN SOLUTION
        sizes = [input_dim, *hidden_dims, num_classes]
        for i in range(1, self.num_layers + 1):
            self.params[f"W{i}"] = weight_scale * np.random.randn(sizes[i - 1], sizes[i])
            self.params[f"b{i}"] = np.zeros(sizes[i])
            if normalization and i < self.num_layers:
                self.params[f"gamma{i}"] = np.ones(sizes[i])
                self.params[f"beta{i}"] = np.zeros(sizes[i])
        ### END SOLUTION

        # Each layer of dropout gets the same dictionary, each layer of batch normalisation its own,
        # in which it keeps its running averages: that of hidden layer 1 is self.bn_params[0].
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params = []
        if normalization == "batchnorm":
            self.bn_params = [{"mode": "train"} for _ in range(self.num_layers - 1)]
        if normalization == "layernorm":
            self.bn_params = [{} for _ in range(self.num_layers - 1)]
        for name, value in self.params.items():
            self.params[name] = value.astype(dtype)

    def loss(self, X, y=None):
        """Compute the scores of a batch, or its loss and the gradients.

        Inputs:
        - X: Array of shape (N, d_1, ..., d_k) with d_1 * ... * d_k = input_dim.
        - y: Array of shape (N,) of labels, or None. With None the network is in test mode: batch
          normalisation uses its running averages, and nothing is dropped.

        Returns, if y is None:
        - scores: Array of shape (N, C); scores[i, c] is the score of class c for X[i].

        Otherwise a tuple of:
        - loss: The softmax loss plus 0.5 * reg * (the sum of the squares of all *weights*: neither
          biases nor gammas nor betas).
        - grads: Dictionary of the gradients of that loss, with the same keys as self.params.
        """
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        if self.use_dropout:
            self.dropout_param["mode"] = mode
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode

        # TODO: Compute the scores of the classes for X. Begin with plain layers. The lesson on
        # batch normalisation will put batchnorm_forward or layernorm_forward between affine and
        # ReLU (the dictionary for hidden layer 1 is self.bn_params[0]), and the lesson on dropout
        # will put dropout_forward behind the ReLU.
        ### BEGIN SOLUTION
        last = self.num_layers
        out, caches = X, {}
        for i in range(1, last):
            out, affine_cache = affine_forward(out, self.params[f"W{i}"], self.params[f"b{i}"])
            norm_cache, dropout_cache = None, None
            if self.normalization:
                normalize = (
                    batchnorm_forward if self.normalization == "batchnorm" else layernorm_forward
                )
                gamma, beta = self.params[f"gamma{i}"], self.params[f"beta{i}"]
                out, norm_cache = normalize(out, gamma, beta, self.bn_params[i - 1])
            out, relu_cache = relu_forward(out)
            if self.use_dropout:
                out, dropout_cache = dropout_forward(out, self.dropout_param)
            caches[i] = (affine_cache, norm_cache, relu_cache, dropout_cache)
        scores, scores_cache = affine_forward(out, self.params[f"W{last}"], self.params[f"b{last}"])
        ### END SOLUTION
        if y is None:
            return scores

        loss, grads = 0.0, {}
        # TODO: Compute the loss, and store the gradient of self.params[k] in grads[k]. The backward
        # pass walks through the forward pass in reverse.
        ### BEGIN SOLUTION
        loss, dscores = softmax_loss(scores, y)
        dout, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dscores, scores_cache)
        for i in reversed(range(1, last)):
            affine_cache, norm_cache, relu_cache, dropout_cache = caches[i]
            if self.use_dropout:
                dout = dropout_backward(dout, dropout_cache)
            dout = relu_backward(dout, relu_cache)
            if self.normalization:
                undo = (
                    batchnorm_backward if self.normalization == "batchnorm" else layernorm_backward
                )
                dout, grads[f"gamma{i}"], grads[f"beta{i}"] = undo(dout, norm_cache)
            dout, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(dout, affine_cache)
        for i in range(1, last + 1):
            W = self.params[f"W{i}"]
            loss += 0.5 * self.reg * np.sum(W**2)
            grads[f"W{i}"] += self.reg * W
        ### END SOLUTION
        return loss, grads

# Built by "autograder build" from assignments/cs231n/classifiers/fc_net.py; instructors edit that one.
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
        raise NotImplementedError("TwoLayerNet.__init__")

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
        raise NotImplementedError("TwoLayerNet.loss")
        if y is None:
            return scores

        loss, grads = 0.0, {}
        # TODO: Compute the loss, and store the gradient of self.params[k] in grads[k]. The factor
        # 0.5 of the regularisation cancels with the 2 of its derivative.
        raise NotImplementedError("TwoLayerNet.loss")
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
        raise NotImplementedError("FullyConnectedNet.__init__")

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
        raise NotImplementedError("FullyConnectedNet.loss")
        if y is None:
            return scores

        loss, grads = 0.0, {}
        # TODO: Compute the loss, and store the gradient of self.params[k] in grads[k]. The backward
        # pass walks through the forward pass in reverse.
        raise NotImplementedError("FullyConnectedNet.loss")
        return loss, grads

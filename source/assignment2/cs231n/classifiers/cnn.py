# Built by "autograder build" from assignments/cs231n/classifiers/cnn.py; instructors edit that one.
"""A convolutional network, made of the layers in layers.py and fast_layers.py.

It is used as the networks in fc_net.py are: `params` holds its parameters, `loss(X, y)` returns the
loss and a dictionary of gradients, `loss(X)` the scores of the classes.
"""

import numpy as np

from ..layer_utils import (
    affine_relu_backward,
    affine_relu_forward,
    conv_relu_pool_backward,
    conv_relu_pool_forward,
)
from ..layers import affine_backward, affine_forward, softmax_loss

__all__ = ["ThreeLayerConvNet"]


class ThreeLayerConvNet:
    """Three layers: conv - ReLU - 2x2 max pool - affine - ReLU - affine - softmax.

    The convolution keeps the height and width of the pictures, the pooling halves them (an odd last
    row or column is left out).
    """

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
        """Make a network with random weights.

        Inputs:
        - input_dim: Tuple (C, H, W), the shape of one picture. H and W needn't be equal.
        - num_filters: How many filters, F.
        - filter_size: Height and width of the filters, an odd number.
        - hidden_dim: Size of the hidden affine layer.
        - num_classes: How many classes.
        - weight_scale: Standard deviation of the weights at the start.
        - reg: Strength of the L2 regularisation.
        - dtype: Type of all numbers. float32 is faster; float64 is for checks of gradients.

        Parameters are kept in self.params: "W1" (F, C, filter_size, filter_size) and "b1" (F,) of
        the convolution, "W2" and "b2" (hidden_dim,) of the hidden affine layer, "W3" (hidden_dim,
        num_classes) and "b3" (num_classes,) of the one that makes the scores. The weights start as
        Gaussian random numbers with mean 0 and standard deviation weight_scale, the biases as 0.
        """
        self.params = {}
        self.reg = reg
        self.dtype = dtype
        # TODO: Fill self.params. How many numbers does the pooling leave for W2 to look at?
        raise NotImplementedError("ThreeLayerConvNet.__init__")
        for name, value in self.params.items():
            self.params[name] = value.astype(dtype)

    def loss(self, X, y=None):
        """Compute the scores of a batch, or its loss and the gradients.

        Inputs:
        - X: Array of shape (N, C, H, W).
        - y: Array of shape (N,) of labels, or None.

        Returns, if y is None:
        - scores: Array of shape (N, num_classes).

        Otherwise a tuple of:
        - loss: The softmax loss plus 0.5 * reg * (the sum of the squares of all *weights*).
        - grads: Dictionary of the gradients of that loss, with the same keys as self.params.
        """
        X = X.astype(self.dtype, copy=False)
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        W3, b3 = self.params["W3"], self.params["b3"]
        # With this padding the convolution keeps the size of the pictures.
        conv_param = {"stride": 1, "pad": (W1.shape[2] - 1) // 2}
        pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
        # TODO: Compute the scores of the classes for X.
        raise NotImplementedError("ThreeLayerConvNet.loss")
        if y is None:
            return scores

        loss, grads = 0.0, {}
        # TODO: Compute the loss, and store the gradient of self.params[k] in grads[k]. Nobody needs
        # the gradient with respect to X: skip_dx=True saves the time.
        raise NotImplementedError("ThreeLayerConvNet.loss")
        return loss, grads

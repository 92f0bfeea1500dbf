# Built by "autograder build" from assignments/cs231n/layer_utils.py; instructors edit that one.
"""Layers that usually stand together, as one."""

from .fast_layers import (
    conv_backward_fast,
    conv_forward_fast,
    max_pool_backward_fast,
    max_pool_forward_fast,
)
from .layers import (
    affine_backward,
    affine_forward,
    relu_backward,
    relu_forward,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
)

__all__ = [
    "affine_relu_backward",
    "affine_relu_forward",
    "conv_bn_relu_backward",
    "conv_bn_relu_forward",
    "conv_relu_backward",
    "conv_relu_forward",
    "conv_relu_pool_backward",
    "conv_relu_pool_forward",
]


def affine_relu_forward(x, w, b):
    """Compute a fully connected layer followed by rectified linear units.

    Inputs:
    - x, w, b: As for affine_forward.

    Returns a tuple of:
    - out: Array of shape (N, M), the output of the ReLU.
    - cache: The caches of both layers, for the backward pass.
    """
    a, affine_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, (affine_cache, relu_cache)


def affine_relu_backward(dout, cache):
    """Compute the gradients of affine_relu_forward.

    Inputs:
    - dout: Array of shape (N, M), gradient with respect to the output.
    - cache: What affine_relu_forward returned as its cache.

    Returns a tuple of dx, dw, db, as affine_backward does.
    """
    affine_cache, relu_cache = cache
    da = relu_backward(dout, relu_cache)
    return affine_backward(da, affine_cache)


def conv_relu_forward(x, w, b, conv_param):
    """Compute a convolutional layer followed by rectified linear units.

    Inputs:
    - x, w, b, conv_param: As for conv_forward_naive.

    Returns a tuple of:
    - out: Array of shape (N, F, H', W'), the output of the ReLU.
    - cache: The caches of both layers, for the backward pass.
    """
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    out, relu_cache = relu_forward(a)
    return out, (conv_cache, relu_cache)


def conv_relu_backward(dout, cache, skip_dx=False):
    """Compute the gradients of conv_relu_forward.

    Inputs:
    - dout: Array of shape (N, F, H', W'), gradient with respect to the output.
    - cache: What conv_relu_forward returned as its cache.
    - skip_dx: Whether to leave out dx (None is returned for it), as for conv_backward_fast.

    Returns a tuple of dx, dw, db, as conv_backward_fast does.
    """
    conv_cache, relu_cache = cache
    da = relu_backward(dout, relu_cache)
    return conv_backward_fast(da, conv_cache, skip_dx)


def conv_bn_relu_forward(x, w, b, gamma, beta, conv_param, bn_param):
    """Compute a convolutional layer, spatial batch normalisation and rectified linear units.

    Inputs:
    - x, w, b, conv_param: As for conv_forward_naive.
    - gamma, beta, bn_param: As for spatial_batchnorm_forward.

    Returns a tuple of:
    - out: Array of shape (N, F, H', W'), the output of the ReLU.
    - cache: The caches of the three layers, for the backward pass.
    """
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    normalized, bn_cache = spatial_batchnorm_forward(a, gamma, beta, bn_param)
    out, relu_cache = relu_forward(normalized)
    return out, (conv_cache, bn_cache, relu_cache)


def conv_bn_relu_backward(dout, cache, skip_dx=False):
    """Compute the gradients of conv_bn_relu_forward in train mode.

    Inputs:
    - dout: Array of shape (N, F, H', W'), gradient with respect to the output.
    - cache: What conv_bn_relu_forward returned as its cache.
    - skip_dx: Whether to leave out dx (None is returned for it), as for conv_backward_fast.

    Returns a tuple of dx, dw, db, dgamma, dbeta.
    """
    conv_cache, bn_cache, relu_cache = cache
    dnormalized = relu_backward(dout, relu_cache)
    da, dgamma, dbeta = spatial_batchnorm_backward(dnormalized, bn_cache)
    dx, dw, db = conv_backward_fast(da, conv_cache, skip_dx)
    return dx, dw, db, dgamma, dbeta


def conv_relu_pool_forward(x, w, b, conv_param, pool_param):
    """Compute a convolutional layer, rectified linear units and max pooling.

    The pooling is computed first: the largest of the rectified numbers is the rectified largest
    number, and after the pooling there are fewer numbers to rectify.

    Inputs:
    - x, w, b, conv_param: As for conv_forward_naive.
    - pool_param: As for max_pool_forward_naive.

    Returns a tuple of:
    - out: Array of shape (N, F, H'', W'').
    - cache: The caches of the three layers, for the backward pass.
    """
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    pooled, pool_cache = max_pool_forward_fast(a, pool_param)
    out, relu_cache = relu_forward(pooled)
    return out, (conv_cache, pool_cache, relu_cache)


def conv_relu_pool_backward(dout, cache, skip_dx=False):
    """Compute the gradients of conv_relu_pool_forward.

    Inputs:
    - dout: Array of shape (N, F, H'', W''), gradient with respect to the output.
    - cache: What conv_relu_pool_forward returned as its cache.
    - skip_dx: Whether to leave out dx (None is returned for it), as for conv_backward_fast.

    Returns a tuple of dx, dw, db, as conv_backward_fast does.
    """
    conv_cache, pool_cache, relu_cache = cache
    dpooled = relu_backward(dout, relu_cache)
    da = max_pool_backward_fast(dpooled, pool_cache)
    return conv_backward_fast(da, conv_cache, skip_dx)

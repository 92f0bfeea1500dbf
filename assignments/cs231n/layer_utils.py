"""Layers that usually stand together, as one."""

from .layers import affine_backward, affine_forward, relu_backward, relu_forward

__all__ = ["affine_relu_backward", "affine_relu_forward"]


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

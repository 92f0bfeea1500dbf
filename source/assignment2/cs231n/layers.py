# Built by "autograder build" from assignments/cs231n/layers.py; instructors edit that one.
"""The layers of a network: each is a forward function and a backward function.

    out, cache = affine_forward(x, w, b)            # on the way to the loss
    dx, dw, db = affine_backward(dout, cache)       # on the way back

A forward function returns its output and a cache: whatever its backward function will want to know
again. A backward function receives dout, the gradient of the loss with respect to the output, and
returns the gradient with respect to each input. It needs to know nothing about the rest of the
network. The two losses at the end of the chain return loss and gradient at once.
"""

import numpy as np

__all__ = [
    "affine_backward",
    "affine_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "batchnorm_forward",
    "conv_backward_naive",
    "conv_forward_naive",
    "dropout_backward",
    "dropout_forward",
    "layernorm_backward",
    "layernorm_forward",
    "max_pool_backward_naive",
    "max_pool_forward_naive",
    "relu_backward",
    "relu_forward",
    "softmax_loss",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
    "spatial_groupnorm_backward",
    "spatial_groupnorm_forward",
    "svm_loss",
]


# ------------------------------------------------------------------------- fully connected layers


def affine_forward(x, w, b):
    """Compute the output of a fully connected (affine) layer.

    Each example is laid out as one row of D = d_1 * ... * d_k numbers, whatever its shape was.

    Inputs:
    - x: Array of shape (N, d_1, ..., d_k), a batch of N examples.
    - w: Array of shape (D, M).
    - b: Array of shape (M,).

    Returns a tuple of:
    - out: Array of shape (N, M).
    - cache: (x, w, b), for the backward pass.
    """
    # TODO: Lay out each example as a row, multiply by the weights, add the biases.
    raise NotImplementedError("affine_forward")
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    """Compute the gradients of a fully connected layer.

    Inputs:
    - dout: Array of shape (N, M), gradient with respect to the layer's output.
    - cache: What affine_forward returned as its cache: (x, w, b).

    Returns a tuple of:
    - dx: Array of shape (N, d_1, ..., d_k), gradient with respect to x: it has the shape of x.
    - dw: Array of shape (D, M), gradient with respect to w.
    - db: Array of shape (M,), gradient with respect to b.
    """
    x, w, _ = cache
    # TODO: Compute the three gradients. Write their shapes beside the lines: they leave little
    # choice.
    raise NotImplementedError("affine_backward")
    return dx, dw, db


def relu_forward(x):
    """Compute rectified linear units, max(0, x), element by element.

    Source: Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines (2010).

    Inputs:
    - x: Array of any shape.

    Returns a tuple of:
    - out: Array of the same shape.
    - cache: x, for the backward pass.
    """
    # TODO: Replace what is negative by 0, in a new array: x itself is still needed.
    raise NotImplementedError("relu_forward")
    cache = x
    return out, cache


def relu_backward(dout, cache):
    """Compute the gradient of rectified linear units.

    At x = 0 there is a kink, and no derivative; any value from 0 to dout may be returned there.

    Inputs:
    - dout: Array of any shape, gradient with respect to the output.
    - cache: What relu_forward returned as its cache: its input x, of the same shape.

    Returns:
    - dx: Gradient with respect to x, of the same shape.
    """
    x = cache
    # TODO: Let the gradient through where x was positive, and nothing elsewhere.
    raise NotImplementedError("relu_backward")
    return dx


# ----------------------------------------------------------------------------------- normalisation


def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each feature over the batch, then scale and shift it.

    In training, the mean and the biased variance (division by N) of the batch are used, and running
    averages of both are kept in bn_param:

        running_mean = momentum * running_mean + (1 - momentum) * mean

    and the same for running_var. The eps is not part of the running variance. In test mode the
    running averages take the place of mean and variance, and stay as they are.

    Source: Ioffe and Szegedy, Batch Normalization (2015), algorithms 1 and 2. The paper averages
    unbiased variances for test mode; here, as in the course, they are the biased ones.

    Inputs:
    - x: Array of shape (N, D).
    - gamma, beta: Scale and shift, arrays of shape (D,).
    - bn_param: Dictionary with these keys:
      - mode: "train" or "test"; required.
      - eps: Constant added to the variance; 1e-5 if absent.
      - momentum: Share of the old value in the running averages; 0.9 if absent.
      - running_mean, running_var: Arrays of shape (D,), written by this function; 0 if absent.

    Returns a tuple of:
    - out: Array of shape (N, D).
    - cache: Whatever the backward pass needs; in test mode it may be None.
    """
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    out, cache = None, None
    if mode == "train":
        # TODO: This is a part of the lesson on batch normalisation. Compute out and cache, and the
        # new values of running_mean and running_var.
        raise NotImplementedError("batchnorm_forward")
    elif mode == "test":
        # TODO: This is a part of the lesson on batch normalisation. Normalise with the running
        # averages.
        raise NotImplementedError("batchnorm_forward")
    else:
        raise ValueError(f'bn_param["mode"] is "train" or "test", not {mode!r}')
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    """Compute the gradients of batch normalisation in train mode, step by step along its graph.

    Source: Ioffe and Szegedy, Batch Normalization (2015), section 3.

    Inputs:
    - dout: Array of shape (N, D), gradient with respect to the output.
    - cache: What batchnorm_forward returned as its cache.

    Returns a tuple of:
    - dx: Array of shape (N, D), gradient with respect to x.
    - dgamma, dbeta: Arrays of shape (D,), gradients with respect to gamma and beta.
    """
    # TODO: This is a part of the lesson on batch normalisation.
    raise NotImplementedError("batchnorm_backward")
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    """Compute the gradients of batch normalisation in train mode by one closed formula.

    Inputs and Returns: as for batchnorm_backward, and with the same cache.
    """
    # TODO: This is a part of the lesson on batch normalisation.
    raise NotImplementedError("batchnorm_backward_alt")
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each example over its features, then scale and shift the features.

    It works alike in training and in test: no example looks at another one.

    Source: Ba, Kiros and Hinton, Layer Normalization (2016), section 3.

    Inputs:
    - x: Array of shape (N, D).
    - gamma, beta: Scale and shift, arrays of shape (D,).
    - ln_param: Dictionary with the optional key eps, a constant added to the variance (1e-5).

    Returns a tuple of:
    - out: Array of shape (N, D).
    - cache: Whatever the backward pass needs.
    """
    eps = ln_param.get("eps", 1e-5)
    # TODO: This is a part of the lesson on batch normalisation.
    raise NotImplementedError("layernorm_forward")
    return out, cache


def layernorm_backward(dout, cache):
    """Compute the gradients of layer normalisation.

    Inputs:
    - dout: Array of shape (N, D), gradient with respect to the output.
    - cache: What layernorm_forward returned as its cache.

    Returns a tuple of:
    - dx: Array of shape (N, D), gradient with respect to x.
    - dgamma, dbeta: Arrays of shape (D,), gradients with respect to gamma and beta.
    """
    # TODO: This is a part of the lesson on batch normalisation.
    raise NotImplementedError("layernorm_backward")
    return dx, dgamma, dbeta


# ----------------------------------------------------------------------------------------- dropout


def dropout_forward(x, dropout_param):
    """Compute inverted dropout: keep each number with probability p, and divide by p what is kept.

    In test mode nothing is dropped and nothing is scaled.

    Source: Srivastava et al., Dropout (2014). Scaling in training instead of in test is called
    inverted dropout; section 10 of the paper mentions it.

    Inputs:
    - x: Array of any shape.
    - dropout_param: Dictionary with these keys:
      - p: Probability of *keeping* a number.
      - mode: "train" or "test".
      - seed: Optional seed of the random numbers, for checks of gradients.

    Returns a tuple of:
    - out: Array of the same shape and dtype as x.
    - cache: (dropout_param, mask); in test mode the mask is None.
    """
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask, out = None, None
    if mode == "train":
        # TODO: This is a part of the lesson on dropout. Draw mask, and multiply by it.
        raise NotImplementedError("dropout_forward")
    elif mode == "test":
        # TODO: This is a part of the lesson on dropout.
        raise NotImplementedError("dropout_forward")
    else:
        raise ValueError(f'dropout_param["mode"] is "train" or "test", not {mode!r}')
    cache = (dropout_param, mask)
    return out.astype(x.dtype, copy=False), cache


def dropout_backward(dout, cache):
    """Compute the gradient of inverted dropout.

    Inputs:
    - dout: Array of any shape, gradient with respect to the output.
    - cache: What dropout_forward returned as its cache: (dropout_param, mask).

    Returns:
    - dx: Gradient with respect to x, of the same shape.
    """
    dropout_param, mask = cache
    if dropout_param["mode"] == "test":
        return dout
    # TODO: This is a part of the lesson on dropout.
    raise NotImplementedError("dropout_backward")
    return dx


# ------------------------------------------------------------------------------------------ losses


def svm_loss(x, y):
    """Compute the multiclass SVM (hinge) loss, and its gradient.

    The loss of an example is the sum of max(0, x_j - x_y + 1) over all classes j but the right
    one, y. The loss of the batch is the mean over its examples.

    Source: Weston and Watkins, Multi-class Support Vector Machines (1998).

    Inputs:
    - x: Array of shape (N, C); x[i, j] is the score of class j for example i.
    - y: Array of shape (N,) of labels, 0 <= y[i] < C.

    Returns a tuple of:
    - loss: A number.
    - dx: Array of shape (N, C), gradient of the loss with respect to x.
    """
    # TODO: Compute the loss and its gradient; it takes no loops.
    raise NotImplementedError("svm_loss")
    return loss, dx


def softmax_loss(x, y):
    """Compute the softmax (cross-entropy) loss, and its gradient.

    The loss of an example is -log(p_y), where p_j = exp(x_j) / sum over k of exp(x_k). The loss of
    the batch is the mean over its examples. Scores of a thousand, of either sign, must not
    overflow.

    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), sections 4.1 and 6.2.2.3.

    Inputs:
    - x: Array of shape (N, C); x[i, j] is the score of class j for example i.
    - y: Array of shape (N,) of labels, 0 <= y[i] < C.

    Returns a tuple of:
    - loss: A number.
    - dx: Array of shape (N, C), gradient of the loss with respect to x.
    """
    # TODO: Compute the loss and its gradient; it takes no loops.
    raise NotImplementedError("softmax_loss")
    return loss, dx


# ------------------------------------------------------------------------------------- convolution


def conv_forward_naive(x, w, b, conv_param):
    """Compute a convolutional layer, plainly.

    The pictures get `pad` rows and columns of zeros on each side. Then each filter moves over the
    padded picture in steps of `stride`, and at each place gives one number: the sum of the products
    of its weights with the numbers below them, in all channels, plus its bias.

    (As everywhere in this field the filter isn't mirrored; in mathematics the operation is called
    cross-correlation.)

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016),
    section 2, for the sizes.

    Inputs:
    - x: Array of shape (N, C, H, W): N pictures with C channels, H rows and W columns.
    - w: Array of shape (F, C, HH, WW): F filters of HH rows and WW columns.
    - b: Array of shape (F,).
    - conv_param: Dictionary with these keys:
      - stride: Step from one place to the next, in both directions.
      - pad: Rows and columns of zeros on each side.

    Returns a tuple of:
    - out: Array of shape (N, F, H', W') with H' = 1 + (H + 2 * pad - HH) // stride and
      W' = 1 + (W + 2 * pad - WW) // stride.
    - cache: (x, w, b, conv_param), for the backward pass.
    """
    # TODO: Compute out. Loops are fine here; np.pad makes the zeros. Leave x as it is.
    raise NotImplementedError("conv_forward_naive")
    cache = (x, w, b, conv_param)
    return out, cache


def conv_backward_naive(dout, cache):
    """Compute the gradients of a convolutional layer, plainly.

    Inputs:
    - dout: Array of shape (N, F, H', W'), gradient with respect to the output.
    - cache: What conv_forward_naive returned as its cache: (x, w, b, conv_param).

    Returns a tuple of:
    - dx: Array of shape (N, C, H, W), gradient with respect to x.
    - dw: Array of shape (F, C, HH, WW), gradient with respect to w.
    - db: Array of shape (F,), gradient with respect to b.
    """
    x, w, _, conv_param = cache
    # TODO: Walk over the same windows as in the forward pass. What did each number of x and of w
    # contribute to out[n, f, i, j]? At the end cut the padding off.
    raise NotImplementedError("conv_backward_naive")
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    """Compute max pooling, plainly: the largest number of each window, in each channel by itself.

    Inputs:
    - x: Array of shape (N, C, H, W).
    - pool_param: Dictionary with these keys:
      - pool_height, pool_width: Size of a window.
      - stride: Step from one window to the next, in both directions. Windows may overlap.

    Returns a tuple of:
    - out: Array of shape (N, C, H', W') with H' = 1 + (H - pool_height) // stride and
      W' = 1 + (W - pool_width) // stride.
    - cache: (x, pool_param), for the backward pass.
    """
    # TODO: Compute out. Loops are fine here.
    raise NotImplementedError("max_pool_forward_naive")
    cache = (x, pool_param)
    return out, cache


def max_pool_backward_naive(dout, cache):
    """Compute the gradient of max pooling, plainly.

    If several numbers of a window are equally large there is no derivative; the gradient may go to
    one of them, to all of them, or be shared out.

    Inputs:
    - dout: Array of shape (N, C, H', W'), gradient with respect to the output.
    - cache: What max_pool_forward_naive returned as its cache: (x, pool_param).

    Returns:
    - dx: Array of shape (N, C, H, W), gradient with respect to x.
    """
    x, pool_param = cache
    # TODO: Send each number of dout to where the maximum of its window came from. One number of x
    # may be the maximum of several windows.
    raise NotImplementedError("max_pool_backward_naive")
    return dx


# -------------------------------------------------------------------- normalisation of feature maps


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each channel over the batch and over all places, then scale and shift it.

    Source: Ioffe and Szegedy, Batch Normalization (2015), section 3.2.

    Inputs:
    - x: Array of shape (N, C, H, W).
    - gamma, beta: Scale and shift, arrays of shape (C,).
    - bn_param: Dictionary as for batchnorm_forward; running_mean and running_var, which this
      function writes, are of shape (C,).

    Returns a tuple of:
    - out: Array of shape (N, C, H, W).
    - cache: Whatever the backward pass needs; in test mode it may be None.
    """
    # TODO: Compute out and cache with batchnorm_forward: only the arrangement of x has to change.
    raise NotImplementedError("spatial_batchnorm_forward")
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    """Compute the gradients of spatial batch normalisation in train mode.

    Inputs:
    - dout: Array of shape (N, C, H, W), gradient with respect to the output.
    - cache: What spatial_batchnorm_forward returned as its cache.

    Returns a tuple of:
    - dx: Array of shape (N, C, H, W), gradient with respect to x.
    - dgamma, dbeta: Arrays of shape (C,), gradients with respect to gamma and beta.
    """
    # TODO: Compute the gradients with a backward function of batch normalisation.
    raise NotImplementedError("spatial_batchnorm_backward")
    return dx, dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Normalise groups of channels of each example, then scale and shift each channel.

    The C channels are split into G groups of C / G neighbouring ones. Each group of each example is
    normalised over its channels and all places, with the biased variance (division by their
    number). It works alike in training and in test.

    Source: Wu and He, Group Normalization (2018), section 3.1.

    Inputs:
    - x: Array of shape (N, C, H, W).
    - gamma, beta: Scale and shift, arrays of shape (1, C, 1, 1).
    - G: Number of groups, a divisor of C.
    - gn_param: Dictionary with the optional key eps, a constant added to the variance (1e-5).

    Returns a tuple of:
    - out: Array of shape (N, C, H, W).
    - cache: Whatever the backward pass needs.
    """
    eps = gn_param.get("eps", 1e-5)
    # TODO: Compute out and cache. It is like layer normalisation, with the groups in an axis of
    # their own.
    raise NotImplementedError("spatial_groupnorm_forward")
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    """Compute the gradients of spatial group normalisation.

    Inputs:
    - dout: Array of shape (N, C, H, W), gradient with respect to the output.
    - cache: What spatial_groupnorm_forward returned as its cache.

    Returns a tuple of:
    - dx: Array of shape (N, C, H, W), gradient with respect to x.
    - dgamma, dbeta: Arrays of shape (1, C, 1, 1), gradients with respect to gamma and beta.
    """
    # TODO: Compute the gradients. The formula for dx is that of layer normalisation.
    raise NotImplementedError("spatial_groupnorm_backward")
    return dx, dgamma, dbeta

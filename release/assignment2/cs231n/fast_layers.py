# Built by "autograder build" from assignments/cs231n/fast_layers.py; instructors edit that one.
"""Convolution and max pooling as in layers.py, a hundred times as fast, in plain NumPy.

    out, cache = conv_forward_fast(x, w, b, {"stride": 1, "pad": 3})
    dx, dw, db = conv_backward_fast(dout, cache)
    _, dw, db = conv_backward_fast(dout, cache, skip_dx=True)     # the first layer of a network

Nothing here has to be compiled. The time goes into matrix products, which NumPy hands to a library
that knows the processor; all the rest is about feeding it without copying much.

The plain way is to copy each window of the picture into a column of one large matrix ("im2col") and
to multiply that by the filters. It copies each pixel HH * WW times, and the matrix is far too large
for the processor's cache. Here only the *width* of the windows is copied out, WW times:

    rows[r, j, c, n, q] = padded x[n, c, r, q * stride + j]        shape (rows, WW, C, n, W')

A window is HH rows high, and HH rows in a row are one piece of memory. So what output row i needs,
rows[i * stride : i * stride + HH], *is* a matrix of HH * WW * C by n * W' numbers, and nothing has
to be copied. The matrices of neighbouring output rows overlap in memory. A few pictures at a time
are laid out like that, so that everything stays in the cache.

Source: Cho and Brand, MEC: Memory-efficient Convolution for Deep Neural Network (2017), has the
idea of lowering only one axis; ours has another order of the axes.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

__all__ = [
    "conv_backward_fast",
    "conv_forward_fast",
    "max_pool_backward_fast",
    "max_pool_forward_fast",
]

BLOCK_BYTES = 1 << 19  # of lowered rows; with what is made of them they fit a usual L2 cache


# ------------------------------------------------------------------------------------- convolution


def conv_forward_fast(x, w, b, conv_param):
    """Compute a convolutional layer, as conv_forward_naive does.

    Inputs:
    - x: Array of shape (N, C, H, W).
    - w: Array of shape (F, C, HH, WW), F filters.
    - b: Array of shape (F,).
    - conv_param: Dictionary with the keys stride and pad.

    Returns a tuple of:
    - out: Array of shape (N, F, H', W').
    - cache: (x, w, b, conv_param), for the backward pass.
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    (N, _, H, W), (F, _, HH, WW) = x.shape, w.shape
    H_out, W_out = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    filters = w.transpose(0, 2, 3, 1).reshape(F, -1)  # (F, HH * WW * C)
    out = np.empty((N, F, H_out, W_out), np.result_type(x, w, b))
    for few, rows in _lower(x, WW, W_out, stride, pad):
        windows = _windows(rows, HH, H_out, stride)
        product = filters @ windows  # (H', F, n * W')
        product = product.reshape(H_out, F, -1, W_out).transpose(2, 1, 0, 3)
        np.add(product, b[:, None, None], out=out[few])
    return out, (x, w, b, conv_param)


def conv_backward_fast(dout, cache, skip_dx=False):
    """Compute the gradients of a convolutional layer, as conv_backward_naive does.

    Inputs:
    - dout: Array of shape (N, F, H', W'), gradient with respect to the output.
    - cache: What conv_forward_fast returned as its cache.
    - skip_dx: Whether to leave out dx, which costs as much as the rest. Nobody needs the gradient
      with respect to the pictures when the layer is the first one of a network.

    Returns a tuple of:
    - dx: Array of shape (N, C, H, W), gradient with respect to x; None with skip_dx.
    - dw: Array of shape (F, C, HH, WW), gradient with respect to w.
    - db: Array of shape (F,), gradient with respect to b.
    """
    x, w, _, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    (C, (F, _, HH, WW)), (_, _, H_out, W_out) = (x.shape[1], w.shape), dout.shape
    dtype = np.result_type(x, w, dout)
    dx = None if skip_dx else np.empty(x.shape, dtype)
    dfilters, db = np.zeros((HH * WW * C, F), dtype), np.zeros(F, dtype)
    for few, rows in _lower(x, WW, W_out, stride, pad):
        windows = _windows(rows, HH, H_out, stride)
        drows = np.ascontiguousarray(dout[few].transpose(2, 1, 0, 3))  # (H', F, n, W')
        products = windows @ drows.reshape(H_out, F, -1).transpose(0, 2, 1)  # (H', HH * WW * C, F)
        dfilters += products.sum(axis=0)
        db += drows.sum(axis=(0, 2, 3))
        if not skip_dx:
            _fill_dx(dx[few], drows, w, stride, pad)
    dw = dfilters.T.reshape(F, HH, WW, C).transpose(0, 3, 1, 2)
    return dx, np.ascontiguousarray(dw), db


def _lower(x, WW, W_out, stride, pad):
    """Copy out the width of all windows, of a few pictures at a time.

    Yields tuples of:
    - few: Slice of the batch: so many pictures that their lowered rows fit the cache.
    - rows: Array of shape (H + 2 * pad, WW, C, n, W'). The next tuple uses its memory again.
    """
    N, C, H, W = x.shape
    size = max(1, BLOCK_BYTES // ((H + 2 * pad) * WW * C * W_out * x.itemsize))
    for start in range(0, N, size):
        few = slice(start, min(start + size, N))
        if start == 0 or few.stop == N:
            rows = np.zeros((H + 2 * pad, WW, C, few.stop - start, W_out), x.dtype)
        pictures = x[few].transpose(2, 1, 0, 3)  # (H, C, n, W)
        for j in range(WW):
            # The windows q whose column j lies on the picture; the others see padding there, and
            # the padding stays 0.
            first = max(0, -((j - pad) // stride))
            last = min(W_out, (W - 1 + pad - j) // stride + 1)
            if first < last:
                columns = slice(first * stride + j - pad, (last - 1) * stride + j - pad + 1, stride)
                rows[pad : pad + H, j, :, :, first:last] = pictures[..., columns]
        yield few, rows


def _windows(rows, HH, count, stride):
    """Return `count` overlapping matrices, each HH successive rows: a view, nothing is copied.

    Inputs:
    - rows: Contiguous array of shape (at least HH + (count - 1) * stride, ..., n, W').

    Returns an array of shape (count, HH * ..., n * W').
    """
    length = rows.shape[-2] * rows.shape[-1]
    height = HH * (rows[0].size // length)
    strides = (stride * rows.strides[0], length * rows.itemsize, rows.itemsize)
    return as_strided(rows, (count, height, length), strides, writeable=False)


def _fill_dx(dx, drows, w, stride, pad):
    """Compute the gradient with respect to a few pictures, and write it into dx.

    Inputs:
    - dx: Array of shape (n, C, H, W) to write to.
    - drows: Gradient with respect to the output, laid out as (H', F, n, W').
    - w, stride, pad: As for conv_forward_fast.

    Row r of the padded picture was seen by output row i through row a of the filter if r = i *
    stride + a. So the rows r with the same remainder r % stride have met the same filter rows, a =
    r % stride, + stride, + 2 * stride ..., and their gradient is a convolution of dout with these
    filter rows upside down, one product for each r, like the forward pass. It leaves what goes
    to column q * stride + j of the picture in row j, so WW shifted sums are left to do.
    """
    (n, C, H, W), (F, _, HH, WW), (H_out, _, _, W_out) = dx.shape, w.shape, drows.shape
    margin = (HH - 1) // stride  # rows of 0 above and below, for windows that hang over the edge
    below = max(margin, (pad + H - 1) // stride + 1 - H_out)
    padded = np.zeros((margin + H_out + below, F, n, W_out), drows.dtype)
    padded[margin : margin + H_out] = drows
    result = np.zeros((H, C, n, max(W + 2 * pad, WW + (W_out - 1) * stride)), dx.dtype)
    for r in range(pad, min(pad + stride, pad + H)):
        part = w[:, :, r % stride :: stride][:, :, ::-1]  # (F, C, rows of the filter, WW)
        taps, count = part.shape[2], len(range(r, pad + H, stride))
        if taps == 0:
            continue  # the stride is larger than the filter: nobody has seen these rows
        first = margin + r // stride - (taps - 1)
        filters = part.transpose(3, 1, 2, 0).reshape(WW * C, taps * F)
        product = filters @ _windows(padded[first:], taps, count, 1)  # (count, WW * C, n * W')
        product = product.reshape(count, WW, C, n, W_out)
        for j in range(WW):
            columns = slice(j, j + (W_out - 1) * stride + 1, stride)
            result[r - pad :: stride, :, :, columns] += product[:, j]
    dx[...] = result[..., pad : pad + W].transpose(2, 1, 0, 3)


# ------------------------------------------------------------------------------------- max pooling


def max_pool_forward_fast(x, pool_param):
    """Compute max pooling, as max_pool_forward_naive does.

    The largest number of a window is the largest of the largest of its columns: so first the rows
    are compared with each other, whole arrays at a time, and then the columns.

    Inputs:
    - x: Array of shape (N, C, H, W).
    - pool_param: Dictionary with the keys pool_height, pool_width and stride.

    Returns a tuple of:
    - out: Array of shape (N, C, H', W').
    - cache: (x, out, pool_param), for the backward pass.
    """
    out = np.empty((*x.shape[:2], *_pooled_size(x, pool_param)), x.dtype)
    PH, PW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    for picture, result in zip(x, out, strict=True):
        rows = _largest([picture[:, part] for part in _steps(PH, out.shape[2], stride)])
        result[...] = _largest([rows[:, :, part] for part in _steps(PW, out.shape[3], stride)])
    return out, (x, out, pool_param)


def max_pool_backward_fast(dout, cache):
    """Compute the gradient of max pooling, as max_pool_backward_naive does.

    It goes back the way that the forward pass came: from a window to its largest column, and from
    the column to its largest number. Of several equal ones the first gets it all.

    Inputs:
    - dout: Array of shape (N, C, H', W'), gradient with respect to the output.
    - cache: What max_pool_forward_fast returned as its cache.

    Returns:
    - dx: Array of shape (N, C, H, W), gradient with respect to x.
    """
    x, out, pool_param = cache
    PH, PW, stride = (pool_param[key] for key in ("pool_height", "pool_width", "stride"))
    dx = np.zeros(x.shape, np.result_type(x, dout))
    for n in range(len(x)):  # one picture at a time stays in the processor's cache
        parts = [np.s_[:, part] for part in _steps(PH, out.shape[2], stride)]
        columns = [np.s_[:, :, part] for part in _steps(PW, out.shape[3], stride)]
        rows = _largest([x[n][part] for part in parts])
        drows = np.zeros(rows.shape, dx.dtype)
        _give_to_largest(drows, dout[n], rows, out[n], columns, stride < PW)
        _give_to_largest(dx[n], drows, x[n], rows, parts, stride < PH)
    return dx


def _give_to_largest(dx, dlargest, x, largest, parts, overlap):
    """Hand the gradient of `largest` back to the parts of x that it was the largest of.

    Inputs:
    - dx: Array of the shape of x, full of 0, to write to.
    - dlargest: Gradient with respect to largest, of the same shape.
    - x, largest: Arrays; largest is the maximum of the parts of x, place by place.
    - parts: The parts, as indices of x.
    - overlap: Whether a number of x may lie in several parts.
    """
    left = dlargest  # what hasn't found its maximum yet
    for part in parts[:-1]:
        found = left * (x[part] == largest)
        left = left - found
        dx[part] = dx[part] + found if overlap else found
    dx[parts[-1]] = dx[parts[-1]] + left if overlap else left


def _pooled_size(x, pool_param):
    """Return (H', W'), the size of what max pooling makes of x."""
    H, W = x.shape[2:]
    stride = pool_param["stride"]
    H_out = 1 + (H - pool_param["pool_height"]) // stride
    W_out = 1 + (W - pool_param["pool_width"]) // stride
    return H_out, W_out


def _steps(size, count, stride):
    """Return one slice for each place in a window: what `count` windows have at that place."""
    return [slice(i, i + (count - 1) * stride + 1, stride) for i in range(size)]


def _largest(arrays):
    """Return the largest numbers of arrays of one shape, place by place."""
    first, *others = arrays
    for other in others:
        first = np.maximum(first, other)
    return first

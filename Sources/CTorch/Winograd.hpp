// Convolutions of 3 x 3 by fewer multiplications.
#pragma once

#include <ATen/ATen.h>

namespace winograd {

// Whether `convolve` takes a weight [outputs, inputs, 3, 3]: 32-bit numbers, channels in multiples of 16; and a processor with
// AVX-512.
bool suits(const at::Tensor &weight);

// Whether `convolve` takes these arguments: a channels-last input with even sides.
bool suits(const at::Tensor &input, const at::Tensor &weight, int64_t stride, int64_t padding, int64_t dilation,
           int64_t groups);

// What `convolve` makes of a weight first; 16 / 9 times as large.
at::Tensor ready(const at::Tensor &weight);

// The convolution of stride 1 and padding 1; differentiable. `readied` may be undefined, and is not read where gradients are
// recorded.
at::Tensor convolve(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &readied, const at::Tensor &bias);

}  // namespace winograd

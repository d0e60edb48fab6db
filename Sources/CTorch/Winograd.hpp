// Convolutions of 3 x 3 by fewer multiplications.
#pragma once

#include <ATen/ATen.h>

namespace winograd {

// Whether `convolve` takes these arguments: 32-bit numbers, channels-last, even sides, channels in multiples of 16; and a
// processor with AVX-512.
bool suits(const at::Tensor &input, const at::Tensor &weight, int64_t stride, int64_t padding, int64_t dilation,
           int64_t groups);

// The convolution of stride 1 and padding 1; differentiable.
at::Tensor convolve(const at::Tensor &input, const at::Tensor &weight, const std::optional<at::Tensor> &bias);

}  // namespace winograd

// Convolutions of 5 x 5 with few channels, a rectifier and the largest of squares of 2 x 2, at once.
#pragma once

#include <ATen/ATen.h>

namespace pooled {

// Whether `convolve` takes these arguments: 32-bit numbers, a kernel of 5 x 5, even sides, not more than 32 channels; and a
// processor with AVX-512.
bool suits(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias, int64_t padding);

// max_pool2d(relu(convolution), 2) of stride 1; differentiable. An image's output does not depend on the others.
at::Tensor convolve(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias, int64_t padding);

}  // namespace pooled

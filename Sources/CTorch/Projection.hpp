// Linear layers over pixels: x W^T + b.
#pragma once

#include <ATen/ATen.h>

namespace projection {

// Whether `project` takes a weight [outputs, inputs] or [outputs, inputs, 1, 1]: 32-bit numbers, widths in multiples of 16;
// and a processor with AVX-512.
bool suits(const at::Tensor &weight);

// Whether `project` takes these arguments: an input [n, rows, inputs] in C order, rows enough to be worth it.
bool suits(const at::Tensor &input, const at::Tensor &weight);

// What `project` makes of a weight first.
at::Tensor ready(const at::Tensor &weight);

// x W^T + b over the last dimension; differentiable. `readied` may be undefined, and is not read where gradients are recorded.
at::Tensor project(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &readied,
                   const at::Tensor &bias);

}  // namespace projection

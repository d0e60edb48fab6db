// Group norm with what stands around it in a residual block, in one pass.
#pragma once

#include <ATen/ATen.h>

namespace groupnorm {

// Whether `normalizeSiLU` takes these arguments: 32-bit numbers, channels-last, channels in multiples of 16; and a processor
// with AVX-512.
bool suits(const at::Tensor &input, const at::Tensor &shift, int64_t groups, const at::Tensor &weight,
           const at::Tensor &bias);

// silu(weight * norm(input + shift) + bias); the shift [n, channels] may be undefined. Differentiable.
at::Tensor normalizeSiLU(const at::Tensor &input, const at::Tensor &shift, int64_t groups, const at::Tensor &weight,
                         const at::Tensor &bias, double epsilon);

}  // namespace groupnorm

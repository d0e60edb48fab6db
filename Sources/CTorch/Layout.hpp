// How tensors lie in memory, for what walks through it without looking at strides.
#pragma once

#include <ATen/ATen.h>

#include <stdexcept>
#include <vector>

namespace layout {

// Whether elements of the same place lie at the same distance from the first; a dimension of one element has no stride.
inline bool areAlike(const at::Tensor &a, const at::Tensor &b) {
  if (a.sizes() != b.sizes()) return false;
  for (int64_t d = 0; d < a.dim(); d++)
    if (a.size(d) > 1 && a.stride(d) != b.stride(d)) return false;
  return true;
}

// Fused kernels walk through memory, whatever the strides are: gradients are laid out as their parameters are.
inline std::vector<at::Tensor> alike(const std::vector<at::Tensor> &parameters, std::vector<at::Tensor> gradients) {
  for (size_t i = 0; i < parameters.size(); i++) {
    if (gradients[i].sizes() != parameters[i].sizes())
      throw std::invalid_argument("a gradient has another shape than its parameter");
    if (!areAlike(gradients[i], parameters[i]))
      gradients[i] = at::empty_like(parameters[i]).copy_(gradients[i]);
  }
  return gradients;
}

}  // namespace layout

// Attention without a mask, in pieces that stay in the processor's cache.
#pragma once

#include <ATen/ATen.h>

namespace attention {

// Whether `attend` takes these arguments: 32-bit numbers [n, heads, tokens, width], widths and numbers of keys in multiples of
// 16; and a processor with AVX-512.
bool suits(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value);

// softmax(Q K^T * scale) V for a positive scale; differentiable. In memory, heads follow tokens.
at::Tensor attend(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value, double scale);

}  // namespace attention

// Layers of networks.
#include <cmath>
#include <optional>
#include <vector>

#include "Border.hpp"
#include "GroupNorm.hpp"
#include "Winograd.hpp"

using border::optional;
using border::produce;

int32_t ctorch_linear(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias, CTorchTensor **out,
                      char **message) {
  return produce(out, message, [&] { return at::linear(a->value, weight->value, optional(bias)); });
}

int32_t ctorch_convolve(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias, int64_t stride,
                        int64_t padding, int64_t dilation, int64_t groups, bool transposed, CTorchTensor **out,
                        char **message) {
  return produce(out, message, [&] {
    if (!transposed && winograd::suits(a->value, weight->value, stride, padding, dilation, groups))
      return winograd::convolve(a->value, weight->value, optional(bias));
    // As many numbers as there are dimensions of space.
    const std::vector<int64_t> zeros(weight->value.dim() - 2, 0), strides(zeros.size(), stride);
    const std::vector<int64_t> paddings(zeros.size(), padding), dilations(zeros.size(), dilation);
    return at::convolution(a->value, weight->value, optional(bias), strides, paddings, dilations, transposed, zeros,
                           groups);
  });
}

int32_t ctorch_group_norm(const CTorchTensor *a, int64_t groups, const CTorchTensor *weight, const CTorchTensor *bias,
                          double epsilon, CTorchTensor **out, char **message) {
  return produce(out, message,
                 [&] { return at::group_norm(a->value, groups, optional(weight), optional(bias), epsilon); });
}

int32_t ctorch_group_norm_silu(const CTorchTensor *a, const CTorchTensor *shift, int64_t groups,
                               const CTorchTensor *weight, const CTorchTensor *bias, double epsilon,
                               CTorchTensor **out, char **message) {
  return produce(out, message, [&] {
    const auto added = shift == nullptr ? at::Tensor() : shift->value;
    if (groupnorm::suits(a->value, added, groups, weight->value, bias->value))
      return groupnorm::normalizeSiLU(a->value, added, groups, weight->value, bias->value, epsilon);
    const auto shifted = added.defined() ? a->value + added.unsqueeze(2).unsqueeze(3) : a->value;
    return at::silu(at::group_norm(shifted, groups, weight->value, bias->value, epsilon));
  });
}

int32_t ctorch_layer_norm(const CTorchTensor *a, int64_t dimensions, const CTorchTensor *weight,
                          const CTorchTensor *bias, double epsilon, CTorchTensor **out, char **message) {
  return produce(out, message, [&] {
    if (dimensions < 1 || dimensions > a->value.dim())
      throw std::invalid_argument("a layer norm needs at least one dimension, and no more than there are");
    return at::layer_norm(a->value, a->value.sizes().slice(a->value.dim() - dimensions), optional(weight),
                          optional(bias), epsilon);
  });
}

int32_t ctorch_attention(const CTorchTensor *query, const CTorchTensor *key, const CTorchTensor *value,
                         const CTorchTensor *mask, double scale, CTorchTensor **out, char **message) {
  return produce(out, message, [&] {
    const auto chosen = std::isnan(scale) ? std::nullopt : std::optional<double>(scale);
    return at::scaled_dot_product_attention(query->value, key->value, value->value, optional(mask), 0, false, chosen);
  });
}

int32_t ctorch_resize(const CTorchTensor *a, int64_t height, int64_t width, CTorchInterpolation interpolation,
                      bool antialiased, CTorchTensor **out, char **message) {
  return produce(out, message, [&] {
    const std::vector<int64_t> size = {height, width};
    switch (interpolation) {
      case CTORCH_NEAREST: return at::upsample_nearest2d(a->value, size);
      case CTORCH_BILINEAR:
        return antialiased ? at::_upsample_bilinear2d_aa(a->value, size, false)
                           : at::upsample_bilinear2d(a->value, size, false);
      case CTORCH_BICUBIC:
        return antialiased ? at::_upsample_bicubic2d_aa(a->value, size, false)
                           : at::upsample_bicubic2d(a->value, size, false);
      case CTORCH_AREA: return at::adaptive_avg_pool2d(a->value, size);
    }
    throw std::invalid_argument("unknown interpolation");
  });
}

int32_t ctorch_average_pool(const CTorchTensor *a, int64_t size, int64_t stride, int64_t padding, CTorchTensor **out,
                            char **message) {
  return produce(out, message, [&] { return at::avg_pool2d(a->value, {size, size}, {stride, stride}, {padding, padding}); });
}

int32_t ctorch_maximum_pool(const CTorchTensor *a, int64_t size, int64_t stride, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return at::max_pool2d(a->value, {size, size}, {stride, stride}); });
}

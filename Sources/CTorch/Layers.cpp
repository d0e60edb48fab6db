// Layers of networks.
#include <cmath>
#include <optional>
#include <vector>

#include "Attention.hpp"
#include "Border.hpp"
#include "GroupNorm.hpp"
#include "Projection.hpp"
#include "Winograd.hpp"

using border::attempt;
using border::optional;
using border::produce;

namespace {

// Functions with a gradient of their own take no tensor that is not there.
at::Tensor orZeros(const CTorchTensor *bias, const at::Tensor &weight) {
  return bias != nullptr ? bias->value : at::zeros({weight.size(0)}, weight.options());
}

// Whether a convolution of 1 x 1 is a linear layer on the pixels of `images`, which are [n, height * width, channels] then.
bool isLinear(const at::Tensor &images, const at::Tensor &weight, int64_t stride, int64_t padding, int64_t groups,
              at::Tensor &pixels) {
  if (weight.dim() != 4 || weight.size(2) != 1 || weight.size(3) != 1 || stride != 1 || padding != 0 || groups != 1)
    return false;
  if (images.dim() != 4 || !images.is_contiguous(at::MemoryFormat::ChannelsLast)) return false;
  pixels = images.permute({0, 2, 3, 1}).flatten(1, 2);
  return projection::suits(pixels, weight);
}

}  // namespace

int32_t ctorch_ready(const CTorchTensor *weight, CTorchTensor **out, char **message) {
  return attempt(message, [&] {
    // A copy, so that what is made of it stays true whatever becomes of the original.
    const auto value = weight->value.detach().clone();
    at::Tensor readied;
    if (winograd::suits(value)) readied = winograd::ready(value);
    else if (projection::suits(value)) readied = projection::ready(value);
    *out = new CTorchTensor{value, readied};
  });
}

int32_t ctorch_linear(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias, CTorchTensor **out,
                      char **message) {
  return produce(out, message, [&] {
    if (weight->value.dim() == 2 && projection::suits(a->value, weight->value))
      return projection::project(a->value, weight->value, weight->readied, orZeros(bias, weight->value));
    return at::linear(a->value, weight->value, optional(bias));
  });
}

int32_t ctorch_convolve(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias, int64_t stride,
                        int64_t padding, int64_t dilation, int64_t groups, bool transposed, CTorchTensor **out,
                        char **message) {
  return produce(out, message, [&] {
    if (!transposed && winograd::suits(a->value, weight->value, stride, padding, dilation, groups))
      return winograd::convolve(a->value, weight->value, weight->readied, orZeros(bias, weight->value));
    at::Tensor pixels;
    if (!transposed && isLinear(a->value, weight->value, stride, padding, groups, pixels))
      return projection::project(pixels, weight->value, weight->readied, orZeros(bias, weight->value))
          .unflatten(1, {a->value.size(2), a->value.size(3)})
          .permute({0, 3, 1, 2});
    // As many numbers as there are dimensions of space.
    const std::vector<int64_t> zeros(weight->value.dim() - 2, 0), strides(zeros.size(), stride);
    const std::vector<int64_t> paddings(zeros.size(), padding), dilations(zeros.size(), dilation);
    return at::convolution(a->value, weight->value, optional(bias), strides, paddings, dilations, transposed, zeros,
                           groups);
  });
}

int32_t ctorch_patches(const CTorchTensor *a, int64_t kernel, int64_t stride, int64_t padding, CTorchTensor **out,
                       char **message) {
  return produce(out, message, [&] {
    return at::im2col(a->value, {kernel, kernel}, {1, 1}, {padding, padding}, {stride, stride});
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
    if (mask == nullptr && !(scale <= 0) && attention::suits(query->value, key->value, value->value))
      return attention::attend(query->value, key->value, value->value,
                               std::isnan(scale) ? 1 / std::sqrt(query->value.size(3)) : scale);
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

// Group norm (Wu & He 2018), a shift before it and SiLU after it, of channels-last images: what a residual block computes
// between its convolutions, read and written once instead of once an operation.
//
//   x' = x + e;  h = (x' - mean) / sqrt(variance + epsilon);  z = w h + b;  y = z s,  s = 1 / (1 + exp(-z))
//   dz = dy s (1 + z (1 - s));  db = sum dz;  dw = sum dz h;  g = w dz
//   dx = (g - mean g - h mean(g h)) / sqrt(variance + epsilon);  de = sum over pixels of dx
#include "GroupNorm.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <vector>

#include "Vectors.hpp"

namespace groupnorm {
namespace {

using namespace vectors;

VECTORS_INLINE void sigmoid(const Lanes &z, Lanes &s) {
  s = -z;
  exponential(s);
  s = 1.0f / (1.0f + s);
}

struct Shape {
  int64_t images, channels, pixels, groups;
  int64_t width() const { return channels / groups; }
};

// Sums over pixels of (x - c)^power for every channel.
VECTORS_TARGET void sumPixels(const float *x, const float *centres, float *sums, const Shape &shape, bool squares) {
  for (int64_t c = 0; c < shape.channels; c += lanes) {
    Lanes centre, parts[4] = {};
    load(centre, centres + c);
    for (int64_t p = 0; p < shape.pixels; p++) {
      Lanes value;
      load(value, x + p * shape.channels + c);
      value -= centre;
      parts[p & 3] += squares ? value * value : value;
    }
    store((parts[0] + parts[1]) + (parts[2] + parts[3]), sums + c);
  }
}

// y = silu(scale x + offset), channel by channel.
VECTORS_TARGET void scaleSiLU(const float *x, float *y, const float *scales, const float *offsets,
                               const Shape &shape) {
  for (int64_t p = 0; p < shape.pixels; p++)
    for (int64_t c = 0; c < shape.channels; c += lanes) {
      Lanes value, scale, offset;
      load(value, x + p * shape.channels + c);
      load(scale, scales + c);
      load(offset, offsets + c);
      const Lanes z = scale * value + offset;
      Lanes s;
      sigmoid(z, s);
      store(z * s, y + p * shape.channels + c);
    }
}

// dz into `dz`, and sums over pixels of dz, dz x and x.
VECTORS_TARGET void pullSiLU(const float *x, const float *dy, float *dz, const float *scales, const float *offsets,
                              float *sums, float *products, float *totals, const Shape &shape) {
  for (int64_t c = 0; c < shape.channels; c += lanes) {
    Lanes scale, offset, sum = {}, product = {}, total = {};
    load(scale, scales + c);
    load(offset, offsets + c);
    for (int64_t p = 0; p < shape.pixels; p++) {
      Lanes value, pulled;
      load(value, x + p * shape.channels + c);
      load(pulled, dy + p * shape.channels + c);
      const Lanes z = scale * value + offset;
      Lanes s;
      sigmoid(z, s);
      pulled *= s * (1.0f + z * (1.0f - s));
      store(pulled, dz + p * shape.channels + c);
      sum += pulled, product += pulled * value, total += value;
    }
    store(sum, sums + c);
    store(product, products + c);
    store(total, totals + c);
  }
}

// dx = a dz + b x + c, channel by channel, in the place of dz.
VECTORS_TARGET void combine(const float *x, float *dz, const float *as, const float *bs, const float *cs,
                             const Shape &shape) {
  for (int64_t p = 0; p < shape.pixels; p++)
    for (int64_t c = 0; c < shape.channels; c += lanes) {
      Lanes value, pulled, a, b, d;
      load(value, x + p * shape.channels + c);
      load(pulled, dz + p * shape.channels + c);
      load(a, as + c);
      load(b, bs + c);
      load(d, cs + c);
      store(a * pulled + b * value + d, dz + p * shape.channels + c);
    }
}

// Mean and 1 / deviation of every group of one image whose channels are shifted.
void moments(const float *x, const float *shift, const Shape &shape, double epsilon, float *means, float *rates) {
  std::vector<float> centres(shape.channels, 0), sums(shape.channels);
  sumPixels(x, centres.data(), sums.data(), shape, false);
  const int64_t width = shape.width();
  const double count = static_cast<double>(width * shape.pixels);
  for (int64_t g = 0; g < shape.groups; g++) {
    double sum = 0;
    for (int64_t c = g * width; c < (g + 1) * width; c++) sum += sums[c] + double(shape.pixels) * shift[c];
    means[g] = static_cast<float>(sum / count);
    for (int64_t c = g * width; c < (g + 1) * width; c++) centres[c] = means[g] - shift[c];
  }
  sumPixels(x, centres.data(), sums.data(), shape, true);
  for (int64_t g = 0; g < shape.groups; g++) {
    double sum = 0;
    for (int64_t c = g * width; c < (g + 1) * width; c++) sum += sums[c];
    rates[g] = static_cast<float>(1 / std::sqrt(sum / count + epsilon));
  }
}

// z = scale x + offset, from the moments of one image.
void affine(const float *shift, const float *weight, const float *bias, const float *means, const float *rates,
            const Shape &shape, float *scales, float *offsets) {
  for (int64_t c = 0; c < shape.channels; c++) {
    const int64_t g = c / shape.width();
    scales[c] = weight[c] * rates[g];
    offsets[c] = bias[c] + (shift[c] - means[g]) * scales[c];
  }
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct NormSiLU : torch::autograd::Function<NormSiLU> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &shift, int64_t groups,
                            const at::Tensor &weight, const at::Tensor &bias, double epsilon) {
    const Shape shape{input.size(0), input.size(1), input.size(2) * input.size(3), groups};
    const auto added = shift.contiguous();
    auto means = at::empty({shape.images, groups}, input.options()), rates = at::empty_like(means);
    auto output = at::empty_like(input);
    const auto w = weight.contiguous(), b = bias.contiguous();
    at::parallel_for(0, shape.images, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> scales(shape.channels), offsets(shape.channels);
      for (int64_t n = begin; n < end; n++) {
        const float *x = input.const_data_ptr<float>() + n * shape.pixels * shape.channels;
        const float *e = added.const_data_ptr<float>() + n * shape.channels;
        float *mean = means.data_ptr<float>() + n * groups, *rate = rates.data_ptr<float>() + n * groups;
        moments(x, e, shape, epsilon, mean, rate);
        affine(e, w.const_data_ptr<float>(), b.const_data_ptr<float>(), mean, rate, shape, scales.data(),
               offsets.data());
        scaleSiLU(x, output.data_ptr<float>() + n * shape.pixels * shape.channels, scales.data(), offsets.data(),
                  shape);
      }
    });
    context->save_for_backward({input, added, w, b, means, rates});
    context->saved_data["groups"] = groups;
    return output;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &input = saved[0], &added = saved[1], &w = saved[2], &b = saved[3], &means = saved[4], &rates = saved[5];
    const int64_t groups = context->saved_data["groups"].toInt();
    const Shape shape{input.size(0), input.size(1), input.size(2) * input.size(3), groups};
    const auto pulled = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    auto dx = at::empty_like(input);
    // Of every image, since they are summed in their order.
    auto dw = at::empty({shape.images, shape.channels}, input.options()), db = at::empty_like(dw);
    auto de = at::empty_like(dw);
    at::parallel_for(0, shape.images, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> scales(shape.channels), offsets(shape.channels), totals(shape.channels), bs(shape.channels),
          cs(shape.channels);
      for (int64_t n = begin; n < end; n++) {
        const int64_t place = n * shape.pixels * shape.channels, row = n * shape.channels;
        const float *x = input.const_data_ptr<float>() + place, *e = added.const_data_ptr<float>() + row;
        const float *mean = means.const_data_ptr<float>() + n * groups, *rate = rates.const_data_ptr<float>() + n * groups;
        float *out = dx.data_ptr<float>() + place, *sums = db.data_ptr<float>() + row;
        float *products = dw.data_ptr<float>() + row, *shifts = de.data_ptr<float>() + row;
        affine(e, w.const_data_ptr<float>(), b.const_data_ptr<float>(), mean, rate, shape, scales.data(),
               offsets.data());
        pullSiLU(x, pulled.const_data_ptr<float>() + place, out, scales.data(), offsets.data(), sums, products,
                 totals.data(), shape);
        const int64_t width = shape.width();
        const double count = static_cast<double>(width * shape.pixels);
        for (int64_t g = 0; g < groups; g++) {
          double first = 0, second = 0;
          for (int64_t c = g * width; c < (g + 1) * width; c++) {
            // From the sum of dz x to the sum of dz h.
            products[c] = rate[g] * (products[c] + (e[c] - mean[g]) * sums[c]);
            first += double(w.const_data_ptr<float>()[c]) * sums[c];
            second += double(w.const_data_ptr<float>()[c]) * products[c];
          }
          for (int64_t c = g * width; c < (g + 1) * width; c++) {
            bs[c] = static_cast<float>(-rate[g] * rate[g] * second / count);
            cs[c] = static_cast<float>(-rate[g] * first / count) + bs[c] * (e[c] - mean[g]);
            shifts[c] = scales[c] * sums[c] + bs[c] * totals[c] + cs[c] * float(shape.pixels);
          }
        }
        combine(x, out, scales.data(), bs.data(), cs.data(), shape);
      }
    });
    return {dx, de, at::Tensor(), dw.sum(0), db.sum(0), at::Tensor()};
  }
};

}  // namespace

bool suits(const at::Tensor &input, const at::Tensor &shift, int64_t groups, const at::Tensor &weight,
           const at::Tensor &bias) {
  return areSupported() && input.dim() == 4 && input.scalar_type() == at::kFloat && input.numel() > 0 &&
         input.size(1) % lanes == 0 && groups > 0 && input.size(1) % groups == 0 &&
         input.is_contiguous(at::MemoryFormat::ChannelsLast) &&
         weight.scalar_type() == at::kFloat && weight.sizes() == input.sizes().slice(1, 1) &&
         bias.scalar_type() == at::kFloat && bias.sizes() == weight.sizes() &&
         (!shift.defined() || (shift.scalar_type() == at::kFloat && shift.sizes() == input.sizes().slice(0, 2)));
}

at::Tensor normalizeSiLU(const at::Tensor &input, const at::Tensor &shift, int64_t groups, const at::Tensor &weight,
                         const at::Tensor &bias, double epsilon) {
  const auto added = shift.defined() ? shift : at::zeros({input.size(0), input.size(1)}, input.options());
  return NormSiLU::apply(input, added, groups, weight, bias, epsilon);
}

}  // namespace groupnorm

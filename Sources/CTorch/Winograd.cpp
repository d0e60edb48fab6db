// Convolutions of 3 x 3 by Winograd's minimal filtering: 16 products of matrices for every 2 x 2 outputs where the sum has
// 36, so 2.25 times fewer multiplications. Tensors are channels-last; some rows of images at a time pass through the maps of
// WinogradTransforms.hpp, so that what lies between them stays in the processor's cache. Results depend on the number of
// threads (by rounding, in the gradient of weights) and on nothing else.
#include "Winograd.hpp"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "Products.hpp"
#include "WinogradTransforms.hpp"

namespace winograd {
namespace {

// Images cut into tiles of 2 x 2 outputs; a strip is a row of tiles, and strips are counted through all images.
struct Strips {
  int64_t images, height, width;
  int64_t perImage() const { return height / 2; }
  int64_t count() const { return images * perImage(); }
  int64_t tiles() const { return width / 2; }
  // Strips that are computed with at once: half a megabyte between the maps, but tiles enough for fast products.
  int64_t block(int64_t channels) const {
    const int64_t wanted = std::max<int64_t>((int64_t(1) << 17) / (16 * channels), 72);
    return std::clamp<int64_t>((wanted + tiles() - 1) / tiles(), 1, count());
  }
};

// Strips [first, end) of d [images, height, width, channels] to v [16, tiles, channels].
VECTORS_TARGET void spreadInput(const float *d, float *v, const Strips &strips, int64_t first, int64_t end,
                                 int64_t channels, const float *zeros) {
  const int64_t plane = (end - first) * strips.tiles() * channels;
  for (int64_t strip = first; strip < end; strip++) {
    const float *image = d + strip / strips.perImage() * strips.height * strips.width * channels;
    const int64_t top = 2 * (strip % strips.perImage()) - 1;
    for (int64_t left = -1; left < strips.width - 1; left += 2) {
      const float *pixels[4][4];
      VECTORS_UNROLL
      for (int i = 0; i < 4; i++)
        VECTORS_UNROLL
        for (int j = 0; j < 4; j++) {
          const int64_t row = top + i, column = left + j;
          const bool inside = row >= 0 && row < strips.height && column >= 0 && column < strips.width;
          pixels[i][j] = inside ? image + (row * strips.width + column) * channels : zeros;
        }
      for (int64_t c = 0; c < channels; c += lanes) {
        Lanes tile[4][4];
        VECTORS_UNROLL
        for (int i = 0; i < 4; i++)
          VECTORS_UNROLL
          for (int j = 0; j < 4; j++) load(tile[i][j], pixels[i][j] + c);
        transformInput(tile);
        VECTORS_UNROLL
        for (int i = 0; i < 4; i++)
          VECTORS_UNROLL
          for (int j = 0; j < 4; j++) store(tile[i][j], v + (4 * i + j) * plane + c);
      }
      v += channels;
    }
  }
}

// m [16, tiles, channels] to strips [first, end) of y [images, height, width, channels], with a bias or zeros added.
VECTORS_TARGET void gatherOutput(const float *m, float *y, const Strips &strips, int64_t first, int64_t end,
                                  int64_t channels, const float *bias) {
  const int64_t plane = (end - first) * strips.tiles() * channels;
  for (int64_t strip = first; strip < end; strip++)
    for (int64_t left = 0; left < strips.width; left += 2) {
      float *pixel = y + (2 * strip * strips.width + left) * channels;
      for (int64_t c = 0; c < channels; c += lanes) {
        Lanes tile[4][4], out[2][2], shift;
        VECTORS_UNROLL
        for (int i = 0; i < 4; i++)
          VECTORS_UNROLL
          for (int j = 0; j < 4; j++) load(tile[i][j], m + (4 * i + j) * plane + c);
        load(shift, bias + c);
        transformOutput(tile, out);
        VECTORS_UNROLL
        for (int i = 0; i < 2; i++)
          VECTORS_UNROLL
          for (int j = 0; j < 2; j++) store(out[i][j] + shift, pixel + (i * strips.width + j) * channels + c);
      }
      m += channels;
    }
}

// Strips [first, end) of g [images, height, width, channels] to w [16, tiles, channels].
VECTORS_TARGET void spreadOutputGradient(const float *g, float *w, const Strips &strips, int64_t first, int64_t end,
                                          int64_t channels) {
  const int64_t plane = (end - first) * strips.tiles() * channels;
  for (int64_t strip = first; strip < end; strip++)
    for (int64_t left = 0; left < strips.width; left += 2) {
      const float *pixel = g + (2 * strip * strips.width + left) * channels;
      for (int64_t c = 0; c < channels; c += lanes) {
        Lanes tile[2][2], out[4][4];
        VECTORS_UNROLL
        for (int i = 0; i < 2; i++)
          VECTORS_UNROLL
          for (int j = 0; j < 2; j++) load(tile[i][j], pixel + (i * strips.width + j) * channels + c);
        transformOutputGradient(tile, out);
        VECTORS_UNROLL
        for (int i = 0; i < 4; i++)
          VECTORS_UNROLL
          for (int j = 0; j < 4; j++) store(out[i][j], w + (4 * i + j) * plane + c);
      }
      w += channels;
    }
}

// Weights [outputs, 3, 3, inputs] to u [16, outputs / 16, inputs, 16], for the convolution.
VECTORS_TARGET void spreadWeight(const float *weight, float *u, int64_t outputs, int64_t inputs) {
  for (int64_t o = 0; o < outputs; o++)
    for (int64_t c = 0; c < inputs; c += lanes) {
      Lanes g[3][3], out[4][4];
      VECTORS_UNROLL
      for (int tap = 0; tap < 9; tap++) load(g[tap / 3][tap % 3], weight + (o * 9 + tap) * inputs + c);
      transformWeight(g, out);
      VECTORS_UNROLL
      for (int k = 0; k < 16; k++) {
        float *to = u + ((k * outputs / lanes + o / lanes) * inputs + c) * lanes + o % lanes;
        VECTORS_UNROLL
        for (int lane = 0; lane < lanes; lane++) to[lane * lanes] = out[k / 4][k % 4][lane];
      }
    }
}

// Weights [outputs, 3, 3, inputs], turned by half a turn, to u [16, inputs / 16, outputs, 16], for the input's gradient.
VECTORS_TARGET void spreadTurnedWeight(const float *weight, float *u, int64_t outputs, int64_t inputs) {
  for (int64_t o = 0; o < outputs; o++)
    for (int64_t c = 0; c < inputs; c += lanes) {
      Lanes g[3][3], out[4][4];
      VECTORS_UNROLL
      for (int tap = 0; tap < 9; tap++) load(g[tap / 3][tap % 3], weight + (o * 9 + 8 - tap) * inputs + c);
      transformWeight(g, out);
      VECTORS_UNROLL
      for (int k = 0; k < 16; k++)
        store(out[k / 4][k % 4], u + ((k * inputs / lanes + c / lanes) * outputs + o) * lanes);
    }
}

// u [16, outputs, inputs] to the gradient of weights [outputs, 3, 3, inputs].
VECTORS_TARGET void gatherWeightGradient(const float *u, float *weight, int64_t outputs, int64_t inputs) {
  for (int64_t o = 0; o < outputs; o++)
    for (int64_t c = 0; c < inputs; c += lanes) {
      Lanes g[3][3], in[4][4];
      VECTORS_UNROLL
      for (int k = 0; k < 16; k++) load(in[k / 4][k % 4], u + (k * outputs + o) * inputs + c);
      transformWeightGradient(in, g);
      VECTORS_UNROLL
      for (int tap = 0; tap < 9; tap++) store(g[tap / 3][tap % 3], weight + (o * 9 + tap) * inputs + c);
    }
}

at::Tensor channelsLast(const at::Tensor &tensor) { return tensor.contiguous(at::MemoryFormat::ChannelsLast); }

at::Tensor emptyChannelsLast(at::IntArrayRef sizes, const at::Tensor &like) {
  return at::empty(sizes, like.options(), at::MemoryFormat::ChannelsLast);
}

// The weights' map for the convolution, or for the gradient of its input.
at::Tensor spread(const at::Tensor &weight, bool turned) {
  const auto ordered = channelsLast(weight);
  auto u = at::empty({16 * weight.size(0) * weight.size(1)}, weight.options());
  (turned ? spreadTurnedWeight : spreadWeight)(ordered.const_data_ptr<float>(), u.data_ptr<float>(), weight.size(0),
                                               weight.size(1));
  return u;
}

// Convolves channels-last images with mapped weights [16, to / 16, from, 16] and adds a bias of `to` numbers.
at::Tensor convolveMapped(const at::Tensor &input, const at::Tensor &u, int64_t to, const at::Tensor &bias) {
  const Strips strips{input.size(0), input.size(2), input.size(3)};
  const int64_t from = input.size(1), block = strips.block(std::max(from, to));
  const int64_t blocks = (strips.count() + block - 1) / block;
  auto output = emptyChannelsLast({strips.images, to, strips.height, strips.width}, input);
  const std::vector<float> zeros(from, 0);
  const Layout layout{from, 1, lanes, from * lanes, to};
  const float *in = input.const_data_ptr<float>(), *weights = u.const_data_ptr<float>();
  const float *shift = bias.const_data_ptr<float>();
  float *out = output.data_ptr<float>();
  at::parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
    const auto buffer = at::empty({16 * block * strips.tiles() * (from + to)}, input.options());
    float *v = buffer.data_ptr<float>(), *m = v + 16 * block * strips.tiles() * from;
    for (int64_t b = begin; b < end; b++) {
      const int64_t first = b * block, last = std::min(first + block, strips.count());
      const int64_t tiles = (last - first) * strips.tiles();
      spreadInput(in, v, strips, first, last, from, zeros.data());
      for (int64_t k = 0; k < 16; k++)
        multiply(v + k * tiles * from, weights + k * from * to, m + k * tiles * to, tiles, to, from, layout, false);
      gatherOutput(m, out, strips, first, last, to, shift);
    }
  });
  return output;
}

// The gradient of weights [outputs, inputs, 3, 3] for channels-last images and the gradient of the output.
at::Tensor weightGradient(const at::Tensor &input, const at::Tensor &gradient) {
  const Strips strips{input.size(0), input.size(2), input.size(3)};
  const int64_t from = input.size(1), to = gradient.size(1), block = strips.block(std::max(from, to));
  const int64_t blocks = (strips.count() + block - 1) / block;
  // Every thread sums into its own part, and the parts are added in order.
  const int64_t parts = std::min<int64_t>(at::get_num_threads(), blocks);
  auto sums = at::zeros({parts, 16, to, from}, input.options());
  const std::vector<float> zeros(from, 0);
  const Layout layout{1, to, from, lanes, from};
  const float *images = input.const_data_ptr<float>(), *gradients = gradient.const_data_ptr<float>();
  float *all = sums.data_ptr<float>();
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    const auto buffer = at::empty({16 * block * strips.tiles() * (from + to)}, input.options());
    float *v = buffer.data_ptr<float>(), *w = v + 16 * block * strips.tiles() * from;
    for (int64_t part = begin; part < end; part++) {
      float *sum = all + part * 16 * to * from;
      for (int64_t b = blocks * part / parts; b < blocks * (part + 1) / parts; b++) {
        const int64_t first = b * block, last = std::min(first + block, strips.count());
        const int64_t tiles = (last - first) * strips.tiles();
        spreadInput(images, v, strips, first, last, from, zeros.data());
        spreadOutputGradient(gradients, w, strips, first, last, to);
        for (int64_t k = 0; k < 16; k++)
          multiply(w + k * tiles * to, v + k * tiles * from, sum + k * to * from, to, from, tiles, layout, true);
      }
    }
  });
  auto sum = sums.select(0, 0);
  for (int64_t part = 1; part < parts; part++) sum.add_(sums.select(0, part));
  auto result = emptyChannelsLast({to, from, 3, 3}, input);
  gatherWeightGradient(sum.const_data_ptr<float>(), result.data_ptr<float>(), to, from);
  return result;
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Convolution : torch::autograd::Function<Convolution> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &weight,
                            const at::Tensor &bias) {
    const auto images = channelsLast(input);
    context->save_for_backward({images, weight});
    return convolveMapped(images, spread(weight, false), weight.size(0), bias.contiguous());
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto gradient = channelsLast(gradients[0]);
    variable_list result(3);
    if (context->needs_input_grad(0))
      result[0] = convolveMapped(gradient, spread(saved[1], true), saved[1].size(1),
                                 at::zeros({saved[1].size(1)}, gradient.options()));
    if (context->needs_input_grad(1)) result[1] = weightGradient(saved[0], gradient);
    if (context->needs_input_grad(2)) result[2] = gradient.sum({0, 2, 3});
    return result;
  }
};

}  // namespace

bool suits(const at::Tensor &weight) {
  return areSupported() && weight.scalar_type() == at::kFloat && weight.numel() > 0 && weight.dim() == 4 &&
         weight.size(2) == 3 && weight.size(3) == 3 && weight.size(0) % lanes == 0 && weight.size(1) % lanes == 0;
}

bool suits(const at::Tensor &input, const at::Tensor &weight, int64_t stride, int64_t padding, int64_t dilation,
           int64_t groups) {
  if (!suits(weight) || input.dim() != 4 || input.scalar_type() != at::kFloat) return false;
  if (stride != 1 || padding != 1 || dilation != 1 || groups != 1 || input.size(1) != weight.size(1)) return false;
  if (input.size(0) < 1 || input.size(2) < 2 || input.size(3) < 2 || input.size(2) % 2 != 0 || input.size(3) % 2 != 0)
    return false;
  return input.is_contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor ready(const at::Tensor &weight) { return spread(weight, false); }

at::Tensor convolve(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &readied,
                    const at::Tensor &bias) {
  if (readied.defined() && !c10::GradMode::is_enabled())
    return convolveMapped(channelsLast(input), readied, weight.size(0), bias.contiguous());
  return Convolution::apply(input, weight, bias);
}

}  // namespace winograd

// Convolutions of 5 x 5 with few channels, a rectifier and the largest of squares of 2 x 2: sums are pooled in registers, so that
// nothing of full size is written on the way forward but which place of a square won. Results depend on the number of threads
// (by rounding, in the gradients of weights and bias) and on nothing else.
#include "PooledConvolution.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "PooledKernels.hpp"

namespace pooled {
namespace {

// As many outputs as are summed at once, forward and in the gradient of weights, for which there are registers.
constexpr int64_t group = 6, gradientGroup = 4;

// The sizes of one convolution.
struct Sizes {
  int64_t images, inputs, outputs, height, width, padding;
  int64_t blocks() const { return (images + lanes - 1) / lanes; }
  int64_t imagesOf(int64_t block) const { return std::min(lanes, images - block * lanes); }
  Planes input() const { return {inputs, height, width}; }
  // With the zeros around it.
  Planes padded() const { return {inputs, height + 2 * padding, width + 2 * padding}; }
  Planes output() const { return {outputs, (padded().height - side + 1) / 2, (padded().width - side + 1) / 2}; }
  // The gradient before pooling, with as many zeros around it as a kernel reaches beyond it.
  Planes frame() const {
    return {outputs, 2 * output().height + 2 * (side - 1), 2 * output().width + 2 * (side - 1)};
  }
  int64_t frameStart() const { return (side - 1) * (frame().width + 1) * lanes; }

  static Sizes of(const at::Tensor &input, const at::Tensor &weight, int64_t padding) {
    return {input.size(0), input.size(1), weight.size(0), input.size(2), input.size(3), padding};
  }
};

// Runs `body`, a generic lambda, with a count as a constant.
template <int most, typename Body>
void withConstant(int64_t count, Body body) {
  if constexpr (most > 0) {
    if (count == most) body(std::integral_constant<int, most>());
    else withConstant<most - 1>(count, body);
  }
}

// Weights [outputs, inputs, 5, 5] in groups of outputs, each [inputs, 5, 5, outputs of the group].
std::vector<float> grouped(const at::Tensor &weight) {
  const int64_t outputs = weight.size(0), places = weight.numel() / std::max<int64_t>(outputs, 1);
  const auto plain = weight.contiguous();
  const float *from = plain.const_data_ptr<float>();
  std::vector<float> all(weight.numel());
  for (int64_t first = 0; first < outputs; first += group) {
    const int64_t count = std::min(group, outputs - first);
    for (int64_t place = 0; place < places; place++)
      for (int64_t o = 0; o < count; o++)
        all[first * places + place * count + o] = from[(first + o) * places + place];
  }
  return all;
}

// A block of images as planes with zeros around them, which are there already.
void readImages(const float *images, const Sizes &sizes, int64_t block, float *planes) {
  const int64_t count = sizes.imagesOf(block), stride = sizes.inputs * sizes.height * sizes.width;
  const float *first = images + block * lanes * stride;
  if (sizes.padding == 0) return toLanes(first, stride, count, stride, planes);
  const auto padded = sizes.padded();
  for (int64_t c = 0; c < sizes.inputs; c++)
    for (int64_t y = 0; y < sizes.height; y++)
      toLanes(first + (c * sizes.height + y) * sizes.width, stride, count, sizes.width,
              planes + c * padded.area() + ((y + sizes.padding) * padded.width + sizes.padding) * lanes);
}

// One block of images forward.
void poolBlock(const float *x, const Sizes &sizes, const float *weights, const float *bias, float *largest,
               int8_t *winners) {
  const auto out = sizes.output();
  for (int64_t o = 0; o < sizes.outputs; o += group)
    withConstant<group>(std::min(group, sizes.outputs - o), [&](auto count) {
      poolGroup<count()>(x, sizes.padded(), weights + o * sizes.inputs * side * side, bias + o, out,
                         largest + o * out.area(), winners + o * out.area());
    });
}

// The gradient of one block of images, from the frame of gradients; the weights are turned.
void sumBlock(const float *frame, const Sizes &sizes, const float *weights, float *gradient) {
  const float *first = frame + sizes.padding * (sizes.frame().width + 1) * lanes;
  for (int64_t c = 0; c < sizes.inputs; c += group)
    withConstant<group>(std::min(group, sizes.inputs - c), [&](auto count) {
      sumGroup<count()>(first, sizes.frame(), weights + c * sizes.outputs * side * side, sizes.input(),
                        gradient + c * sizes.input().area());
    });
}

// Adds the gradient of weights that one block of images has.
void addBlock(const float *x, const float *frame, const Sizes &sizes, float *sums) {
  const auto out = sizes.output();
  const int64_t step = sizes.inputs * side * side * lanes;
  for (int64_t c = 0; c < sizes.inputs; c++)
    for (int64_t o = 0; o < sizes.outputs; o += gradientGroup)
      withConstant<gradientGroup>(std::min(gradientGroup, sizes.outputs - o), [&](auto count) {
        addProducts<count()>(x + c * sizes.padded().area(), sizes.padded(),
                             frame + o * sizes.frame().area() + sizes.frameStart(), sizes.frame(), 2 * out.height,
                             2 * out.width, sums + o * step + c * side * side * lanes, step);
      });
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What one thread sums of the gradient of weights and bias, and where it computes.
struct Part {
  at::Tensor weights, bias;
  std::vector<float> x, pooled, frame, images;

  Part(const Sizes &sizes, const at::TensorOptions &options, bool needsInput)
      : weights(at::zeros({sizes.outputs, sizes.inputs, side, side, lanes}, options)),
        bias(at::zeros({sizes.outputs, lanes}, options)),
        x(sizes.padded().count()),
        pooled(sizes.output().count()),
        frame(sizes.frame().count()),
        images(needsInput ? sizes.input().count() : 0) {}

  void add(const float *input, const float *gradient, const int8_t *winners, const Sizes &sizes, int64_t block) {
    const auto out = sizes.output();
    const int64_t count = sizes.imagesOf(block), stride = out.count() / lanes;
    readImages(input, sizes, block, x.data());
    toLanes(gradient + block * lanes * stride, stride, count, stride, pooled.data());
    for (int64_t o = 0; o < sizes.outputs; o++)
      unpool(pooled.data() + o * out.area(), winners + block * out.count() + o * out.area(), out, sizes.frame(),
             frame.data() + o * sizes.frame().area() + sizes.frameStart(), bias.data_ptr<float>() + o * lanes);
    addBlock(x.data(), frame.data(), sizes, weights.data_ptr<float>());
  }
};

struct Convolution : torch::autograd::Function<Convolution> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &weight,
                            const at::Tensor &bias, int64_t padding) {
    const auto sizes = Sizes::of(input, weight, padding);
    const auto out = sizes.output();
    const auto images = input.contiguous(), shift = bias.contiguous();
    const auto weights = grouped(weight);
    auto output = at::empty({sizes.images, out.channels, out.height, out.width}, input.options());
    auto winners = at::empty({sizes.blocks(), out.count()}, input.options().dtype(at::kChar));
    const float *in = images.const_data_ptr<float>(), *b = shift.const_data_ptr<float>();
    float *results = output.data_ptr<float>();
    int8_t *places = winners.data_ptr<int8_t>();
    at::parallel_for(0, sizes.blocks(), 1, [&](int64_t begin, int64_t end) {
      std::vector<float> x(sizes.padded().count()), largest(out.count());
      const int64_t stride = out.count() / lanes;
      for (int64_t block = begin; block < end; block++) {
        readImages(in, sizes, block, x.data());
        poolBlock(x.data(), sizes, weights.data(), b, largest.data(), places + block * out.count());
        fromLanes(largest.data(), stride, sizes.imagesOf(block), stride, results + block * lanes * stride);
      }
    });
    context->save_for_backward({images, weight, winners});
    context->saved_data["padding"] = padding;
    return output;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto sizes = Sizes::of(saved[0], saved[1], context->saved_data["padding"].toInt());
    const auto pulled = gradients[0].contiguous();
    const bool needsInput = context->needs_input_grad(0);
    // From the gradient's places back to the input's: kernels turned, inputs and outputs exchanged.
    const auto turned = needsInput ? grouped(saved[1].flip({2, 3}).transpose(0, 1)) : std::vector<float>();
    auto pictures = needsInput ? at::empty_like(saved[0]) : at::Tensor();
    const float *input = saved[0].const_data_ptr<float>(), *gradient = pulled.const_data_ptr<float>();
    const int8_t *winners = saved[2].const_data_ptr<int8_t>();
    float *results = needsInput ? pictures.data_ptr<float>() : nullptr;
    // Every thread sums into its own part, and the parts are added in order.
    const int64_t blocks = sizes.blocks(), count = std::min<int64_t>(at::get_num_threads(), blocks);
    std::vector<Part> parts;
    for (int64_t i = 0; i < count; i++) parts.emplace_back(sizes, pulled.options(), needsInput);
    at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++)
        for (int64_t block = blocks * i / count; block < blocks * (i + 1) / count; block++) {
          parts[i].add(input, gradient, winners, sizes, block);
          if (!needsInput) continue;
          const int64_t stride = sizes.input().count() / lanes;
          sumBlock(parts[i].frame.data(), sizes, turned.data(), parts[i].images.data());
          fromLanes(parts[i].images.data(), stride, sizes.imagesOf(block), stride, results + block * lanes * stride);
        }
    });
    for (int64_t i = 1; i < count; i++) parts[0].weights.add_(parts[i].weights), parts[0].bias.add_(parts[i].bias);
    return {pictures, parts[0].weights.sum(-1), parts[0].bias.sum(-1), at::Tensor()};
  }
};

}  // namespace

bool suits(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias, int64_t padding) {
  static const bool hasInstructions = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
  if (!hasInstructions || input.dim() != 4 || weight.dim() != 4 || bias.dim() != 1) return false;
  for (const auto &tensor : {input, weight, bias})
    if (tensor.scalar_type() != at::kFloat) return false;
  if (weight.size(2) != side || weight.size(3) != side || padding < 0 || padding >= side) return false;
  if (input.size(1) != weight.size(1) || bias.size(0) != weight.size(0) || input.size(0) < 1) return false;
  const int64_t most = 32, pixels = input.size(2) * input.size(3);
  return std::min(input.size(1), weight.size(0)) > 0 && std::max(input.size(1), weight.size(0)) <= most &&
         input.size(2) % 2 == 0 && input.size(3) % 2 == 0 && pixels > 0 && pixels <= 64 * 64 &&
         std::min(input.size(2), input.size(3)) + 2 * padding > side;
}

at::Tensor convolve(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias, int64_t padding) {
  return Convolution::apply(input, weight, bias, padding);
}

}  // namespace pooled

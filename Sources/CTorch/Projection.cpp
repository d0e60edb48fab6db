// Linear layers by the products of Products.hpp, which take twice the numbers at once that libtorch's library of matrix
// products takes on some processors with AVX-512.
//
//   y = x W^T + b;  dx = dy W;  dW = dy^T x;  db = sum over rows of dy
#include "Projection.hpp"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "Products.hpp"

namespace projection {
namespace {

using namespace vectors;

// Rows of x that are taken at once, so that they stay in the second cache; a multiple of the rows of a tile.
constexpr int64_t block = 240;

// c [rows, columns] = a [rows, depth] B, or c += a B, for every block of rows.
void multiplyRows(const float *a, const float *b, float *c, int64_t rows, int64_t columns, int64_t depth,
                  const Layout &layout, bool adds) {
  at::parallel_for(0, (rows + block - 1) / block, 1, [&](int64_t begin, int64_t end) {
    for (int64_t first = begin * block; first < std::min(end * block, rows); first += block)
      multiply(a + first * depth, b, c + first * columns, std::min(block, rows - first), columns, depth, layout, adds);
  });
}

// x [rows, inputs] with a weight that is `ready`, and a bias [outputs].
at::Tensor multiplied(const at::Tensor &x, const at::Tensor &readied, const at::Tensor &bias) {
  const int64_t rows = x.size(0), inputs = x.size(1), outputs = bias.size(0);
  const auto y = bias.expand({rows, outputs}).contiguous();
  multiplyRows(x.const_data_ptr<float>(), readied.const_data_ptr<float>(), y.data_ptr<float>(), rows, outputs, inputs,
               Layout{inputs, 1, lanes, inputs * lanes, outputs}, true);
  return y;
}

at::Tensor inputGradient(const at::Tensor &dy, const at::Tensor &weight) {
  const int64_t rows = dy.size(0), outputs = dy.size(1), inputs = weight.size(1);
  auto dx = at::empty({rows, inputs}, dy.options());
  multiplyRows(dy.const_data_ptr<float>(), weight.const_data_ptr<float>(), dx.data_ptr<float>(), rows, inputs, outputs,
               Layout{outputs, 1, inputs, lanes, inputs}, false);
  return dx;
}

at::Tensor weightGradient(const at::Tensor &dy, const at::Tensor &x) {
  const int64_t rows = dy.size(0), outputs = dy.size(1), inputs = x.size(1);
  auto dw = at::empty({outputs, inputs}, dy.options());
  // Every thread has outputs of its own, so that sums do not depend on the number of threads.
  at::parallel_for(0, outputs / lanes, 1, [&](int64_t begin, int64_t end) {
    multiply(dy.const_data_ptr<float>() + begin * lanes, x.const_data_ptr<float>(),
             dw.data_ptr<float>() + begin * lanes * inputs, (end - begin) * lanes, inputs, rows,
             Layout{1, outputs, inputs, lanes, inputs}, false);
  });
  return dw;
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Projection : torch::autograd::Function<Projection> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                            const at::Tensor &bias) {
    context->save_for_backward({x, weight});
    return multiplied(x, ready(weight), bias);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto dy = gradients[0].contiguous();
    variable_list result(3);
    if (context->needs_input_grad(0)) result[0] = inputGradient(dy, saved[1].contiguous());
    if (context->needs_input_grad(1)) result[1] = weightGradient(dy, saved[0]);
    if (context->needs_input_grad(2)) result[2] = dy.sum(0);
    return result;
  }
};

}  // namespace

bool suits(const at::Tensor &weight) {
  return areSupported() && weight.scalar_type() == at::kFloat && weight.numel() > 0 &&
         (weight.dim() == 2 || (weight.dim() == 4 && weight.size(2) == 1 && weight.size(3) == 1)) &&
         weight.size(0) % lanes == 0 && weight.size(1) % lanes == 0;
}

bool suits(const at::Tensor &input, const at::Tensor &weight) {
  // Rows of one image, so that an image is computed alike in every batch.
  return suits(weight) && input.dim() == 3 && input.size(0) > 0 && input.size(1) >= 32 &&
         input.size(2) == weight.size(1) && input.scalar_type() == at::kFloat && input.is_contiguous();
}

at::Tensor ready(const at::Tensor &weight) {
  const auto rows = weight.reshape({weight.size(0), weight.size(1)}).contiguous();
  auto packed = at::empty_like(rows);
  pack(rows.const_data_ptr<float>(), rows.size(1), packed.data_ptr<float>(), rows.size(0), rows.size(1));
  return packed;
}

at::Tensor project(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &readied,
                   const at::Tensor &bias) {
  const int64_t outputs = weight.size(0), inputs = weight.size(1);
  const auto x = input.reshape({-1, inputs});
  const auto y = readied.defined() && !c10::GradMode::is_enabled()
                     ? multiplied(x, readied, bias)
                     : Projection::apply(x, weight.reshape({outputs, inputs}), bias);
  return y.reshape({input.size(0), input.size(1), outputs});
}

}  // namespace projection

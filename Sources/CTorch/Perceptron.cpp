// A multilayer perceptron's outputs and vector-Jacobian product by hand, without a graph and without allocation:
//   Z_l = A_{l-1} W_l^T + b_l,  A_l = activation(Z_l),
//   dW_l = dZ_l^T A_{l-1},  db_l = dZ_l^T 1,  dA_{l-1} = dZ_l W_l,  dZ_l = dA_l * activation'(Z_l).
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "Border.hpp"

namespace {

// Views into the flat vectors and the buffers of one layer.
struct Layer {
  at::Tensor weightTransposed, weight, bias;
  at::Tensor weightGradient, biasGradient;
  at::Tensor preactivation, output, gradient, gradientTransposed;
};

template <typename Element>
void widen(const at::Tensor &tensor, double *out) {
  const Element *data = tensor.const_data_ptr<Element>();
  std::copy_n(data, tensor.numel(), out);
}

void copyOut(const at::Tensor &tensor, double *out) {
  if (tensor.scalar_type() == at::kFloat) widen<float>(tensor, out);
  else widen<double>(tensor, out);
}

void copyIn(const double *values, at::Tensor &tensor) {
  if (tensor.scalar_type() == at::kDouble) {
    std::copy_n(values, tensor.numel(), tensor.data_ptr<double>());
    return;
  }
  float *data = tensor.data_ptr<float>();
  const int64_t count = tensor.numel();
  for (int64_t i = 0; i < count; i++) data[i] = static_cast<float>(values[i]);
}

}  // namespace

struct CTorchPerceptron {
  CTorchUnary activation;
  at::Tensor inputs, ones, minusOne, parameters, gradient;
  std::vector<Layer> layers;

  // tanh and relu have derivatives in terms of their result, so their result may overwrite its argument.
  bool inPlace() const { return activation == CTORCH_TANH || activation == CTORCH_RELU; }

  void addLayer(int64_t in, int64_t out, int64_t offset, bool last) {
    const auto rows = inputs.size(0);
    Layer layer;
    layer.weight = parameters.narrow(0, offset, in * out).view({out, in});
    layer.weightTransposed = layer.weight.t();
    layer.bias = parameters.narrow(0, offset + in * out, out);
    layer.weightGradient = gradient.narrow(0, offset, in * out).view({out, in});
    layer.biasGradient = gradient.narrow(0, offset + in * out, out);
    layer.preactivation = at::empty({rows, out}, inputs.options());
    layer.output = last || inPlace() ? layer.preactivation : at::empty_like(layer.preactivation);
    layer.gradient = at::empty_like(layer.preactivation);
    layer.gradientTransposed = layer.gradient.t();
    layers.push_back(layer);
  }

  void activate(Layer &layer) {
    switch (activation) {
      case CTORCH_TANH:
        // tanh z = 2 sigmoid(2z) - 1, z being doubled already: libtorch's own tanh takes a scalar path on some processors
        // and is then four times slower.
        at::sigmoid_(layer.output);
        at::add_out(layer.output, minusOne, layer.output, 2);
        return;
      case CTORCH_RELU: at::relu_(layer.output); return;
      case CTORCH_GELU: at::gelu_out(layer.output, layer.preactivation); return;
      case CTORCH_SILU: at::silu_out(layer.output, layer.preactivation); return;
      default: throw std::invalid_argument("not an activation");
    }
  }

  // Turns dA in `layer.gradient` into dZ, in place.
  void differentiate(Layer &layer) {
    auto &gradient = layer.gradient;
    switch (activation) {
      case CTORCH_TANH: at::tanh_backward_out(gradient, gradient, layer.output); return;
      case CTORCH_RELU: at::threshold_backward_out(gradient, gradient, layer.output, 0); return;
      case CTORCH_GELU: at::gelu_backward_out(gradient, gradient, layer.preactivation); return;
      case CTORCH_SILU: at::silu_backward_out(gradient, gradient, layer.preactivation); return;
      default: throw std::invalid_argument("not an activation");
    }
  }

  void forward() {
    const at::Tensor *input = &inputs;
    for (auto &layer : layers) {
      const bool last = &layer == &layers.back();
      const int scale = activation == CTORCH_TANH && !last ? 2 : 1;
      at::addmm_out(layer.preactivation, layer.bias, *input, layer.weightTransposed, scale, scale);
      if (!last) activate(layer);
      input = &layer.output;
    }
  }

  void backward() {
    for (size_t l = layers.size(); l-- > 0;) {
      auto &layer = layers[l];
      at::mm_out(layer.weightGradient, layer.gradientTransposed, l == 0 ? inputs : layers[l - 1].output);
      at::mv_out(layer.biasGradient, layer.gradientTransposed, ones);
      if (l == 0) return;
      at::mm_out(layers[l - 1].gradient, layer.gradient, layer.weight);
      differentiate(layers[l - 1]);
    }
  }
};

int32_t ctorch_perceptron_create(const int64_t *widths, int64_t count, CTorchUnary activation, CTorchType type,
                                 const double *inputs, int64_t rows, CTorchPerceptron **out, char **message) {
  return border::attempt(message, [&] {
    if (count < 2 || rows < 1) throw std::invalid_argument("a perceptron needs two widths or more and a row");
    if (type != CTORCH_FLOAT32 && type != CTORCH_FLOAT64) throw std::invalid_argument("not a floating-point type");
    c10::InferenceMode inference;
    auto perceptron = std::make_unique<CTorchPerceptron>();
    const auto options = at::TensorOptions().dtype(border::scalarType(type));
    int64_t parameters = 0;
    for (int64_t l = 1; l < count; l++) parameters += (widths[l - 1] + 1) * widths[l];
    perceptron->activation = activation;
    perceptron->inputs = at::empty({rows, widths[0]}, options);
    copyIn(inputs, perceptron->inputs);
    perceptron->ones = at::ones({rows}, options);
    perceptron->minusOne = at::full({}, -1, options);
    perceptron->parameters = at::zeros({parameters}, options);
    perceptron->gradient = at::zeros({parameters}, options);
    int64_t offset = 0;
    for (int64_t l = 1; l < count; l++) {
      perceptron->addLayer(widths[l - 1], widths[l], offset, l == count - 1);
      offset += (widths[l - 1] + 1) * widths[l];
    }
    *out = perceptron.release();
  });
}

void ctorch_perceptron_free(CTorchPerceptron *perceptron) { delete perceptron; }

int32_t ctorch_perceptron_forward(CTorchPerceptron *perceptron, const double *parameters, double *outputs,
                                  char **message) {
  return border::attempt(message, [&] {
    c10::InferenceMode inference;
    copyIn(parameters, perceptron->parameters);
    perceptron->forward();
    copyOut(perceptron->layers.back().output, outputs);
  });
}

int32_t ctorch_perceptron_backward(CTorchPerceptron *perceptron, const double *output_gradient,
                                   double *parameter_gradient, char **message) {
  return border::attempt(message, [&] {
    c10::InferenceMode inference;
    copyIn(output_gradient, perceptron->layers.back().gradient);
    perceptron->backward();
    copyOut(perceptron->gradient, parameter_gradient);
  });
}

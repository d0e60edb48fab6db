// The only calls that write into tensors: what an optimiser does to parameters, for which a copy each step is too dear.
#include <c10/core/GradMode.h>

#include <vector>

#include "Border.hpp"
#include "Layout.hpp"

namespace {

// Moments are kept from step to step, so their layout is checked and not changed.
void requireLayout(const std::vector<at::Tensor> &parameters, const std::vector<at::Tensor> &moments) {
  for (size_t i = 0; i < parameters.size(); i++)
    if (!layout::areAlike(moments[i], parameters[i]))
      throw std::invalid_argument("a moment is not laid out as its parameter is; make it with Tensor.zeros(like:)");
}

}  // namespace

int32_t ctorch_adam_step(CTorchTensor *const *parameters, CTorchTensor *const *gradients,
                         CTorchTensor *const *first_moments, CTorchTensor *const *second_moments, int64_t count,
                         int64_t step, double rate, double beta1, double beta2, double epsilon, double decay,
                         char **message) {
  return border::attempt(message, [&] {
    const c10::AutoGradMode unrecorded(false);
    // The fused kernel reads its count of steps from a tensor for each parameter.
    const auto counter = at::full({}, static_cast<double>(step), at::TensorOptions().dtype(at::kFloat));
    const std::vector<at::Tensor> counters(count, counter);
    const auto values = border::list(parameters, count);
    requireLayout(values, border::list(first_moments, count));
    requireLayout(values, border::list(second_moments, count));
    at::_fused_adamw_(values, layout::alike(values, border::list(gradients, count)),
                      border::list(first_moments, count), border::list(second_moments, count), {}, counters, rate,
                      beta1, beta2, decay, epsilon, false, false);
  });
}

int32_t ctorch_sgd_step(CTorchTensor *const *parameters, CTorchTensor *const *gradients, CTorchTensor *const *momenta,
                        int64_t count, double rate, double momentum, double decay, bool nesterov, char **message) {
  return border::attempt(message, [&] {
    const c10::AutoGradMode unrecorded(false);
    const auto values = border::list(parameters, count), kept = border::list(momenta, count);
    requireLayout(values, kept);
    // A momentum that begins as zero becomes the first gradient, so that no step is a special one. Without momentum libtorch
    // wants none to be kept.
    at::_fused_sgd_(values, layout::alike(values, border::list(gradients, count)),
                    momentum == 0 ? std::vector<at::Tensor>{} : kept, decay, momentum, rate, 0, nesterov, false, false);
  });
}

int32_t ctorch_blend(CTorchTensor *const *targets, CTorchTensor *const *sources, int64_t count, double weight,
                     char **message) {
  return border::attempt(message, [&] {
    const c10::AutoGradMode unrecorded(false);
    for (int64_t i = 0; i < count; i++) targets[i]->value.lerp_(sources[i]->value, weight);
  });
}

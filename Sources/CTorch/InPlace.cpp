// The only calls that write into tensors: what an optimiser does to parameters, for which a copy each step is too dear.
#include <c10/core/GradMode.h>

#include <vector>

#include "Border.hpp"

int32_t ctorch_adam_step(CTorchTensor *const *parameters, CTorchTensor *const *gradients,
                         CTorchTensor *const *first_moments, CTorchTensor *const *second_moments, int64_t count,
                         int64_t step, double rate, double beta1, double beta2, double epsilon, double decay,
                         char **message) {
  return border::attempt(message, [&] {
    const c10::AutoGradMode unrecorded(false);
    // The fused kernel reads its count of steps from a tensor for each parameter.
    const auto counter = at::full({}, static_cast<double>(step), at::TensorOptions().dtype(at::kFloat));
    const std::vector<at::Tensor> counters(count, counter);
    at::_fused_adamw_(border::list(parameters, count), border::list(gradients, count),
                      border::list(first_moments, count), border::list(second_moments, count), {}, counters, rate,
                      beta1, beta2, decay, epsilon, false, false);
  });
}

int32_t ctorch_blend(CTorchTensor *const *targets, CTorchTensor *const *sources, int64_t count, double weight,
                     char **message) {
  return border::attempt(message, [&] {
    const c10::AutoGradMode unrecorded(false);
    for (int64_t i = 0; i < count; i++) targets[i]->value.lerp_(sources[i]->value, weight);
  });
}

// Reverse-mode differentiation.
#include <torch/csrc/autograd/autograd.h>

#include <memory>
#include <vector>

#include "Border.hpp"

int32_t ctorch_detach(const CTorchTensor *a, CTorchTensor **out, char **message) {
  return border::produce(out, message, [&] { return a->value.detach(); });
}

int32_t ctorch_track(const CTorchTensor *a, CTorchTensor **out, char **message) {
  return border::produce(out, message, [&] { return a->value.detach().set_requires_grad(true); });
}

int32_t ctorch_gradient(const CTorchTensor *value, CTorchTensor *const *inputs, int64_t count, bool keep,
                        CTorchTensor **out, char **message) {
  return border::attempt(message, [&] {
    if (value->value.numel() != 1) throw std::invalid_argument("only a scalar has a gradient");
    torch::autograd::variable_list variables;
    for (int64_t i = 0; i < count; i++) variables.push_back(inputs[i]->value);
    auto gradients = torch::autograd::grad({value->value}, variables, {}, keep, false, true);
    for (int64_t i = 0; i < count; i++)
      if (!gradients[i].defined()) gradients[i] = at::zeros_like(variables[i]);
    // All handles are made before the first is given away, so that a failure leaks none.
    std::vector<std::unique_ptr<CTorchTensor>> handles;
    for (const auto &gradient : gradients) handles.push_back(std::make_unique<CTorchTensor>(gradient));
    for (int64_t i = 0; i < count; i++) out[i] = handles[i].release();
  });
}

bool ctorch_set_recording(bool enabled) {
  const bool previous = at::GradMode::is_enabled();
  at::GradMode::set_enabled(enabled);
  return previous;
}

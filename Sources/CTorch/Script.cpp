// Programs in TorchScript's form.
#include <torch/script.h>

#include <memory>
#include <sstream>
#include <vector>

#include "Border.hpp"

struct CTorchScript {
  torch::jit::Module module;
};

namespace {

void gather(const c10::IValue &value, std::vector<at::Tensor> &tensors) {
  if (value.isTensor()) {
    tensors.push_back(value.toTensor());
  } else if (value.isTuple()) {
    for (const auto &element : value.toTupleRef().elements()) gather(element, tensors);
  } else if (value.isList()) {
    for (const auto &element : value.toListRef()) gather(element, tensors);
  } else {
    throw std::invalid_argument("the program returns something that is neither a tensor nor a tuple or list of some");
  }
}

}  // namespace

int32_t ctorch_script_load(const void *bytes, int64_t count, CTorchScript **out, char **message) {
  return border::attempt(message, [&] {
    std::istringstream stream(std::string(static_cast<const char *>(bytes), count));
    auto script = std::make_unique<CTorchScript>(CTorchScript{torch::jit::load(stream, at::kCPU)});
    script->module.eval();
    *out = script.release();
  });
}

void ctorch_script_free(CTorchScript *script) { delete script; }

int32_t ctorch_script_run(CTorchScript *script, const CTorchTensor *input, CTorchTensor **out, int64_t capacity,
                          int64_t *count, char **message) {
  return border::attempt(message, [&] {
    torch::NoGradGuard guard;
    std::vector<at::Tensor> tensors;
    gather(script->module.forward({input->value}), tensors);
    std::vector<std::unique_ptr<CTorchTensor>> handles;
    for (const auto &tensor : tensors)
      if (static_cast<int64_t>(handles.size()) < capacity) handles.push_back(std::make_unique<CTorchTensor>(tensor));
    *count = static_cast<int64_t>(handles.size());
    for (size_t i = 0; i < handles.size(); i++) out[i] = handles[i].release();
  });
}

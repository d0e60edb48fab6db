// What every file of the border shares: the handle, and the wrapper that lets no exception through.
#pragma once

#include <ATen/ATen.h>

#include <cstring>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "CTorch.h"

struct CTorchTensor {
  at::Tensor value;
  // What a layer makes of a weight before it uses it, where `ctorch_ready` made it already.
  at::Tensor readied = {};
};

namespace border {

inline void explain(char **message, const char *text) {
  if (message != nullptr) *message = strdup(text);
}

// Runs the body; whatever it throws becomes a status and a message.
template <typename Body>
int32_t attempt(char **message, Body body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error &error) {
    explain(message, error.what_without_backtrace());
  } catch (const std::exception &error) {
    explain(message, error.what());
  } catch (...) {
    explain(message, "libtorch threw something that is not a std::exception");
  }
  return 1;
}

// As `attempt`, for a body that returns the tensor to hand out.
template <typename Body>
int32_t produce(CTorchTensor **out, char **message, Body body) noexcept {
  return attempt(message, [&] { *out = new CTorchTensor{body()}; });
}

inline at::ScalarType scalarType(CTorchType type) {
  switch (type) {
    case CTORCH_FLOAT32: return at::kFloat;
    case CTORCH_FLOAT64: return at::kDouble;
    case CTORCH_INT32: return at::kInt;
    case CTORCH_INT64: return at::kLong;
    case CTORCH_UINT8: return at::kByte;
    case CTORCH_BOOL: return at::kBool;
  }
  throw std::invalid_argument("unknown data type");
}

inline std::vector<at::Tensor> list(CTorchTensor *const *tensors, int64_t count) {
  std::vector<at::Tensor> values;
  values.reserve(count);
  for (int64_t i = 0; i < count; i++) values.push_back(tensors[i]->value);
  return values;
}

inline std::optional<at::Tensor> optional(const CTorchTensor *tensor) {
  return tensor == nullptr ? std::nullopt : std::optional<at::Tensor>(tensor->value);
}

}  // namespace border

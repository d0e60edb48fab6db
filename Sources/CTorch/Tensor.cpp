// Creation, reading and shape of tensors.
#include <ATen/Parallel.h>
#include <malloc.h>

#include <cstdlib>

#include "Border.hpp"

using border::attempt;
using border::produce;

namespace {

void requireBytes(const at::Tensor &tensor, int64_t bytes) {
  const auto needed = static_cast<int64_t>(tensor.nbytes());
  if (needed == bytes) return;
  throw std::invalid_argument("the shape and type need " + std::to_string(needed) + " bytes, but " +
                              std::to_string(bytes) + " were given");
}

}  // namespace

void ctorch_message_free(char *message) { std::free(message); }

int32_t ctorch_tensor_create(const void *data, int64_t bytes, CTorchType type, const int64_t *shape, int64_t rank,
                             CTorchTensor **out, char **message) {
  return produce(out, message, [&] {
    auto tensor = at::empty(at::IntArrayRef(shape, rank), at::TensorOptions().dtype(border::scalarType(type)));
    requireBytes(tensor, bytes);
    if (bytes > 0) std::memcpy(tensor.data_ptr(), data, bytes);
    return tensor;
  });
}

int32_t ctorch_tensor_full(double value, CTorchType type, const int64_t *shape, int64_t rank, CTorchTensor **out,
                           char **message) {
  return produce(out, message, [&] {
    return at::full(at::IntArrayRef(shape, rank), value, at::TensorOptions().dtype(border::scalarType(type)));
  });
}

int32_t ctorch_tensor_zeros_like(const CTorchTensor *tensor, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return at::zeros_like(tensor->value); });
}

void ctorch_tensor_free(CTorchTensor *tensor) { delete tensor; }

int32_t ctorch_tensor_read(const CTorchTensor *tensor, void *data, int64_t bytes, char **message) {
  return attempt(message, [&] {
    const auto contiguous = tensor->value.detach().contiguous();
    requireBytes(contiguous, bytes);
    if (bytes > 0) std::memcpy(data, contiguous.data_ptr(), bytes);
  });
}

int64_t ctorch_tensor_rank(const CTorchTensor *tensor) { return tensor->value.dim(); }

int64_t ctorch_tensor_size(const CTorchTensor *tensor, int64_t dimension) {
  const auto sizes = tensor->value.sizes();
  return dimension >= 0 && dimension < static_cast<int64_t>(sizes.size()) ? sizes[dimension] : -1;
}

int32_t ctorch_tensor_type(const CTorchTensor *tensor) {
  switch (tensor->value.scalar_type()) {
    case at::kFloat: return CTORCH_FLOAT32;
    case at::kDouble: return CTORCH_FLOAT64;
    case at::kInt: return CTORCH_INT32;
    case at::kLong: return CTORCH_INT64;
    case at::kByte: return CTORCH_UINT8;
    case at::kBool: return CTORCH_BOOL;
    default: return -1;
  }
}

int32_t ctorch_tensor_convert(const CTorchTensor *tensor, CTorchType type, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return tensor->value.to(border::scalarType(type)); });
}

int32_t ctorch_set_thread_count(int32_t count, char **message) {
  return attempt(message, [&] {
    if (count < 1) throw std::invalid_argument("a thread count must be at least 1, not " + std::to_string(count));
    at::set_num_threads(count);
  });
}

void ctorch_keep_freed_memory() {
  // The largest that glibc takes; more is mapped apart and given back at once.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
}

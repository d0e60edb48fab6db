// Arithmetic, reductions and views.
#include "Border.hpp"

using border::produce;

namespace {

at::Tensor apply(CTorchUnary operation, const at::Tensor &a) {
  switch (operation) {
    case CTORCH_NEGATE: return a.neg();
    case CTORCH_EXP: return a.exp();
    case CTORCH_LOG: return a.log();
    case CTORCH_SQRT: return a.sqrt();
    case CTORCH_TANH: return a.tanh();
    case CTORCH_RELU: return a.relu();
    case CTORCH_GELU: return at::gelu(a);
    case CTORCH_SILU: return at::silu(a);
  }
  throw std::invalid_argument("unknown unary operation");
}

at::Tensor apply(CTorchBinary operation, const at::Tensor &a, const at::Tensor &b) {
  switch (operation) {
    case CTORCH_ADD: return a + b;
    case CTORCH_SUBTRACT: return a - b;
    case CTORCH_MULTIPLY: return a * b;
    case CTORCH_DIVIDE: return a / b;
    case CTORCH_MATMUL: return a.matmul(b);
  }
  throw std::invalid_argument("unknown binary operation");
}

at::Tensor apply(CTorchScalarOperation operation, const at::Tensor &a, double b) {
  switch (operation) {
    case CTORCH_ADD_SCALAR: return a + b;
    case CTORCH_MULTIPLY_SCALAR: return a * b;
    case CTORCH_POW: return a.pow(b);
  }
  throw std::invalid_argument("unknown operation with a number");
}

}  // namespace

int32_t ctorch_unary(CTorchUnary operation, const CTorchTensor *a, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return apply(operation, a->value); });
}

int32_t ctorch_binary(CTorchBinary operation, const CTorchTensor *a, const CTorchTensor *b, CTorchTensor **out,
                      char **message) {
  return produce(out, message, [&] { return apply(operation, a->value, b->value); });
}

int32_t ctorch_scalar(CTorchScalarOperation operation, const CTorchTensor *a, double b, CTorchTensor **out,
                      char **message) {
  return produce(out, message, [&] { return apply(operation, a->value, b); });
}

int32_t ctorch_addmm(const CTorchTensor *bias, const CTorchTensor *a, const CTorchTensor *b, CTorchTensor **out,
                     char **message) {
  return produce(out, message, [&] { return at::addmm(bias->value, a->value, b->value); });
}

int32_t ctorch_reduce(CTorchReduction operation, const CTorchTensor *a, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return operation == CTORCH_SUM ? a->value.sum() : a->value.mean(); });
}

int32_t ctorch_reduce_along(CTorchReduction operation, const CTorchTensor *a, int64_t dimension, bool keep,
                            CTorchTensor **out, char **message) {
  return produce(out, message, [&] {
    return operation == CTORCH_SUM ? a->value.sum({dimension}, keep) : a->value.mean({dimension}, keep);
  });
}

int32_t ctorch_reshape(const CTorchTensor *a, const int64_t *shape, int64_t rank, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.reshape(at::IntArrayRef(shape, rank)); });
}

int32_t ctorch_narrow(const CTorchTensor *a, int64_t dimension, int64_t start, int64_t length, CTorchTensor **out,
                      char **message) {
  return produce(out, message, [&] { return a->value.narrow(dimension, start, length); });
}

int32_t ctorch_transpose(const CTorchTensor *a, int64_t first, int64_t second, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.transpose(first, second); });
}

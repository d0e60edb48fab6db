// Arithmetic and reductions.
#include <cmath>
#include <optional>

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
    case CTORCH_SIN: return a.sin();
    case CTORCH_COS: return a.cos();
    case CTORCH_SIGMOID: return a.sigmoid();
    case CTORCH_SOFTPLUS: return at::softplus(a);
    case CTORCH_LOG_GAMMA: return at::lgamma(a);
    case CTORCH_DIGAMMA: return at::digamma(a);
    case CTORCH_ABS: return a.abs();
    case CTORCH_SQUARE: return a.square();
    case CTORCH_RSQRT: return a.rsqrt();
    case CTORCH_RECIPROCAL: return a.reciprocal();
    case CTORCH_EXPM1: return a.expm1();
    case CTORCH_LOG1P: return a.log1p();
    case CTORCH_FLOOR: return a.floor();
    case CTORCH_SIGN: return a.sign();
    case CTORCH_GELU_TANH: return at::gelu(a, "tanh");
    case CTORCH_ERF: return a.erf();
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
    case CTORCH_MAXIMUM: return at::maximum(a, b);
    case CTORCH_MINIMUM: return at::minimum(a, b);
    case CTORCH_LESS: return a < b;
    case CTORCH_GREATER: return a > b;
    case CTORCH_EQUAL: return a == b;
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

at::Tensor apply(CTorchReduction operation, const at::Tensor &a, at::IntArrayRef dimensions, bool keep) {
  switch (operation) {
    case CTORCH_SUM: return a.sum(dimensions, keep);
    case CTORCH_MEAN: return a.mean(dimensions, keep);
    case CTORCH_LARGEST: return a.amax(dimensions, keep);
    case CTORCH_SMALLEST: return a.amin(dimensions, keep);
    case CTORCH_LOGSUMEXP: return a.logsumexp(dimensions, keep);
    case CTORCH_VARIANCE: return a.var(dimensions, false, keep);
    case CTORCH_UNBIASED_VARIANCE: return a.var(dimensions, true, keep);
  }
  throw std::invalid_argument("unknown reduction");
}

at::Tensor apply(CTorchScan operation, const at::Tensor &a, int64_t dimension) {
  switch (operation) {
    case CTORCH_SOFTMAX: return a.softmax(dimension);
    case CTORCH_LOG_SOFTMAX: return a.log_softmax(dimension);
    case CTORCH_CUMULATIVE_SUM: return a.cumsum(dimension);
    case CTORCH_SORT: return std::get<0>(a.sort(dimension));
    case CTORCH_ARGMAX: return a.argmax(dimension);
  }
  throw std::invalid_argument("unknown operation along a dimension");
}

std::optional<at::Scalar> bound(double value) {
  return std::isnan(value) ? std::nullopt : std::optional<at::Scalar>(value);
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
  return produce(out, message, [&] {
    switch (operation) {
      case CTORCH_SUM: return a->value.sum();
      case CTORCH_MEAN: return a->value.mean();
      case CTORCH_LARGEST: return a->value.max();
      case CTORCH_SMALLEST: return a->value.min();
      default: throw std::invalid_argument("this reduction needs a dimension");
    }
  });
}

int32_t ctorch_reduce_along(CTorchReduction operation, const CTorchTensor *a, const int64_t *dimensions, int64_t count,
                            bool keep, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return apply(operation, a->value, at::IntArrayRef(dimensions, count), keep); });
}

int32_t ctorch_scan(CTorchScan operation, const CTorchTensor *a, int64_t dimension, CTorchTensor **out,
                    char **message) {
  return produce(out, message, [&] { return apply(operation, a->value, dimension); });
}

int32_t ctorch_quantile(const CTorchTensor *a, double fraction, int64_t dimension, CTorchTensor **out,
                        char **message) {
  return produce(out, message, [&] { return a->value.quantile(fraction, dimension); });
}

int32_t ctorch_clamp(const CTorchTensor *a, double low, double high, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.clamp(bound(low), bound(high)); });
}

int32_t ctorch_where(const CTorchTensor *condition, const CTorchTensor *a, const CTorchTensor *b, CTorchTensor **out,
                     char **message) {
  return produce(out, message, [&] { return at::where(condition->value, a->value, b->value); });
}

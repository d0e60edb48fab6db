// Matrices: decompositions and the diagonal.
#include <memory>

#include "Border.hpp"

using border::attempt;
using border::produce;

int32_t ctorch_eigen_symmetric(const CTorchTensor *a, CTorchTensor **values, CTorchTensor **vectors, char **message) {
  return attempt(message, [&] {
    auto [eigenvalues, eigenvectors] = at::linalg_eigh(a->value);
    auto first = std::make_unique<CTorchTensor>(eigenvalues);
    *vectors = new CTorchTensor{eigenvectors};
    *values = first.release();
  });
}

int32_t ctorch_cholesky(const CTorchTensor *a, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return at::linalg_cholesky(a->value); });
}

int32_t ctorch_inverse(const CTorchTensor *a, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return at::linalg_inv(a->value); });
}

int32_t ctorch_diagonal(const CTorchTensor *a, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.diagonal(0, -2, -1); });
}

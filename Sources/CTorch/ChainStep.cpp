// A step of a chain by stochastic gradients: gradient, prior, friction and noise in one pass through memory, in which the noise
// is made as well. What comes out depends neither on the number of threads nor on which instructions there are.
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "Border.hpp"
#include "Layout.hpp"
#include "Normals.hpp"

namespace {

using namespace vectors;

// Numbers of one pass, whose squares are added in 32 bits; then sums are added in 64.
constexpr int64_t passSize = 64 * blockSize;

struct Coefficients {
  uint64_t key;
  float rate, momentum, decay, deviation;
};

// Sums of squares of gradients and of momenta.
struct Squares {
  double gradient = 0, momentum = 0;
};

VECTORS_INLINE double total(const Lanes &numbers) {
  double sum = 0;
  for (int i = 0; i < lanes; i++) sum += numbers[i];
  return sum;
}

// A block of positions, momenta, gradients and noise; squares are added to.
VECTORS_INLINE void advanceBlock(float *x, float *v, const float *g, const Lanes (&z)[4], const Coefficients &c,
                                 Lanes &gradients, Lanes &momenta) {
#pragma clang fp contract(off)
  VECTORS_UNROLL
  for (int i = 0; i < 4; i++) {
    Lanes position, momentum, slope;
    load(position, x + i * lanes);
    load(momentum, v + i * lanes);
    load(slope, g + i * lanes);
    slope += position * c.decay;
    gradients += slope * slope;
    momentum = momentum * c.momentum + (slope + z[i] * c.deviation);
    momenta += momentum * momentum;
    position -= momentum * c.rate;
    store(position, x + i * lanes);
    store(momentum, v + i * lanes);
  }
}

// x, v and g are `count` numbers, x and v with room for whole blocks; `block` is where they begin in the key's stream.
VECTORS_INLINE Squares advance(float *x, float *v, const float *g, int64_t count, int64_t block,
                               const Coefficients &c) {
  Lanes gradients = {}, momenta = {};
  const int64_t whole = count / blockSize, rest = count % blockSize;
  for (int64_t i = 0; i < whole; i++) {
    Lanes z[4] = {};
    if (c.deviation != 0) normals(c.key, block + i, z);
    advanceBlock(x + i * blockSize, v + i * blockSize, g + i * blockSize, z, c, gradients, momenta);
  }
  if (rest > 0) {
    // Whatever stands after the last number is 0 and stays so.
    Lanes z[4] = {}, end[4] = {};
    if (c.deviation != 0) normals(c.key, block + whole, z);
    std::memset(reinterpret_cast<char *>(z) + rest * sizeof(float), 0, (blockSize - rest) * sizeof(float));
    std::memcpy(end, g + whole * blockSize, rest * sizeof(float));
    advanceBlock(x + whole * blockSize, v + whole * blockSize, reinterpret_cast<float *>(end), z, c, gradients, momenta);
  }
  return {total(gradients), total(momenta)};
}

VECTORS_TARGET Squares advanceWide(float *x, float *v, const float *g, int64_t count, int64_t block,
                                   const Coefficients &c) {
  return advance(x, v, g, count, block, c);
}

Squares advancePortably(float *x, float *v, const float *g, int64_t count, int64_t block, const Coefficients &c) {
  return advance(x, v, g, count, block, c);
}

VECTORS_INLINE void fill(uint64_t key, int64_t blocks, float *out) {
  for (int64_t block = 0; block < blocks; block++) {
    Lanes z[4];
    normals(key, block, z);
    std::memcpy(out + block * blockSize, z, sizeof z);
  }
}

VECTORS_TARGET void fillWide(uint64_t key, int64_t blocks, float *out) { fill(key, blocks, out); }

void fillPortably(uint64_t key, int64_t blocks, float *out) { fill(key, blocks, out); }

// Where a parameter begins in the piece of memory that it is a view of.
int64_t offset(const at::Tensor &parameter, const at::Tensor &flat) {
  const int64_t start = parameter.storage_offset() - flat.storage_offset();
  if (!parameter.is_alias_of(flat) || parameter.scalar_type() != at::kFloat ||
      !parameter.is_non_overlapping_and_dense() || start < 0 || start % blockSize != 0 ||
      start + parameter.numel() > flat.numel())
    throw std::invalid_argument("a parameter is no view of the flat tensor; make it with Tensor.flattened");
  return start;
}

void requireFlat(const at::Tensor &tensor) {
  if (tensor.dim() != 1 || !tensor.is_contiguous() || tensor.scalar_type() != at::kFloat ||
      tensor.numel() % blockSize != 0)
    throw std::invalid_argument("a flat tensor has one dimension of 32-bit numbers; make it with Tensor.flattened");
}

}  // namespace

int32_t ctorch_flatten(CTorchTensor *const *tensors, int64_t count, CTorchTensor **flat, CTorchTensor **views,
                       char **message) {
  return border::attempt(message, [&] {
    const c10::AutoGradMode unrecorded(false);
    const auto values = border::list(tensors, count);
    std::vector<int64_t> offsets(count + 1, 0);
    for (int64_t i = 0; i < count; i++) {
      if (values[i].scalar_type() != at::kFloat || !values[i].is_non_overlapping_and_dense())
        throw std::invalid_argument("only 32-bit numbers without gaps can be laid out flat");
      offsets[i + 1] = offsets[i] + (values[i].numel() + blockSize - 1) / blockSize * blockSize;
    }
    auto all = std::make_unique<CTorchTensor>(at::zeros({offsets[count]}, at::kFloat));
    std::vector<std::unique_ptr<CTorchTensor>> handles;
    for (int64_t i = 0; i < count; i++) {
      auto view = all->value.as_strided(values[i].sizes(), values[i].strides(), offsets[i]);
      handles.push_back(std::make_unique<CTorchTensor>(view.copy_(values[i])));
    }
    *flat = all.release();
    for (int64_t i = 0; i < count; i++) views[i] = handles[i].release();
  });
}

int32_t ctorch_chain_step(const CTorchTensor *flat, const CTorchTensor *momenta, CTorchTensor *const *parameters,
                          CTorchTensor *const *gradients, int64_t count, const CTorchChainStep *step, double *squares,
                          char **message) {
  return border::attempt(message, [&] {
    const auto &x = flat->value, &v = momenta->value;
    requireFlat(x);
    requireFlat(v);
    if (x.numel() != v.numel()) throw std::invalid_argument("momenta must be as many as the flat tensor's numbers");
    const auto values = border::list(parameters, count);
    const auto slopes = layout::alike(values, border::list(gradients, count));
    const Coefficients coefficients = {step->key, float(step->rate), float(step->momentum), float(step->decay),
                                       float(step->deviation)};
    const auto pass = areSupported() && !step->portable ? advanceWide : advancePortably;
    float *positions = x.data_ptr<float>(), *speeds = v.data_ptr<float>();
    squares[0] = squares[1] = 0;
    for (int64_t i = 0; i < count; i++) {
      if (slopes[i].scalar_type() != at::kFloat) throw std::invalid_argument("a gradient must be of 32-bit numbers");
      const int64_t start = offset(values[i], x), size = values[i].numel(), passes = (size + passSize - 1) / passSize;
      const float *slope = slopes[i].const_data_ptr<float>();
      std::vector<Squares> sums(passes);
      at::parallel_for(0, passes, 16, [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; p++) {
          const int64_t first = p * passSize;
          sums[p] = pass(positions + start + first, speeds + start + first, slope + first,
                         std::min(passSize, size - first), (start + first) / blockSize, coefficients);
        }
      });
      for (const auto &sum : sums) squares[0] += sum.gradient, squares[1] += sum.momentum;
    }
  });
}

int32_t ctorch_single_normals(uint64_t key, int64_t count, bool portable, CTorchTensor **out, char **message) {
  return border::produce(out, message, [&] {
    const int64_t blocks = (count + blockSize - 1) / blockSize;
    auto numbers = at::empty({blocks * blockSize}, at::kFloat);
    (areSupported() && !portable ? fillWide : fillPortably)(key, blocks, numbers.data_ptr<float>());
    return numbers.narrow(0, 0, count).clone();
  });
}

int32_t ctorch_squares(CTorchTensor *const *tensors, int64_t count, double *sum, char **message) {
  return border::attempt(message, [&] {
    const c10::AutoGradMode unrecorded(false);
    *sum = 0;
    for (const auto &value : border::list(tensors, count)) {
      // In whichever order they lie.
      const auto numbers = value.is_non_overlapping_and_dense() ? value.as_strided({value.numel()}, {1}) : value.flatten();
      *sum += at::dot(numbers, numbers).item<double>();
    }
  });
}

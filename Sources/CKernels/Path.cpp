#include "Path.hpp"

#include <atomic>

namespace kernels {

namespace portable {
extern const Path path;
}
#if defined(__x86_64__)
namespace avx512 {
extern const Path path;
}
namespace avx2 {
extern const Path path;
}
#endif

// Null if this processor does not run it.
static const Path *find(CKernelsPath kind) {
#if defined(__x86_64__)
  const bool hasAVX512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  const bool hasAVX2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (kind == CKERNELS_AVX512) return hasAVX512 ? &avx512::path : nullptr;
  if (kind == CKERNELS_AVX2) return hasAVX2 ? &avx2::path : nullptr;
  if (kind == CKERNELS_FASTEST && hasAVX512) return &avx512::path;
  if (kind == CKERNELS_FASTEST && hasAVX2) return &avx2::path;
#endif
  return kind == CKERNELS_PORTABLE || kind == CKERNELS_FASTEST ? &portable::path : nullptr;
}

static std::atomic<const Path *> &current() {
  static std::atomic<const Path *> current = find(CKERNELS_FASTEST);
  return current;
}

const Path &path() { return *current().load(std::memory_order_relaxed); }

}  // namespace kernels

using namespace kernels;

int32_t ckernels_use(CKernelsPath kind) {
  const Path *found = find(kind);
  if (found) current().store(found, std::memory_order_relaxed);
  return found != nullptr;
}

void ckernels_normals(uint64_t key, int64_t count, double *out) { path().normals(key, count, out); }

void ckernels_add_scaled(int64_t count, double a, const double *x, double *y) { path().addScaled(count, a, x, y); }

void ckernels_add_scaled_product(int64_t count, double a, const double *w, const double *x, double *y) {
  path().addScaledProduct(count, a, w, x, y);
}

double ckernels_dot(int64_t count, const double *x, const double *y) { return path().dot(count, x, y); }

double ckernels_weighted_dot(int64_t count, const double *w, const double *x, const double *y) {
  return path().weightedDot(count, w, x, y);
}

void ckernels_kick_and_drift(int64_t count, double kick, const double *gradient, const double *momentum, double step,
                             const double *variances, const double *position, double *newMomentum, double *newPosition) {
  path().kickAndDrift(count, kick, gradient, momentum, step, variances, position, newMomentum, newPosition);
}

double ckernels_kick_and_measure(int64_t count, double kick, const double *gradient, double *momentum,
                                 const double *variances) {
  return path().kickAndMeasure(count, kick, gradient, momentum, variances);
}

void ckernels_turning(int64_t count, const double *variances, const double *a, const double *b, const double *first,
                      const double *last, double *results) {
  path().turning(count, variances, a, b, first, last, results);
}

double ckernels_subtract_scaled(int64_t count, double a, const double *x, double *y) {
  return path().subtractScaled(count, a, x, y);
}

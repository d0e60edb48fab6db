// Kernels of our own for densities and samplers: plain C functions over plain memory, no library behind them.
//
// Every function is compiled for AVX-512, for AVX2 and for any processor, and the first that the processor runs is taken. All
// three give the same bits: they add in the same order, and fuse the same products into sums.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

typedef enum { CKERNELS_FASTEST, CKERNELS_AVX512, CKERNELS_AVX2, CKERNELS_PORTABLE } CKernelsPath;

// Takes another path from now on, for measuring and comparing; 0 if this processor does not run it.
int32_t ckernels_use(CKernelsPath path);

// The first numbers of a key's stream of standard normal ones.
void ckernels_normals(uint64_t key, int64_t count, double *out);

// y += a x
void ckernels_add_scaled(int64_t count, double a, const double *x, double *y);
// y += a w x, element by element
void ckernels_add_scaled_product(int64_t count, double a, const double *w, const double *x, double *y);
// y -= a x; the sum of x²
double ckernels_subtract_scaled(int64_t count, double a, const double *x, double *y);
// The sum of x y
double ckernels_dot(int64_t count, const double *x, const double *y);
// The sum of w x y
double ckernels_weighted_dot(int64_t count, const double *w, const double *x, const double *y);
// new_momentum = momentum + kick gradient; new_position = position + step variances new_momentum
void ckernels_kick_and_drift(int64_t count, double kick, const double *gradient, const double *momentum, double step,
                             const double *variances, const double *position, double *new_momentum, double *new_position);
// momentum += kick gradient; the sum of variances momentum²
double ckernels_kick_and_measure(int64_t count, double kick, const double *gradient, double *momentum, const double *variances);
// The sums of variances (a + b) first and of variances (a + b) last, into two results
void ckernels_turning(int64_t count, const double *variances, const double *a, const double *b, const double *first,
                      const double *last, double *results);

typedef enum { CKERNELS_TANH, CKERNELS_RELU, CKERNELS_GELU, CKERNELS_SILU } CKernelsActivation;

// What the outputs of a row say about its target y.
typedef enum {
  // One output f: y ~ N(f, noise²).
  CKERNELS_NORMAL,
  // Two outputs f, s: y ~ N(f, e^2s).
  CKERNELS_NORMAL_PER_ROW,
  // One output f: y is 1 with probability 1 / (1 + e^-f), else 0.
  CKERNELS_BERNOULLI,
  // As many outputs as classes: y is class k with probability e^f_k / sum e^f.
  CKERNELS_CATEGORICAL,
} CKernelsLikelihood;

// A multilayer perceptron with its rows and all its buffers. One thread at a time.
typedef struct CKernelsPerceptron CKernelsPerceptron;

// widths: of a row of inputs, each hidden layer and a row of outputs; inputs: row-major, rows x widths[0]; targets: one a row, or null
// if only outputs are asked for. Null if there is no memory.
CKernelsPerceptron *_Nullable ckernels_perceptron_create(
    const int64_t *widths, int64_t count, CKernelsActivation activation, CKernelsLikelihood likelihood, const double *inputs,
    const double *_Nullable targets, int64_t rows);
void ckernels_perceptron_free(CKernelsPerceptron *perceptron);

// The log likelihood of all rows, its gradient in the parameters and, for CKERNELS_NORMAL, in the logarithm of the noise.
double ckernels_perceptron_gradient(CKernelsPerceptron *perceptron, const double *parameters, double noise, double *gradient,
                                    double *noise_gradient);

// The same for some rows only, given by their numbers.
double ckernels_perceptron_gradient_of_rows(CKernelsPerceptron *perceptron, const int64_t *rows, int64_t count,
                                            const double *parameters, double noise, double *gradient, double *noise_gradient);

// The outputs of all rows, row-major, rows x outputs.
void ckernels_perceptron_outputs(CKernelsPerceptron *perceptron, const double *parameters, double *outputs);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

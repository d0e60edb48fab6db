/* The border to libtorch: opaque handles, plain C.
 *
 * Every call that can fail returns 0 for success, or 1 with `*message` set to a text the caller releases with
 * ctorch_message_free. No C++ exception crosses this border and no call keeps a pointer it was given, unless its comment
 * says so. A handle may be used by one thread at a time. */
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CTorchTensor CTorchTensor;
typedef struct CTorchScript CTorchScript;

typedef enum { CTORCH_FLOAT32, CTORCH_FLOAT64, CTORCH_INT32, CTORCH_INT64, CTORCH_UINT8, CTORCH_BOOL } CTorchType;

typedef enum {
  CTORCH_NEGATE, CTORCH_EXP, CTORCH_LOG, CTORCH_SQRT, CTORCH_TANH, CTORCH_RELU, CTORCH_GELU, CTORCH_SILU,
  CTORCH_SIN, CTORCH_COS, CTORCH_SIGMOID, CTORCH_SOFTPLUS, CTORCH_ABS, CTORCH_SQUARE, CTORCH_RSQRT, CTORCH_RECIPROCAL,
  CTORCH_EXPM1, CTORCH_LOG1P, CTORCH_FLOOR, CTORCH_SIGN, CTORCH_GELU_TANH, CTORCH_ERF, CTORCH_LOG_GAMMA,
  CTORCH_DIGAMMA
} CTorchUnary;

typedef enum {
  CTORCH_ADD, CTORCH_SUBTRACT, CTORCH_MULTIPLY, CTORCH_DIVIDE, CTORCH_MATMUL, CTORCH_MAXIMUM, CTORCH_MINIMUM,
  CTORCH_LESS, CTORCH_GREATER, CTORCH_EQUAL
} CTorchBinary;

typedef enum { CTORCH_ADD_SCALAR, CTORCH_MULTIPLY_SCALAR, CTORCH_POW } CTorchScalarOperation;

typedef enum {
  CTORCH_SUM, CTORCH_MEAN, CTORCH_LARGEST, CTORCH_SMALLEST, CTORCH_LOGSUMEXP, CTORCH_VARIANCE,
  CTORCH_UNBIASED_VARIANCE
} CTorchReduction;

/* What works along one dimension and keeps the shape; but CTORCH_ARGMAX drops the dimension. */
typedef enum { CTORCH_SOFTMAX, CTORCH_LOG_SOFTMAX, CTORCH_CUMULATIVE_SUM, CTORCH_SORT, CTORCH_ARGMAX } CTorchScan;

typedef enum { CTORCH_PAD_ZEROS, CTORCH_PAD_REFLECT, CTORCH_PAD_REPLICATE } CTorchPadding;

typedef enum { CTORCH_NEAREST, CTORCH_BILINEAR, CTORCH_BICUBIC, CTORCH_AREA } CTorchInterpolation;

void ctorch_message_free(char *message);

/* Creation copies `bytes` bytes, which must be exactly what the shape and type need. */
int32_t ctorch_tensor_create(const void *data, int64_t bytes, CTorchType type, const int64_t *shape, int64_t rank,
                             CTorchTensor **out, char **message);
int32_t ctorch_tensor_full(double value, CTorchType type, const int64_t *shape, int64_t rank, CTorchTensor **out,
                           char **message);
/* Zeros of the same type and shape, laid out in memory as `tensor` is. */
int32_t ctorch_tensor_zeros_like(const CTorchTensor *tensor, CTorchTensor **out, char **message);
void ctorch_tensor_free(CTorchTensor *tensor);
/* Copies the elements out in C order; `bytes` must be exactly their size. */
int32_t ctorch_tensor_read(const CTorchTensor *tensor, void *data, int64_t bytes, char **message);
int64_t ctorch_tensor_rank(const CTorchTensor *tensor);
int64_t ctorch_tensor_size(const CTorchTensor *tensor, int64_t dimension);
/* The type's number, or -1 for a type this border does not carry. */
int32_t ctorch_tensor_type(const CTorchTensor *tensor);
int32_t ctorch_tensor_convert(const CTorchTensor *tensor, CTorchType type, CTorchTensor **out, char **message);

int32_t ctorch_unary(CTorchUnary operation, const CTorchTensor *a, CTorchTensor **out, char **message);
int32_t ctorch_binary(CTorchBinary operation, const CTorchTensor *a, const CTorchTensor *b, CTorchTensor **out,
                      char **message);
int32_t ctorch_scalar(CTorchScalarOperation operation, const CTorchTensor *a, double b, CTorchTensor **out,
                      char **message);
/* bias + a b, for matrices a and b and a bias that broadcasts. */
int32_t ctorch_addmm(const CTorchTensor *bias, const CTorchTensor *a, const CTorchTensor *b, CTorchTensor **out,
                     char **message);
int32_t ctorch_reduce(CTorchReduction operation, const CTorchTensor *a, CTorchTensor **out, char **message);
int32_t ctorch_reduce_along(CTorchReduction operation, const CTorchTensor *a, const int64_t *dimensions, int64_t count,
                            bool keep, CTorchTensor **out, char **message);
int32_t ctorch_scan(CTorchScan operation, const CTorchTensor *a, int64_t dimension, CTorchTensor **out, char **message);
int32_t ctorch_quantile(const CTorchTensor *a, double fraction, int64_t dimension, CTorchTensor **out, char **message);
/* Bounds that are NaN do not bind. */
int32_t ctorch_clamp(const CTorchTensor *a, double low, double high, CTorchTensor **out, char **message);
int32_t ctorch_where(const CTorchTensor *condition, const CTorchTensor *a, const CTorchTensor *b, CTorchTensor **out,
                     char **message);
int32_t ctorch_reshape(const CTorchTensor *a, const int64_t *shape, int64_t rank, CTorchTensor **out, char **message);
int32_t ctorch_narrow(const CTorchTensor *a, int64_t dimension, int64_t start, int64_t length, CTorchTensor **out,
                      char **message);
int32_t ctorch_transpose(const CTorchTensor *a, int64_t first, int64_t second, CTorchTensor **out, char **message);
int32_t ctorch_permute(const CTorchTensor *a, const int64_t *order, int64_t rank, CTorchTensor **out, char **message);
int32_t ctorch_expand(const CTorchTensor *a, const int64_t *shape, int64_t rank, CTorchTensor **out, char **message);
int32_t ctorch_unsqueeze(const CTorchTensor *a, int64_t dimension, CTorchTensor **out, char **message);
int32_t ctorch_flip(const CTorchTensor *a, const int64_t *dimensions, int64_t count, CTorchTensor **out,
                    char **message);
int32_t ctorch_concatenate(CTorchTensor *const *parts, int64_t count, int64_t dimension, CTorchTensor **out,
                           char **message);
int32_t ctorch_stack(CTorchTensor *const *parts, int64_t count, int64_t dimension, CTorchTensor **out, char **message);
int32_t ctorch_rows(const CTorchTensor *a, int64_t dimension, const CTorchTensor *index, CTorchTensor **out,
                    char **message);
int32_t ctorch_gather(const CTorchTensor *a, int64_t dimension, const CTorchTensor *index, CTorchTensor **out,
                      char **message);
/* Widths begin with the last dimension: left, right, top, bottom, ... */
int32_t ctorch_pad(const CTorchTensor *a, const int64_t *widths, int64_t count, CTorchPadding mode, CTorchTensor **out,
                   char **message);
/* The same elements, laid out in memory with the channels last (rank 4) or in C order. */
int32_t ctorch_channels_last(const CTorchTensor *a, CTorchTensor **out, char **message);
int32_t ctorch_contiguous(const CTorchTensor *a, CTorchTensor **out, char **message);

/* Layers; a bias, weight or mask that is NULL is left out. */
/* A copy of a weight together with what a linear layer or convolution makes of it first, which is then made once and not in
 * every call; it is read where gradients are not recorded. */
int32_t ctorch_ready(const CTorchTensor *weight, CTorchTensor **out, char **message);
int32_t ctorch_linear(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias, CTorchTensor **out,
                      char **message);
int32_t ctorch_convolve(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias, int64_t stride,
                        int64_t padding, int64_t dilation, int64_t groups, bool transposed, CTorchTensor **out,
                        char **message);
/* What a convolution with a square kernel sees of a [n, c, h, w] at each place: [n, c kernel^2, places]. */
int32_t ctorch_patches(const CTorchTensor *a, int64_t kernel, int64_t stride, int64_t padding, CTorchTensor **out,
                       char **message);
int32_t ctorch_group_norm(const CTorchTensor *a, int64_t groups, const CTorchTensor *weight, const CTorchTensor *bias,
                          double epsilon, CTorchTensor **out, char **message);
/* silu(group_norm(a + shift)) for a [n, channels, height, width] and a shift [n, channels], or none. */
int32_t ctorch_group_norm_silu(const CTorchTensor *a, const CTorchTensor *shift, int64_t groups,
                               const CTorchTensor *weight, const CTorchTensor *bias, double epsilon,
                               CTorchTensor **out, char **message);
/* Over the last `dimensions` dimensions. */
int32_t ctorch_layer_norm(const CTorchTensor *a, int64_t dimensions, const CTorchTensor *weight,
                          const CTorchTensor *bias, double epsilon, CTorchTensor **out, char **message);
/* A scale that is NaN is 1 / sqrt(width). */
int32_t ctorch_attention(const CTorchTensor *query, const CTorchTensor *key, const CTorchTensor *value,
                         const CTorchTensor *mask, double scale, CTorchTensor **out, char **message);
int32_t ctorch_resize(const CTorchTensor *a, int64_t height, int64_t width, CTorchInterpolation interpolation,
                      bool antialiased, CTorchTensor **out, char **message);
int32_t ctorch_average_pool(const CTorchTensor *a, int64_t size, int64_t stride, int64_t padding, CTorchTensor **out,
                            char **message);
int32_t ctorch_maximum_pool(const CTorchTensor *a, int64_t size, int64_t stride, CTorchTensor **out, char **message);

/* What classifiers are made of and trained by. */
/* Each channel of [n, channels, ..] with the batch's own mean and variance; also hands out that mean and the unbiased
 * variance [channels]. */
int32_t ctorch_batch_norm(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias, double epsilon,
                          CTorchTensor **out, CTorchTensor **mean, CTorchTensor **variance, char **message);
int32_t ctorch_stored_norm(const CTorchTensor *a, const CTorchTensor *mean, const CTorchTensor *variance,
                           const CTorchTensor *weight, const CTorchTensor *bias, double epsilon, CTorchTensor **out,
                           char **message);
/* 0 with a probability, else 1 / (1 - probability), float32, a function of the key and the place in C order alone. */
int32_t ctorch_dropout_mask(uint64_t key, double probability, const int64_t *shape, int64_t rank, CTorchTensor **out,
                            char **message);
/* The largest of squares of 2 x 2 of a convolution of stride 1, rectified. */
int32_t ctorch_convolve_pooled(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias,
                               int64_t padding, CTorchTensor **out, char **message);
/* The cross entropy of each row of logits [n, classes] with its label, int64 [n]. */
int32_t ctorch_cross_entropies(const CTorchTensor *logits, const CTorchTensor *labels, double smoothing,
                               CTorchTensor **out, char **message);

/* Matrices. */
int32_t ctorch_eigen_symmetric(const CTorchTensor *a, CTorchTensor **values, CTorchTensor **vectors, char **message);
int32_t ctorch_cholesky(const CTorchTensor *a, CTorchTensor **out, char **message);
int32_t ctorch_inverse(const CTorchTensor *a, CTorchTensor **out, char **message);
int32_t ctorch_diagonal(const CTorchTensor *a, CTorchTensor **out, char **message);

/* In place: the only calls that write into a tensor. */
/* One step of AdamW, the decay being decoupled; `step` begins at 1. */
int32_t ctorch_adam_step(CTorchTensor *const *parameters, CTorchTensor *const *gradients,
                         CTorchTensor *const *first_moments, CTorchTensor *const *second_moments, int64_t count,
                         int64_t step, double rate, double beta1, double beta2, double epsilon, double decay,
                         char **message);
/* One step of stochastic gradient descent with momentum: v = momentum v + g + decay x, x -= rate v (or, Nesterov's way,
 * rate (g + decay x + momentum v)). */
int32_t ctorch_sgd_step(CTorchTensor *const *parameters, CTorchTensor *const *gradients, CTorchTensor *const *momenta,
                        int64_t count, double rate, double momentum, double decay, bool nesterov, char **message);
/* Coefficients of a step of a chain; `portable` takes no instructions that only some processors have, and makes the same bits. */
typedef struct {
  uint64_t key;
  double rate, momentum, decay, deviation;
  bool portable;
} CTorchChainStep;
/* Copies 32-bit tensors one after the other into one, each beginning at a multiple of 64, and gives `count` views of it which lie in
 * it as the tensors lie in memory. */
int32_t ctorch_flatten(CTorchTensor *const *tensors, int64_t count, CTorchTensor **flat, CTorchTensor **views,
                       char **message);
/* g = gradient + decay x, v = momentum v + g + deviation z, x -= rate v, where z are the key's normal numbers by place in the flat
 * tensor; `squares` gets the sums of squares of g and of v. */
int32_t ctorch_chain_step(const CTorchTensor *flat, const CTorchTensor *momenta, CTorchTensor *const *parameters,
                          CTorchTensor *const *gradients, int64_t count, const CTorchChainStep *step, double *squares,
                          char **message);
/* The sum of the squares of all numbers of all tensors. */
int32_t ctorch_squares(CTorchTensor *const *tensors, int64_t count, double *sum, char **message);
/* The first 32-bit normal numbers of a key's stream, which are not the 64-bit ones of `RandomKey`. */
int32_t ctorch_single_normals(uint64_t key, int64_t count, bool portable, CTorchTensor **out, char **message);
/* target += weight (source - target), for each pair. */
int32_t ctorch_blend(CTorchTensor *const *targets, CTorchTensor *const *sources, int64_t count, double weight,
                     char **message);

/* A view of the same numbers without a record of where they came from. */
int32_t ctorch_detach(const CTorchTensor *a, CTorchTensor **out, char **message);
/* A view of the same numbers whose gradients are recorded from here on. */
int32_t ctorch_track(const CTorchTensor *a, CTorchTensor **out, char **message);
/* Gradients of the scalar `value` with respect to `count` inputs, into `out[0..<count]`; zero where it does not depend on
 * one. The record is freed unless it is to be kept. */
int32_t ctorch_gradient(const CTorchTensor *value, CTorchTensor *const *inputs, int64_t count, bool keep,
                        CTorchTensor **out, char **message);
/* Turns recording on or off for this thread; returns what it was. */
bool ctorch_set_recording(bool enabled);

/* Has the allocator keep up to 128 MB that were freed, instead of giving them back to the system at each step. */
void ctorch_keep_freed_memory(void);
int32_t ctorch_set_thread_count(int32_t count, char **message);

/* A program in TorchScript's form, read from the bytes of its file; it is ready to evaluate, not to train. */
int32_t ctorch_script_load(const void *bytes, int64_t count, CTorchScript **out, char **message);
void ctorch_script_free(CTorchScript *script);
/* Runs the program on one tensor. It returns a tensor, or a tuple or list of some, of which at most `capacity` are handed out and
 * `count` says how many. */
int32_t ctorch_script_run(CTorchScript *script, const CTorchTensor *input, CTorchTensor **out, int64_t capacity,
                          int64_t *count, char **message);

#ifdef __cplusplus
}
#endif
#endif

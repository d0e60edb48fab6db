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
typedef struct CTorchPerceptron CTorchPerceptron;

typedef enum { CTORCH_FLOAT32, CTORCH_FLOAT64, CTORCH_INT32, CTORCH_INT64, CTORCH_UINT8, CTORCH_BOOL } CTorchType;

typedef enum {
  CTORCH_NEGATE, CTORCH_EXP, CTORCH_LOG, CTORCH_SQRT, CTORCH_TANH, CTORCH_RELU, CTORCH_GELU, CTORCH_SILU
} CTorchUnary;

typedef enum { CTORCH_ADD, CTORCH_SUBTRACT, CTORCH_MULTIPLY, CTORCH_DIVIDE, CTORCH_MATMUL } CTorchBinary;

typedef enum { CTORCH_ADD_SCALAR, CTORCH_MULTIPLY_SCALAR, CTORCH_POW } CTorchScalarOperation;

typedef enum { CTORCH_SUM, CTORCH_MEAN } CTorchReduction;

void ctorch_message_free(char *message);

/* Creation copies `bytes` bytes, which must be exactly what the shape and type need. */
int32_t ctorch_tensor_create(const void *data, int64_t bytes, CTorchType type, const int64_t *shape, int64_t rank,
                             CTorchTensor **out, char **message);
int32_t ctorch_tensor_full(double value, CTorchType type, const int64_t *shape, int64_t rank, CTorchTensor **out,
                           char **message);
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
int32_t ctorch_reduce_along(CTorchReduction operation, const CTorchTensor *a, int64_t dimension, bool keep,
                            CTorchTensor **out, char **message);
int32_t ctorch_reshape(const CTorchTensor *a, const int64_t *shape, int64_t rank, CTorchTensor **out, char **message);
int32_t ctorch_narrow(const CTorchTensor *a, int64_t dimension, int64_t start, int64_t length, CTorchTensor **out,
                      char **message);
int32_t ctorch_transpose(const CTorchTensor *a, int64_t first, int64_t second, CTorchTensor **out, char **message);

/* A view of the same numbers whose gradients are recorded from here on. */
int32_t ctorch_track(const CTorchTensor *a, CTorchTensor **out, char **message);
/* Gradients of the scalar `value` with respect to `count` inputs, into `out[0..<count]`. */
int32_t ctorch_gradient(const CTorchTensor *value, CTorchTensor *const *inputs, int64_t count, CTorchTensor **out,
                        char **message);
/* Turns recording on or off for this thread; returns what it was. */
bool ctorch_set_recording(bool enabled);

int32_t ctorch_set_thread_count(int32_t count, char **message);

/* A multilayer perceptron bound to a batch of inputs (row-major, rows x widths[0]), with all buffers kept between
 * calls. Parameters lie layer by layer: weight [out, in] row-major, then bias [out]. */
int32_t ctorch_perceptron_create(const int64_t *widths, int64_t count, CTorchUnary activation, CTorchType type,
                                 const double *inputs, int64_t rows, CTorchPerceptron **out, char **message);
void ctorch_perceptron_free(CTorchPerceptron *perceptron);
/* Writes the outputs, rows x widths[last]. */
int32_t ctorch_perceptron_forward(CTorchPerceptron *perceptron, const double *parameters, double *outputs,
                                  char **message);
/* Given d/d outputs at the last forward's parameters, writes d/d parameters. */
int32_t ctorch_perceptron_backward(CTorchPerceptron *perceptron, const double *output_gradient,
                                   double *parameter_gradient, char **message);

#ifdef __cplusplus
}
#endif
#endif

// Views, and what puts tensors together or in another order.
#include "Border.hpp"

using border::produce;

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

int32_t ctorch_permute(const CTorchTensor *a, const int64_t *order, int64_t rank, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.permute(at::IntArrayRef(order, rank)); });
}

int32_t ctorch_expand(const CTorchTensor *a, const int64_t *shape, int64_t rank, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.expand(at::IntArrayRef(shape, rank)); });
}

int32_t ctorch_unsqueeze(const CTorchTensor *a, int64_t dimension, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.unsqueeze(dimension); });
}

int32_t ctorch_flip(const CTorchTensor *a, const int64_t *dimensions, int64_t count, CTorchTensor **out,
                    char **message) {
  return produce(out, message, [&] { return a->value.flip(at::IntArrayRef(dimensions, count)); });
}

int32_t ctorch_concatenate(CTorchTensor *const *parts, int64_t count, int64_t dimension, CTorchTensor **out,
                           char **message) {
  return produce(out, message, [&] { return at::cat(border::list(parts, count), dimension); });
}

int32_t ctorch_stack(CTorchTensor *const *parts, int64_t count, int64_t dimension, CTorchTensor **out,
                     char **message) {
  return produce(out, message, [&] { return at::stack(border::list(parts, count), dimension); });
}

int32_t ctorch_rows(const CTorchTensor *a, int64_t dimension, const CTorchTensor *index, CTorchTensor **out,
                    char **message) {
  return produce(out, message, [&] { return a->value.index_select(dimension, index->value); });
}

int32_t ctorch_gather(const CTorchTensor *a, int64_t dimension, const CTorchTensor *index, CTorchTensor **out,
                      char **message) {
  return produce(out, message, [&] { return a->value.gather(dimension, index->value); });
}

int32_t ctorch_pad(const CTorchTensor *a, const int64_t *widths, int64_t count, CTorchPadding mode, CTorchTensor **out,
                   char **message) {
  return produce(out, message, [&] {
    static constexpr const char *names[] = {"constant", "reflect", "replicate"};
    return at::pad(a->value, at::IntArrayRef(widths, count), names[mode]);
  });
}

int32_t ctorch_channels_last(const CTorchTensor *a, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.contiguous(at::MemoryFormat::ChannelsLast); });
}

int32_t ctorch_contiguous(const CTorchTensor *a, CTorchTensor **out, char **message) {
  return produce(out, message, [&] { return a->value.contiguous(); });
}

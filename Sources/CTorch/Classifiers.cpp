// What classifiers are made of and trained by: batch norm, dropout, pooled convolutions, cross entropies.
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "Border.hpp"
#include "PooledConvolution.hpp"

namespace {

// A block of a key's draws: Philox4x32-10, as in Tensors/Philox.swift, of the counter (index, 0, 0).
struct Words {
  uint32_t values[4];
};

Words philox(uint64_t index, uint64_t key) {
  uint32_t c0 = uint32_t(index), c1 = uint32_t(index >> 32), c2 = 0, c3 = 0;
  uint32_t k0 = uint32_t(key), k1 = uint32_t(key >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t first = uint64_t(0xD2511F53) * c0, second = uint64_t(0xCD9E8D57) * c2;
    c0 = uint32_t(second >> 32) ^ c1 ^ k0;
    c1 = uint32_t(second);
    c2 = uint32_t(first >> 32) ^ c3 ^ k1;
    c3 = uint32_t(first);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace

int32_t ctorch_batch_norm(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias, double epsilon,
                          CTorchTensor **out, CTorchTensor **mean, CTorchTensor **variance, char **message) {
  return border::attempt(message, [&] {
    const auto &x = a->value;
    if (x.dim() < 2 || x.numel() / std::max<int64_t>(x.size(1), 1) < 2)
      throw std::invalid_argument("batch norm needs more than one value a channel: give a larger batch");
    // Running statistics that follow with momentum 1 are the batch's own, its variance being the unbiased one.
    auto means = at::zeros({x.size(1)}, x.options()), variances = at::ones({x.size(1)}, x.options());
    auto normalized = at::batch_norm(x, weight->value, bias->value, means, variances, true, 1, epsilon, false);
    auto first = std::make_unique<CTorchTensor>(std::move(means));
    auto second = std::make_unique<CTorchTensor>(std::move(variances));
    *out = new CTorchTensor{std::move(normalized)};
    *mean = first.release();
    *variance = second.release();
  });
}

int32_t ctorch_stored_norm(const CTorchTensor *a, const CTorchTensor *mean, const CTorchTensor *variance,
                           const CTorchTensor *weight, const CTorchTensor *bias, double epsilon, CTorchTensor **out,
                           char **message) {
  return border::produce(out, message, [&] {
    return at::batch_norm(a->value, weight->value, bias->value, mean->value, variance->value, false, 0, epsilon, false);
  });
}

int32_t ctorch_dropout_mask(uint64_t key, double probability, const int64_t *shape, int64_t rank, CTorchTensor **out,
                            char **message) {
  return border::produce(out, message, [&] {
    if (!(probability >= 0 && probability < 1))
      throw std::invalid_argument("a probability of dropout must be at least 0 and less than 1");
    auto mask = at::empty(at::IntArrayRef(shape, rank), at::kFloat);
    const auto kept = static_cast<float>(1 / (1 - probability));
    const auto threshold = static_cast<uint32_t>(std::ldexp(probability, 32));
    float *values = mask.data_ptr<float>();
    for (int64_t place = 0; place < mask.numel(); place += 4) {
      const auto words = philox(uint64_t(place / 4), key);
      for (int64_t i = 0; i < std::min<int64_t>(4, mask.numel() - place); i++)
        values[place + i] = words.values[i] < threshold ? 0 : kept;
    }
    return mask;
  });
}

int32_t ctorch_convolve_pooled(const CTorchTensor *a, const CTorchTensor *weight, const CTorchTensor *bias,
                               int64_t padding, CTorchTensor **out, char **message) {
  return border::produce(out, message, [&] {
    if (pooled::suits(a->value, weight->value, bias->value, padding))
      return pooled::convolve(a->value, weight->value, bias->value, padding);
    const auto sums = at::conv2d(a->value, weight->value, bias->value, {1, 1}, {padding, padding});
    return at::max_pool2d(at::relu(sums), {2, 2});
  });
}

int32_t ctorch_cross_entropies(const CTorchTensor *logits, const CTorchTensor *labels, double smoothing,
                               CTorchTensor **out, char **message) {
  return border::produce(out, message, [&] {
    if (logits->value.dim() != 2) throw std::invalid_argument("logits must be [n, classes]");
    if (!(smoothing >= 0 && smoothing <= 1)) throw std::invalid_argument("label smoothing must lie between 0 and 1");
    // No label says that a row does not count.
    return at::cross_entropy_loss(logits->value, labels->value, {}, at::Reduction::None,
                                  std::numeric_limits<int64_t>::min(), smoothing);
  });
}

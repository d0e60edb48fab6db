// Attention (Vaswani et al. 2017, equation 1) head by head and some queries at a time, so that scores stay in the second
// cache and are never kept: the way back computes them again (Dao et al. 2022).
//
//   P = softmax(scale Q K^T);  O = P V;  dV = P^T dO;  dP = dO V^T
//   dS = scale P (dP - sum over keys of P dP);  dQ = dS K;  dK = dS^T Q
#include "Attention.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "Products.hpp"

namespace attention {
namespace {

using namespace vectors;

// Where a tensor [images, heads, tokens, width] lies, whose rows lie in one piece.
struct Rows {
  float *first;
  int64_t heads, image, head, token;

  explicit Rows(const at::Tensor &tensor)
      : first(tensor.data_ptr<float>()), heads(tensor.size(1)), image(tensor.stride(0)), head(tensor.stride(1)),
        token(tensor.stride(2)) {}

  // One head of one image; `pair` counts the heads of all images.
  float *operator[](int64_t pair) const { return first + pair / heads * image + pair % heads * head; }
};

struct Shape {
  int64_t pairs, queries, keys, width, values;
  float scale;
  // Queries whose scores are a quarter of a megabyte, which is half of the second cache for scores and their gradient.
  int64_t block() const { return std::clamp<int64_t>((int64_t(1) << 16) / keys, 12, queries); }
};

VECTORS_INLINE float total(const Lanes &value) {
  float parts[lanes];
  store(value, parts);
  for (int64_t half = lanes / 2; half > 0; half /= 2)
    for (int64_t i = 0; i < half; i++) parts[i] += parts[i + half];
  return parts[0];
}

VECTORS_INLINE float largest(const Lanes &value) {
  float parts[lanes];
  store(value, parts);
  return *std::max_element(parts, parts + lanes);
}

// Rows of scores to softmax(scale * scores).
VECTORS_TARGET void softmax(float *scores, int64_t rows, int64_t keys, float scale) {
  for (float *row = scores; row < scores + rows * keys; row += keys) {
    Lanes most, sum = {}, value;
    load(most, row);
    for (int64_t k = lanes; k < keys; k += lanes) {
      load(value, row + k);
      most = value > most ? value : most;
    }
    const float top = largest(most);
    for (int64_t k = 0; k < keys; k += lanes) {
      load(value, row + k);
      value = (value - top) * scale;
      exponential(value);
      store(value, row + k);
      sum += value;
    }
    const float share = 1 / total(sum);
    for (int64_t k = 0; k < keys; k += lanes) {
      load(value, row + k);
      store(value * share, row + k);
    }
  }
}

// dS, in the place of dP.
VECTORS_TARGET void pullSoftmax(const float *p, float *pulls, int64_t rows, int64_t keys, float scale) {
  for (int64_t r = 0; r < rows; r++, p += keys, pulls += keys) {
    Lanes share, pull, sum = {};
    for (int64_t k = 0; k < keys; k += lanes) {
      load(share, p + k);
      load(pull, pulls + k);
      sum += share * pull;
    }
    const float mean = total(sum);
    for (int64_t k = 0; k < keys; k += lanes) {
      load(share, p + k);
      load(pull, pulls + k);
      store(share * (pull - mean) * scale, pulls + k);
    }
  }
}

// P of some queries and all keys, which are packed.
void attendKeys(const float *query, int64_t token, const float *keys, float *p, int64_t rows, const Shape &shape) {
  multiply(query, keys, p, rows, shape.keys, shape.width, Layout{token, 1, lanes, shape.width * lanes, shape.keys}, false);
  softmax(p, rows, shape.keys, shape.scale);
}

// A tensor [n, heads, tokens, width] in which heads follow tokens, so that to join them copies nothing.
at::Tensor emptyTokens(const at::Tensor &like, int64_t tokens, int64_t width) {
  return at::empty({like.size(0), tokens, like.size(1), width}, like.options()).transpose(1, 2);
}

at::Tensor forward(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value, const Shape &shape) {
  const auto output = emptyTokens(query, shape.queries, shape.values);
  const Rows q(query), k(key), v(value), o(output);
  at::parallel_for(0, shape.pairs, 1, [&](int64_t begin, int64_t end) {
    const auto buffer = at::empty({shape.keys * (shape.width + shape.block())}, query.options());
    float *keys = buffer.data_ptr<float>(), *p = keys + shape.keys * shape.width;
    for (int64_t pair = begin; pair < end; pair++) {
      pack(k[pair], k.token, keys, shape.keys, shape.width);
      for (int64_t first = 0; first < shape.queries; first += shape.block()) {
        const int64_t rows = std::min(shape.block(), shape.queries - first);
        attendKeys(q[pair] + first * q.token, q.token, keys, p, rows, shape);
        multiply(p, v[pair], o[pair] + first * o.token, rows, shape.values, shape.keys,
                 Layout{shape.keys, 1, v.token, lanes, o.token}, false);
      }
    }
  });
  return output;
}

struct Gradients {
  at::Tensor query, key, value;
};

Gradients backward(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value, const at::Tensor &pull,
                   const Shape &shape) {
  const Gradients out{emptyTokens(query, shape.queries, shape.width), emptyTokens(query, shape.keys, shape.width),
                      emptyTokens(query, shape.keys, shape.values)};
  const Rows q(query), k(key), v(value), o(pull), dq(out.query), dk(out.key), dv(out.value);
  at::parallel_for(0, shape.pairs, 1, [&](int64_t begin, int64_t end) {
    const auto buffer = at::empty({shape.keys * (shape.width + shape.values + 2 * shape.block())}, query.options());
    float *keys = buffer.data_ptr<float>(), *values = keys + shape.keys * shape.width;
    float *p = values + shape.keys * shape.values, *ds = p + shape.keys * shape.block();
    for (int64_t pair = begin; pair < end; pair++) {
      pack(k[pair], k.token, keys, shape.keys, shape.width);
      pack(v[pair], v.token, values, shape.keys, shape.values);
      for (int64_t first = 0; first < shape.queries; first += shape.block()) {
        const int64_t rows = std::min(shape.block(), shape.queries - first);
        const float *someQ = q[pair] + first * q.token, *someO = o[pair] + first * o.token;
        attendKeys(someQ, q.token, keys, p, rows, shape);
        multiply(p, someO, dv[pair], shape.keys, shape.values, rows, Layout{1, shape.keys, o.token, lanes, dv.token},
                 first > 0);
        multiply(someO, values, ds, rows, shape.keys, shape.values,
                 Layout{o.token, 1, lanes, shape.values * lanes, shape.keys}, false);
        pullSoftmax(p, ds, rows, shape.keys, shape.scale);
        multiply(ds, k[pair], dq[pair] + first * dq.token, rows, shape.width, shape.keys,
                 Layout{shape.keys, 1, k.token, lanes, dq.token}, false);
        multiply(ds, someQ, dk[pair], shape.keys, shape.width, rows, Layout{1, shape.keys, q.token, lanes, dk.token},
                 first > 0);
      }
    }
  });
  return out;
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Attention : torch::autograd::Function<Attention> {
  static Shape shape(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value, double scale) {
    return Shape{query.size(0) * query.size(1), query.size(2), key.size(2), key.size(3), value.size(3),
                 static_cast<float>(scale)};
  }

  static at::Tensor forward(AutogradContext *context, const at::Tensor &query, const at::Tensor &key,
                            const at::Tensor &value, double scale) {
    context->save_for_backward({query, key, value});
    context->saved_data["scale"] = scale;
    return attention::forward(query, key, value, shape(query, key, value, scale));
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto pull = gradients[0].stride(3) == 1 ? gradients[0] : gradients[0].contiguous();
    const auto out = attention::backward(
        saved[0], saved[1], saved[2], pull,
        shape(saved[0], saved[1], saved[2], context->saved_data["scale"].toDouble()));
    return {out.query, out.key, out.value, at::Tensor()};
  }
};

}  // namespace

bool suits(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value) {
  for (const auto &tensor : {query, key, value})
    if (tensor.dim() != 4 || tensor.scalar_type() != at::kFloat || tensor.numel() == 0 || tensor.stride(3) != 1 ||
        tensor.size(3) % lanes != 0 || tensor.sizes().slice(0, 2) != query.sizes().slice(0, 2))
      return false;
  return areSupported() && query.size(3) == key.size(3) && key.size(2) == value.size(2) && key.size(2) % lanes == 0;
}

at::Tensor attend(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value, double scale) {
  return Attention::apply(query, key, value, scale);
}

}  // namespace attention

// Kernels of a convolution of 5 x 5 with a rectifier and the largest of squares of 2 x 2 behind it, for so few channels that
// they do not fill a vector. 16 images lie side by side instead: a plane is [height, width] of vectors, with an image in each
// lane, so that no number of channels is a bad one and every place of a plane is computed alike.
#pragma once

#include <algorithm>
#include <utility>

#include "Vectors.hpp"

namespace pooled {

using vectors::Lanes;
using vectors::lanes;
using vectors::load;
using vectors::store;
using vectors::Integers;
using vectors::transpose;

typedef int8_t Bytes __attribute__((vector_size(lanes)));

// The kernel's side.
constexpr int64_t side = 5;
// What stands for the winner of a square in which nothing is greater than zero.
constexpr int8_t nobody = 4;

// Planes [channels, height, width] of vectors.
struct Planes {
  int64_t channels, height, width;
  int64_t area() const { return height * width * lanes; }
  int64_t count() const { return channels * area(); }
};

// `count` numbers of each of `images` images to vectors; lanes without an image are zero.
VECTORS_TARGET inline void toLanes(const float *in, int64_t stride, int64_t images, int64_t count, float *out) {
  for (int64_t place = 0; place < count; place += lanes) {
    const int64_t width = std::min(lanes, count - place);
    Lanes t[lanes] = {};
    for (int64_t i = 0; i < images; i++)
      if (width == lanes) load(t[i], in + i * stride + place);
      else std::memcpy(&t[i], in + i * stride + place, width * sizeof(float));
    transpose(t);
    for (int64_t i = 0; i < width; i++) store(t[i], out + (place + i) * lanes);
  }
}

// And back.
VECTORS_TARGET inline void fromLanes(const float *in, int64_t stride, int64_t images, int64_t count, float *out) {
  for (int64_t place = 0; place < count; place += lanes) {
    const int64_t width = std::min(lanes, count - place);
    Lanes t[lanes] = {};
    for (int64_t i = 0; i < width; i++) load(t[i], in + (place + i) * lanes);
    transpose(t);
    for (int64_t i = 0; i < images; i++)
      if (width == lanes) store(t[i], out + i * stride + place);
      else std::memcpy(out + i * stride + place, &t[i], width * sizeof(float));
  }
}

// Sums over all channels and the kernel at the 2 x 2 places of which the first reads from `x` on, with weights
// [channels, side, side, outputs].
template <int outputs>
VECTORS_INLINE VECTORS_TARGET void sumSquare(const float *x, const Planes &planes, const float *weights,
                                               Lanes (&sums)[outputs][4]) {
  VECTORS_UNROLL
  for (int o = 0; o < outputs; o++)
    VECTORS_UNROLL
    for (int q = 0; q < 4; q++) sums[o][q] = Lanes{};
  for (int64_t c = 0; c < planes.channels; c++)
    for (int64_t i = 0; i < side; i++) {
      const float *row = x + c * planes.area() + i * planes.width * lanes;
      for (int64_t j = 0; j < side; j++) {
        Lanes places[4];
        load(places[0], row + j * lanes);
        load(places[1], row + (j + 1) * lanes);
        load(places[2], row + (planes.width + j) * lanes);
        load(places[3], row + (planes.width + j + 1) * lanes);
        VECTORS_UNROLL
        for (int o = 0; o < outputs; o++)
          VECTORS_UNROLL
          for (int q = 0; q < 4; q++) sums[o][q] += weights[o] * places[q];
        weights += outputs;
      }
    }
}

// The largest of each square of relu(sums + bias), and which of the four it was, as `out` planes.
template <int outputs>
VECTORS_TARGET void poolGroup(const float *x, const Planes &from, const float *weights, const float *bias,
                               const Planes &out, float *largest, int8_t *winners) {
  for (int64_t y = 0; y < out.height; y++)
    for (int64_t column = 0; column < out.width; column++) {
      Lanes sums[outputs][4];
      sumSquare<outputs>(x + 2 * (y * from.width + column) * lanes, from, weights, sums);
      VECTORS_UNROLL
      for (int o = 0; o < outputs; o++) {
        Lanes best = {};
        Integers winner = Integers{} + nobody;
        VECTORS_UNROLL
        for (int q = 0; q < 4; q++) {
          const Lanes value = sums[o][q] + bias[o];
          // What is not a number wins, so that it is seen.
          const Integers wins = (value > best) | (value != value);
          best = wins ? value : best;
          winner = wins ? Integers{} + q : winner;
        }
        const int64_t place = o * out.area() + (y * out.width + column) * lanes;
        store(best, largest + place);
        const Bytes narrow = __builtin_convertvector(winner, Bytes);
        std::memcpy(winners + place, &narrow, sizeof narrow);
      }
    }
}

// The sums alone at every place of `out` planes of even sides.
template <int outputs>
VECTORS_TARGET void sumGroup(const float *x, const Planes &from, const float *weights, const Planes &out,
                              float *values) {
  for (int64_t y = 0; y < out.height; y += 2)
    for (int64_t column = 0; column < out.width; column += 2) {
      Lanes sums[outputs][4];
      sumSquare<outputs>(x + (y * from.width + column) * lanes, from, weights, sums);
      VECTORS_UNROLL
      for (int o = 0; o < outputs; o++)
        VECTORS_UNROLL
        for (int q = 0; q < 4; q++)
          store(sums[o][q], values + o * out.area() + ((y + q / 2) * out.width + column + q % 2) * lanes);
    }
}

// The gradient of a pooled plane to where it came from; `out` is the first place inside its frame. Its sum is added to `total`.
VECTORS_TARGET inline void unpool(const float *gradient, const int8_t *winners, const Planes &pooled,
                                   const Planes &frame, float *out, float *total) {
  Lanes sum;
  load(sum, total);
  for (int64_t y = 0; y < pooled.height; y++)
    for (int64_t column = 0; column < pooled.width; column++) {
      const int64_t place = (y * pooled.width + column) * lanes;
      Lanes value;
      load(value, gradient + place);
      Bytes narrow;
      std::memcpy(&narrow, winners + place, sizeof narrow);
      const Integers winner = __builtin_convertvector(narrow, Integers);
      VECTORS_UNROLL
      for (int q = 0; q < 4; q++) {
        const Lanes part = winner == Integers{} + q ? value : Lanes{};
        store(part, out + ((2 * y + q / 2) * frame.width + 2 * column + q % 2) * lanes);
        sum += part;
      }
    }
  store(sum, total);
}

// Adds products of gradients, at `height` x `width` places of some planes, with one plane of inputs to sums
// [outputs, side, side] of vectors, those of an output `step` apart.
template <int outputs>
VECTORS_TARGET void addProducts(const float *x, const Planes &from, const float *gradient, const Planes &frame,
                                 int64_t height, int64_t width, float *sums, int64_t step) {
  for (int64_t i = 0; i < side; i++) {
    Lanes parts[outputs][side];
    VECTORS_UNROLL
    for (int o = 0; o < outputs; o++)
      VECTORS_UNROLL
      for (int j = 0; j < side; j++) load(parts[o][j], sums + o * step + (i * side + j) * lanes);
    for (int64_t y = 0; y < height; y++) {
      const float *row = x + (y + i) * from.width * lanes, *pulled = gradient + y * frame.width * lanes;
      for (int64_t column = 0; column < width; column++) {
        Lanes values[outputs];
        VECTORS_UNROLL
        for (int o = 0; o < outputs; o++) load(values[o], pulled + o * frame.area() + column * lanes);
        VECTORS_UNROLL
        for (int j = 0; j < side; j++) {
          Lanes input;
          load(input, row + (column + j) * lanes);
          VECTORS_UNROLL
          for (int o = 0; o < outputs; o++) parts[o][j] += values[o] * input;
        }
      }
    }
    VECTORS_UNROLL
    for (int o = 0; o < outputs; o++)
      VECTORS_UNROLL
      for (int j = 0; j < side; j++) store(parts[o][j], sums + o * step + (i * side + j) * lanes);
  }
}

}  // namespace pooled

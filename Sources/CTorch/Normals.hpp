// Standard normal numbers of a key, 64 at once: Philox4x32-10 (Salmon et al. 2011) in lanes and the transform of Box & Muller
// (1958) in 32 bits. Each operation is rounded by itself and none is joined with another, so that every processor makes the same
// bits with whatever instructions it has.
#pragma once

#include "Vectors.hpp"

namespace vectors {

typedef uint32_t Words __attribute__((vector_size(lanes * sizeof(uint32_t))));
typedef uint64_t LongWords __attribute__((vector_size(lanes * sizeof(uint64_t))));

// Numbers that are made at once: of each of the four words that Philox makes of a counter, a vector.
constexpr int64_t blockSize = 4 * lanes;

// The words of 16 counters (first, 0, 0), (first + 1, 0, 0)…, `first` being a multiple of 16. A word stands in the lower half of
// 64 bits, where it is multiplied; what stands above it does not count.
VECTORS_INLINE void philox(uint64_t key, uint64_t first, Words (&words)[4]) {
  const LongWords places = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  LongWords c[4] = {places + first, LongWords{} + (first >> 32), LongWords{}, LongWords{}};
  uint64_t k0 = uint32_t(key), k1 = key >> 32;
  for (int round = 0; round < 10; round++) {
    const LongWords one = (c[0] & 0xFFFFFFFF) * 0xD2511F53, other = (c[2] & 0xFFFFFFFF) * 0xCD9E8D57;
    c[0] = (other >> 32) ^ c[1] ^ k0;
    c[1] = other;
    c[2] = (one >> 32) ^ c[3] ^ k1;
    c[3] = one;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  VECTORS_UNROLL
  for (int i = 0; i < 4; i++) words[i] = __builtin_convertvector(c[i], Words);
}

// log(x) of x in [2^-126, 1]: x = 2^n m with m in [√½, √2), and log(m) = 2 artanh(s) with s = (m - 1) / (m + 1).
VECTORS_INLINE void logarithm(Lanes &x) {
#pragma clang fp contract(off)
  Integers bits;
  std::memcpy(&bits, &x, sizeof bits);
  const Integers power = (bits - 0x3F3504F3) >> 23;
  bits -= power << 23;
  Lanes m;
  std::memcpy(&m, &bits, sizeof m);
  const Lanes s = (m - 1.0f) / (m + 1.0f), square = s * s, n = __builtin_convertvector(power, Lanes);
  Lanes p = square * (2.0f / 9) + 2.0f / 7;
  p = p * square + 2.0f / 5;
  p = p * square + 2.0f / 3;
  // log(2) in two parts, of which n times the first is exact.
  x = n * 0.693359375f + (s * 2.0f + (s * (square * p) - n * 2.12194440e-4f));
}

// Two normal numbers of two words: one is the radius, the other the angle.
VECTORS_INLINE void boxMuller(const Words &radii, const Words &angles, Lanes &first, Lanes &second) {
#pragma clang fp contract(off)
  // In the middle of the steps of 2^-32, so never 0.
  Lanes radius = __builtin_convertvector(radii, Lanes) * 0x1p-32f + 0x1p-33f;
  logarithm(radius);
  radius = __builtin_elementwise_sqrt(radius * -2.0f);
  // Thirty bits are an angle in [-π/4, π/4), the other two choose one of four such sectors.
  const Words fraction = angles << 2;
  Integers turn;
  std::memcpy(&turn, &fraction, sizeof turn);
  const Lanes t = __builtin_convertvector(turn, Lanes) * (0.785398163397448310f * 0x1p-31f), square = t * t;
  Lanes sine = square * (1.0f / 362880) - 1.0f / 5040;
  sine = sine * square + 1.0f / 120;
  sine = sine * square - 1.0f / 6;
  sine = t + t * (square * sine);
  Lanes cosine = 1.0f / 40320 - square * (1.0f / 3628800);
  cosine = cosine * square - 1.0f / 720;
  cosine = cosine * square + 1.0f / 24;
  cosine = 1.0f + square * (cosine * square - 0.5f);
  Words signs;
  std::memcpy(&signs, &cosine, sizeof signs);
  signs ^= angles & 0x80000000u;
  std::memcpy(&cosine, &signs, sizeof cosine);
  const auto isTurned = (angles & 0x40000000u) != Words{};
  first = radius * (isTurned ? sine : cosine);
  second = radius * (isTurned ? cosine : sine);
}

// The numbers 64 · block … 64 · block + 63 of a key's stream.
VECTORS_INLINE void normals(uint64_t key, uint64_t block, Lanes (&numbers)[4]) {
  Words words[4];
  philox(key, block * lanes, words);
  boxMuller(words[0], words[1], numbers[0], numbers[1]);
  boxMuller(words[2], words[3], numbers[2], numbers[3]);
}

}  // namespace vectors

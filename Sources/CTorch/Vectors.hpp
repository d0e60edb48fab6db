// Sixteen numbers at once: what our own kernels are written in.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

namespace vectors {

constexpr int64_t lanes = 16;
typedef float Lanes __attribute__((vector_size(lanes * sizeof(float))));
typedef int32_t Integers __attribute__((vector_size(lanes * sizeof(int32_t))));

#define VECTORS_INLINE static inline __attribute__((always_inline))
// A loop whose few numbers stay in registers.
#define VECTORS_UNROLL _Pragma("clang loop unroll(full)")
// Compiled for processors with AVX-512, which alone have registers enough.
#define VECTORS_TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))

// Whether this processor runs what VECTORS_TARGET compiles.
inline bool areSupported() {
  static const bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
  return supported;
}

VECTORS_INLINE void load(Lanes &value, const float *from) { std::memcpy(&value, from, sizeof value); }
VECTORS_INLINE void store(const Lanes &value, float *to) { std::memcpy(to, &value, sizeof value); }

// exp(x) within 2 units of the last place: 2^n times a polynomial of the rest, |rest| <= log(2) / 2.
VECTORS_INLINE void exponential(Lanes &x) {
  const Lanes low = Lanes{} - 87.0f, high = Lanes{} + 88.0f;
  x = x < low ? low : x;
  x = x > high ? high : x;
  // Adding and taking away 1.5 * 2^23 rounds to whole numbers.
  const Lanes rounder = Lanes{} + 12582912.0f;
  const Lanes shifted = x * 1.44269504088896341f + rounder;
  const Lanes whole = shifted - rounder;
  const Lanes rest = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  Lanes p = rest * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * rest + 8.3334519073e-3f;
  p = p * rest + 4.1665795894e-2f;
  p = p * rest + 1.6666665459e-1f;
  p = p * rest + 5.0000001201e-1f;
  p = p * rest * rest + rest + 1.0f;
  Integers bits;
  const Integers power = __builtin_convertvector(whole, Integers) << 23;
  std::memcpy(&bits, &p, sizeof bits);
  bits += power;
  std::memcpy(&x, &bits, sizeof x);
}

// Rows i and i + s of a block change those numbers that a transpose moves between them.
template <int s, int... l>
VECTORS_INLINE void exchange(Lanes &a, Lanes &b, std::integer_sequence<int, l...>) {
  const Lanes first = __builtin_shufflevector(a, b, ((l & s) ? int(lanes) + l - s : l)...);
  b = __builtin_shufflevector(a, b, ((l & s) ? int(lanes) + l : l + s)...);
  a = first;
}

template <int s>
VECTORS_INLINE void exchangeRows(Lanes (&rows)[lanes]) {
  VECTORS_UNROLL
  for (int i = 0; i < lanes; i++)
    if (!(i & s)) exchange<s>(rows[i], rows[i + s], std::make_integer_sequence<int, lanes>());
}

// The transpose of a block of 16 x 16, in place.
VECTORS_INLINE void transpose(Lanes (&rows)[lanes]) {
  exchangeRows<8>(rows);
  exchangeRows<4>(rows);
  exchangeRows<2>(rows);
  exchangeRows<1>(rows);
}

}  // namespace vectors

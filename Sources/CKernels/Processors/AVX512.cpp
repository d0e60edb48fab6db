#if defined(__x86_64__)
#include "Words.hpp"

namespace kernels::avx512 {

// 24 sums, 4 numbers and one factor in 32 registers.
constexpr int tall = 6, wide = 4, few = 4;

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma"))), apply_to = function)
#include "Everything.hpp"
#pragma clang attribute pop

}  // namespace kernels::avx512
#endif

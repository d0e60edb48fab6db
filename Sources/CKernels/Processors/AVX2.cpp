#if defined(__x86_64__)
#include "Words.hpp"

namespace kernels::avx2 {

// Sixteen numbers are two registers here, and there are sixteen.
constexpr int tall = 6, wide = 1, few = 2;

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "Everything.hpp"
#pragma clang attribute pop

}  // namespace kernels::avx2
#endif

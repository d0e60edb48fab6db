// What the files that are included once for each kind of processor are written in.
#pragma once

#include <cstring>
#include <utility>

#include "../Path.hpp"
#include "../Perceptron.hpp"

#define INLINE static inline __attribute__((always_inline))
#define INLINE_MEMBER __attribute__((always_inline))
// A loop whose few numbers stay in registers.
#define UNROLL _Pragma("clang loop unroll(full)")
// Two turns of a long loop at once.
#define UNROLL_TWO _Pragma("clang loop unroll_count(2)")

// Products are fused into sums where we say so, on every processor alike.
#pragma clang fp contract(off)
// How vectors are handed to functions does not matter, since each of these functions is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

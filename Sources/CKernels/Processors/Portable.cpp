#include "Words.hpp"

namespace kernels::portable {

// For processors without AVX, and other makes.
constexpr int tall = 2, wide = 1, few = 2;

#include "Everything.hpp"

}  // namespace kernels::portable

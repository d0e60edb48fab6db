// Products of matrices as our own kernels need them: many, small, and in layouts that no library takes unpacked.
#pragma once

#include "Vectors.hpp"

namespace vectors {

// Where the elements of C += A B lie: A(i, p) at a[i * row + p * depth], B(p, 16 v + lane) at b[p * step + v * panel + lane],
// C(i, 16 v + lane) at c[i * out + 16 v + lane].
struct Layout {
  int64_t row, depth, step, panel, out;
};

// A tile of `rows` by 16 * `vectors` of C, kept in registers over `depth` products.
template <int rows, int vectors>
VECTORS_INLINE void multiplyTile(const float *a, const float *b, float *c, int64_t depth, const Layout &layout,
                                  bool adds) {
  Lanes sums[rows][vectors];
  VECTORS_UNROLL
  for (int i = 0; i < rows; i++)
    VECTORS_UNROLL
    for (int v = 0; v < vectors; v++) {
      if (adds) load(sums[i][v], c + i * layout.out + v * lanes);
      else sums[i][v] = Lanes{};
    }
  for (int64_t p = 0; p < depth; p++) {
    Lanes right[vectors];
    VECTORS_UNROLL
    for (int v = 0; v < vectors; v++) load(right[v], b + p * layout.step + v * layout.panel);
    VECTORS_UNROLL
    for (int i = 0; i < rows; i++) {
      const float left = a[i * layout.row + p * layout.depth];
      VECTORS_UNROLL
      for (int v = 0; v < vectors; v++) sums[i][v] += left * right[v];
    }
  }
  VECTORS_UNROLL
  for (int i = 0; i < rows; i++)
    VECTORS_UNROLL
    for (int v = 0; v < vectors; v++) store(sums[i][v], c + i * layout.out + v * lanes);
}

// 16 * `vectors` columns of C, by as large tiles as there are rows for.
template <int vectors>
VECTORS_INLINE void multiplyColumns(const float *a, const float *b, float *c, int64_t rows, int64_t depth,
                                     const Layout &layout, bool adds) {
  int64_t i = 0;
  for (; i + 12 <= rows; i += 12)
    multiplyTile<12, vectors>(a + i * layout.row, b, c + i * layout.out, depth, layout, adds);
  for (; i + 4 <= rows; i += 4)
    multiplyTile<4, vectors>(a + i * layout.row, b, c + i * layout.out, depth, layout, adds);
  for (; i < rows; i++) multiplyTile<1, vectors>(a + i * layout.row, b, c + i * layout.out, depth, layout, adds);
}

// C = A B, or C += A B, for `columns` in a multiple of 16.
VECTORS_TARGET inline void multiply(const float *a, const float *b, float *c, int64_t rows, int64_t columns,
                                     int64_t depth, const Layout &layout, bool adds) {
  // A part of B that stays in the first cache.
  constexpr int64_t depthMax = 256;
  for (int64_t p = 0; p < depth; p += depthMax) {
    const int64_t count = depth - p < depthMax ? depth - p : depthMax;
    const float *left = a + p * layout.depth, *right = b + p * layout.step;
    int64_t j = 0;
    for (; j + 2 * lanes <= columns; j += 2 * lanes)
      multiplyColumns<2>(left, right + j / lanes * layout.panel, c + j, rows, count, layout, adds || p > 0);
    if (j < columns)
      multiplyColumns<1>(left, right + j / lanes * layout.panel, c + j, rows, count, layout, adds || p > 0);
  }
}

// Columns of B as panels: B(p, j) from from[j * stride + p] to to[(j / 16 * depth + p) * 16 + j % 16], for a layout whose step is
// 16 and whose panel is 16 * depth. Both numbers are multiples of 16.
VECTORS_TARGET inline void pack(const float *from, int64_t stride, float *to, int64_t columns, int64_t depth) {
  for (int64_t j = 0; j < columns; j += lanes)
    for (int64_t p = 0; p < depth; p += lanes) {
      Lanes block[lanes];
      VECTORS_UNROLL
      for (int i = 0; i < lanes; i++) load(block[i], from + (j + i) * stride + p);
      transpose(block);
      VECTORS_UNROLL
      for (int i = 0; i < lanes; i++) store(block[i], to + j * depth + (p + i) * lanes);
    }
}

}  // namespace vectors

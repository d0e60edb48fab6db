// The linear maps of Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin & Gray 2016, section 4.1), on 16 channels at once:
//
//   Y = A^T [(G g G^T) * (B^T d B)] A
//
//   B^T = | 1  0 -1  0 |   G = |  1    0    0  |   A^T = | 1  1  1  0 |
//         | 0  1  1  0 |       | 1/2  1/2  1/2 |         | 0  1 -1 -1 |
//         | 0 -1  1  0 |       | 1/2 -1/2  1/2 |
//         | 0  1  0 -1 |       |  0    0    1  |
#pragma once

#include "Vectors.hpp"

namespace winograd {

using namespace vectors;

// B^T d B, in place.
VECTORS_INLINE void transformInput(Lanes (&d)[4][4]) {
  VECTORS_UNROLL
  for (int i = 0; i < 4; i++) {
    const Lanes a = d[0][i], b = d[1][i], c = d[2][i], e = d[3][i];
    d[0][i] = a - c, d[1][i] = b + c, d[2][i] = c - b, d[3][i] = b - e;
  }
  VECTORS_UNROLL
  for (int i = 0; i < 4; i++) {
    const Lanes a = d[i][0], b = d[i][1], c = d[i][2], e = d[i][3];
    d[i][0] = a - c, d[i][1] = b + c, d[i][2] = c - b, d[i][3] = b - e;
  }
}

// A^T m A: 4 x 4 to 2 x 2.
VECTORS_INLINE void transformOutput(const Lanes (&m)[4][4], Lanes (&y)[2][2]) {
  Lanes rows[2][4];
  VECTORS_UNROLL
  for (int i = 0; i < 4; i++) {
    rows[0][i] = m[0][i] + m[1][i] + m[2][i];
    rows[1][i] = m[1][i] - m[2][i] - m[3][i];
  }
  VECTORS_UNROLL
  for (int i = 0; i < 2; i++) {
    y[i][0] = rows[i][0] + rows[i][1] + rows[i][2];
    y[i][1] = rows[i][1] - rows[i][2] - rows[i][3];
  }
}

// A y A^T, the transpose of the map before: 2 x 2 to 4 x 4.
VECTORS_INLINE void transformOutputGradient(const Lanes (&y)[2][2], Lanes (&m)[4][4]) {
  Lanes rows[4][2];
  VECTORS_UNROLL
  for (int i = 0; i < 2; i++) {
    rows[0][i] = y[0][i], rows[1][i] = y[0][i] + y[1][i], rows[2][i] = y[0][i] - y[1][i], rows[3][i] = -y[1][i];
  }
  VECTORS_UNROLL
  for (int i = 0; i < 4; i++) {
    m[i][0] = rows[i][0], m[i][1] = rows[i][0] + rows[i][1], m[i][2] = rows[i][0] - rows[i][1], m[i][3] = -rows[i][1];
  }
}

// G g G^T: 3 x 3 to 4 x 4.
VECTORS_INLINE void transformWeight(const Lanes (&g)[3][3], Lanes (&u)[4][4]) {
  Lanes rows[4][3];
  VECTORS_UNROLL
  for (int i = 0; i < 3; i++) {
    const Lanes sum = 0.5f * (g[0][i] + g[2][i]), middle = 0.5f * g[1][i];
    rows[0][i] = g[0][i], rows[1][i] = sum + middle, rows[2][i] = sum - middle, rows[3][i] = g[2][i];
  }
  VECTORS_UNROLL
  for (int i = 0; i < 4; i++) {
    const Lanes sum = 0.5f * (rows[i][0] + rows[i][2]), middle = 0.5f * rows[i][1];
    u[i][0] = rows[i][0], u[i][1] = sum + middle, u[i][2] = sum - middle, u[i][3] = rows[i][2];
  }
}

// G^T u G, the transpose of the map before: 4 x 4 to 3 x 3.
VECTORS_INLINE void transformWeightGradient(const Lanes (&u)[4][4], Lanes (&g)[3][3]) {
  Lanes rows[3][4];
  VECTORS_UNROLL
  for (int i = 0; i < 4; i++) {
    const Lanes sum = 0.5f * (u[1][i] + u[2][i]);
    rows[0][i] = u[0][i] + sum, rows[1][i] = 0.5f * (u[1][i] - u[2][i]), rows[2][i] = sum + u[3][i];
  }
  VECTORS_UNROLL
  for (int i = 0; i < 3; i++) {
    const Lanes sum = 0.5f * (rows[i][1] + rows[i][2]);
    g[i][0] = rows[i][0] + sum, g[i][1] = 0.5f * (rows[i][1] - rows[i][2]), g[i][2] = sum + rows[i][3];
  }
}

}  // namespace winograd

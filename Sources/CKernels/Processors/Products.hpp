// The two kinds of product of a perceptron: weights times features, and gradients times features over examples.
//
// Included once for each kind of processor. `tall` features by `wide` vectors of examples are kept in registers by the first,
// `few` by `few` features by the second.

// Where a matrix's elements lie: M(i, k) at data[i * row + k * depth].
struct Matrix {
  const float *data;
  int64_t row, depth;
};

// What a product becomes as it leaves the registers: a bias is added, or it is multiplied by what lies where it is written.
struct Edge {
  const float *bias;
  static constexpr Edge multiplied() { return {nullptr}; }
  Edge from(int64_t row) const { return {bias ? bias + row : nullptr}; }
};

// out(i, :) = sum over k of M(i, k) in(k, :) for `height` rows of M and `width` vectors, and its edge.
template <int height, int width>
INLINE void multiplyTile(const Matrix &m, Edge edge, const float *in, float *out, int64_t depth, int64_t stride) {
  Lanes sums[height][width];
  UNROLL
  for (int i = 0; i < height; i++)
    UNROLL
    for (int v = 0; v < width; v++) spread(sums[i][v], edge.bias ? edge.bias[i] : 0);
  UNROLL_TWO
  for (int64_t k = 0; k < depth; k++) {
    Lanes right[width];
    UNROLL
    for (int v = 0; v < width; v++) load(right[v], in + k * stride + v * lanes);
    UNROLL
    for (int i = 0; i < height; i++) {
      Lanes left;
      spread(left, m.data[i * m.row + k * m.depth]);
      UNROLL
      for (int v = 0; v < width; v++) accumulate(sums[i][v], left, right[v]);
    }
  }
  UNROLL
  for (int i = 0; i < height; i++)
    UNROLL
    for (int v = 0; v < width; v++) {
      float *at = out + i * stride + v * lanes;
      Lanes factor;
      load(factor, at);
      store(edge.bias ? sums[i][v] : sums[i][v] * factor, at);
    }
}

// The tile of a height known only now.
template <int height, int width>
INLINE void multiplyRows(int64_t rows, const Matrix &m, Edge edge, const float *in, float *out, int64_t depth,
                         int64_t stride) {
  if (rows == height) multiplyTile<height, width>(m, edge, in, out, depth, stride);
  else if constexpr (height > 1) multiplyRows<height - 1, width>(rows, m, edge, in, out, depth, stride);
}

// All rows of a product for one stretch of `width` vectors, in tiles of even height.
template <int width>
static void multiply(const Matrix &m, int64_t rows, Edge edge, const float *in, float *out, int64_t depth,
                     int64_t stride) {
  int64_t tiles = (rows + tall - 1) / tall;
  for (int64_t i = 0; i < rows;) {
    const int64_t height = (rows - i + tiles - 1) / tiles;
    multiplyRows<tall, width>(height, Matrix{m.data + i * m.row, m.row, m.depth}, edge.from(i), in, out + i * stride, depth,
                              stride);
    i += height;
    tiles--;
  }
}

template <int width>
INLINE void multiply(int64_t vectors, const Matrix &m, int64_t rows, Edge edge, const float *in, float *out,
                     int64_t depth, int64_t stride) {
  if (vectors == width) multiply<width>(m, rows, edge, in, out, depth, stride);
  else if constexpr (width > 1) multiply<width - 1>(vectors, m, rows, edge, in, out, depth, stride);
}

// Sixteen dot products over examples: of `height` rows of `left` with 16 / height rows of `right`, each clamped to the last row.
template <int height>
INLINE void dotBlock(const float *left, int64_t leftRows, const float *right, int64_t rightRows, int64_t vectors, int64_t stride,
                     Lanes (&sums)[16]) {
  constexpr int width = 16 / height;
  constexpr int high = height < few ? height : few, wide = few * few / high < width ? few * few / high : width;
  UNROLL
  for (int i0 = 0; i0 < height; i0 += high)
    UNROLL
    for (int j0 = 0; j0 < width; j0 += wide) {
      const float *a[high], *b[wide];
      UNROLL
      for (int i = 0; i < high; i++) a[i] = left + (i0 + i < leftRows ? i0 + i : leftRows - 1) * stride;
      UNROLL
      for (int j = 0; j < wide; j++) b[j] = right + (j0 + j < rightRows ? j0 + j : rightRows - 1) * stride;
      Lanes part[high][wide] = {};
      UNROLL_TWO
      for (int64_t v = 0; v < vectors * lanes; v += lanes) {
        Lanes x[wide];
        UNROLL
        for (int j = 0; j < wide; j++) load(x[j], b[j] + v);
        UNROLL
        for (int i = 0; i < high; i++) {
          Lanes y;
          load(y, a[i] + v);
          UNROLL
          for (int j = 0; j < wide; j++) accumulate(part[i][j], y, x[j]);
        }
      }
      UNROLL
      for (int i = 0; i < high; i++)
        UNROLL
        for (int j = 0; j < wide; j++) sums[(i0 + i) * width + j0 + j] = part[i][j];
    }
  sumLanes(sums);
}

// The leading `high` by `wide` of a block of sums, added to a matrix.
template <int height, int width>
INLINE void addBlock(const float *sums, int64_t high, int64_t wide, float *matrix, int64_t stride) {
  for (int64_t a = 0; a < high; a++)
    for (int64_t b = 0; b < wide; b++) matrix[a * stride + b] += sums[a * width + b];
}

// Rows of so many vectors that stay in the nearest cache while others stream past them.
INLINE int64_t nearRows(int64_t vectors) { return 24 * 1024 / (vectors * int64_t(sizeof(Lanes))); }

// gradient(i, j) += sum over examples of left(i, :) right(j, :), in blocks of `height` by 16 / `height`; the gradient's rows lie
// `columns` apart.
template <int height>
static void addBlocks(const float *left, int64_t leftRows, const float *right, int64_t rightRows, int64_t vectors, int64_t stride,
                      float *gradient, int64_t columns) {
  constexpr int width = 16 / height;
  const int64_t near = nearRows(vectors) / width * width, group = near < width ? width : near;
  for (int64_t first = 0; first < rightRows; first += group)
    for (int64_t i = 0; i < leftRows; i += height)
      for (int64_t j = first; j < rightRows && j < first + group; j += width) {
        Lanes sums[16];
        dotBlock<height>(left + i * stride, leftRows - i, right + j * stride, rightRows - j, vectors, stride, sums);
        alignas(64) float results[16];
        store(sums[0], results);
        const int64_t high = leftRows - i < height ? leftRows - i : height, wide = rightRows - j < width ? rightRows - j : width;
        float *at = gradient + i * columns + j;
        if (high == height && wide == width) addBlock<height, width>(results, height, width, at, columns);
        else addBlock<height, width>(results, high, wide, at, columns);
      }
}

// How many of `count` rows are done in squares of four: all but the last one or two, which would waste half of them.
INLINE int64_t inSquares(int64_t count) { return count % 4 < 3 ? count - count % 4 : count; }

// gradient(i, j) += sum over examples of left(i, :) right(j, :). Squares load least; the edges are done in blocks of their shape.
static void addOuterProducts(const float *left, int64_t leftRows, const float *right, int64_t rightRows, int64_t vectors,
                             int64_t stride, float *gradient) {
  const int64_t high = inSquares(leftRows), wide = inSquares(rightRows);
  addBlocks<4>(left, high, right, wide, vectors, stride, gradient, rightRows);
  const auto besides = rightRows - wide == 1 ? addBlocks<16> : addBlocks<8>;
  besides(left, high, right + wide * stride, rightRows - wide, vectors, stride, gradient + wide, rightRows);
  const auto below = leftRows - high == 1 ? addBlocks<1> : addBlocks<2>;
  below(left + high * stride, leftRows - high, right, rightRows, vectors, stride, gradient + high * rightRows, rightRows);
}

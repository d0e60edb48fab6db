// The log likelihood of a tile of rows and its gradient in the outputs.
//
// Included once for each kind of processor. Rows of padding count for nothing: `presence` is 0 there.

static double total(const Lanes &x) {
  double sum = 0;
  for (int l = 0; l < lanes; l++) sum += x[l];
  return sum;
}

// y ~ N(f, noise²); the constant is added by the caller, once for all rows.
INLINE double normal(const float *f, float *df, const Tile &tile, float precision) {
  Lanes squares = {};
  for (int64_t v = 0; v < tile.vectors * lanes; v += lanes) {
    Lanes y, mean, present;
    load(y, tile.targets + v);
    load(mean, f + v);
    load(present, tile.presence + v);
    const Lanes residual = (y - mean) * present;
    accumulate(squares, residual, residual);
    store(residual * precision, df + v);
  }
  return total(squares);
}

// y ~ N(f, e^2s): log p = -s - (y - f)² e^-2s / 2.
INLINE double normalPerRow(const float *f, float *df, const Tile &tile, int64_t stride) {
  Lanes value = {};
  for (int64_t v = 0; v < tile.vectors * lanes; v += lanes) {
    Lanes y, mean, s, present;
    load(y, tile.targets + v);
    load(mean, f + v);
    load(s, f + stride + v);
    load(present, tile.presence + v);
    Lanes precision = s * -2.0f;
    exponential(precision);
    const Lanes residual = (y - mean) * present, scaled = residual * precision, square = residual * scaled;
    value -= square * 0.5f + s * present;
    store(scaled, df + v);
    store(square - present, df + stride + v);
  }
  return total(value);
}

// log p = y f - log(1 + e^f)
INLINE double bernoulli(const float *f, float *df, const Tile &tile) {
  Lanes value = {};
  for (int64_t v = 0; v < tile.vectors * lanes; v += lanes) {
    Lanes y, z, present;
    load(y, tile.targets + v);
    load(z, f + v);
    load(present, tile.presence + v);
    Lanes rest = z > 0.0f ? -z : z;
    exponential(rest);
    const Lanes share = (z > 0.0f ? Lanes{} + 1.0f : rest) / (1.0f + rest);
    Lanes logs = 1.0f + rest;
    logarithm(logs);
    value += (y * z - (z > 0.0f ? z : Lanes{}) - logs) * present;
    store((y - share) * present, df + v);
  }
  return total(value);
}

// log p = f_y - log sum e^f
INLINE double categorical(const float *f, float *df, const Tile &tile, int64_t classes, int64_t stride) {
  Lanes value = {};
  for (int64_t v = 0; v < tile.vectors * lanes; v += lanes) {
    Lanes y, z, present, most, sum = {}, own = {};
    load(y, tile.targets + v);
    load(present, tile.presence + v);
    load(most, f + v);
    for (int64_t k = 1; k < classes; k++) {
      load(z, f + k * stride + v);
      most = z > most ? z : most;
    }
    for (int64_t k = 0; k < classes; k++) {
      load(z, f + k * stride + v);
      z -= most;
      own = y == float(k) ? z : own;
      exponential(z);
      sum += z;
      store(z, df + k * stride + v);
    }
    Lanes logs = sum;
    logarithm(logs);
    value += (own - logs) * present;
    const Lanes scale = 1.0f / sum;
    for (int64_t k = 0; k < classes; k++) {
      load(z, df + k * stride + v);
      store(((y == float(k) ? Lanes{} + 1.0f : Lanes{}) - z * scale) * present, df + k * stride + v);
    }
  }
  return total(value);
}

// The part of a tile. For CKERNELS_NORMAL the value is the sum of squared residuals.
static double differentiateLikelihood(CKernelsPerceptron &net, const Tile &tile, double noise) {
  auto &last = net.layers.back();
  const float *f = last.values.data();
  float *df = last.gradient.data();
  switch (net.likelihood) {
    case CKERNELS_NORMAL: return normal(f, df, tile, static_cast<float>(1 / (noise * noise)));
    case CKERNELS_NORMAL_PER_ROW: return normalPerRow(f, df, tile, net.tileRows);
    case CKERNELS_BERNOULLI: return bernoulli(f, df, tile);
    case CKERNELS_CATEGORICAL: return categorical(f, df, tile, last.outputs, net.tileRows);
  }
}

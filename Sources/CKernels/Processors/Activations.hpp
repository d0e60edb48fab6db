// The activation of a tile of rows, and its derivative.
//
// Included once for each kind of processor.

// x = activation(x), and the derivative there.
INLINE void activate(CKernelsActivation activation, Lanes &x, Lanes &slope) {
  switch (activation) {
    case CKERNELS_TANH:
      hyperbolicTangent(x);
      slope = 1.0f - x * x;
      break;
    case CKERNELS_RELU:
      slope = x > 0.0f ? Lanes{} + 1.0f : Lanes{};
      x = x > 0.0f ? x : Lanes{};
      break;
    case CKERNELS_GELU: {
      Lanes density, distribution;
      standardNormal(x, density, distribution);
      slope = distribution + x * density;
      x = x * distribution;
      break;
    }
    case CKERNELS_SILU: {
      Lanes share = x;
      logistic(share);
      slope = share * (1.0f + x * (1.0f - share));
      x = x * share;
      break;
    }
  }
}

// slopes = activation'(values), then values = activation(values).
static void activate(CKernelsActivation activation, float *values, float *slopes, int64_t rows, int64_t vectors,
                     int64_t stride) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t v = 0; v < vectors; v++) {
      const int64_t at = i * stride + v * lanes;
      Lanes x, slope;
      load(x, values + at);
      activate(activation, x, slope);
      store(x, values + at);
      store(slope, slopes + at);
    }
}

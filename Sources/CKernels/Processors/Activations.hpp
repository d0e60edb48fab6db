// Activations of a tile of rows, and their derivatives.
//
// Included once for each kind of processor.

// values = activation(values); slopes where the derivative is not a function of the activation.
static void activate(CKernelsActivation activation, float *values, float *slopes, int64_t rows, int64_t vectors,
                     int64_t stride) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t v = 0; v < vectors; v++) {
      float *at = values + i * stride + v * lanes;
      Lanes x;
      load(x, at);
      switch (activation) {
        case CKERNELS_TANH: hyperbolicTangent(x); break;
        case CKERNELS_RELU: x = x > 0.0f ? x : Lanes{}; break;
        case CKERNELS_GELU: {
          Lanes density, distribution;
          standardNormal(x, density, distribution);
          store(distribution + x * density, slopes + i * stride + v * lanes);
          x = x * distribution;
          break;
        }
        case CKERNELS_SILU: {
          Lanes share = x;
          logistic(share);
          store(share * (1.0f + x * (1.0f - share)), slopes + i * stride + v * lanes);
          x = x * share;
          break;
        }
      }
      store(x, at);
    }
}

// gradient = gradient * activation'; `values` are the activations.
static void differentiate(CKernelsActivation activation, float *gradient, const float *values, const float *slopes,
                          int64_t rows, int64_t vectors, int64_t stride) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t v = 0; v < vectors; v++) {
      const int64_t at = i * stride + v * lanes;
      Lanes g, a;
      load(g, gradient + at);
      switch (activation) {
        case CKERNELS_TANH:
          load(a, values + at);
          g = g * (1.0f - a * a);
          break;
        case CKERNELS_RELU:
          load(a, values + at);
          g = a > 0.0f ? g : Lanes{};
          break;
        default:
          load(a, slopes + at);
          g = g * a;
      }
      store(g, gradient + at);
    }
}

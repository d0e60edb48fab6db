// The passes of a perceptron over a tile of rows:
//   Z_l = W_l A_{l-1} + b_l,  A_l = activation(Z_l),
//   [dW_l db_l] = dZ_l [A_{l-1}; 1]ᵀ,  dZ_{l-1} = W_lᵀ dZ_l * activation'(Z_{l-1}),
// where a row of A or Z is a feature and a column an example.
//
// Included once for each kind of processor.

static void forward(CKernelsPerceptron &net, const Tile &tile) {
  const float *parameters = net.parameters.data();
  const int64_t stride = net.tileRows;
  for (int64_t v = 0; v < tile.vectors; v += wide) {
    const int64_t vectors = tile.vectors - v < wide ? tile.vectors - v : wide;
    const float *in = tile.inputs + v * lanes;
    for (auto &layer : net.layers) {
      float *out = layer.values.data() + v * lanes;
      multiply<wide>(vectors, Matrix{parameters + layer.weights, layer.inputs, 1}, layer.outputs, Edge{parameters + layer.biases}, in,
                     out, layer.inputs, stride);
      if (&layer != &net.layers.back())
        activate(net.activation, out, layer.gradient.data() + v * lanes, layer.outputs, vectors, stride);
      in = out;
    }
  }
}

// Adds a tile's part to the gradient, given the gradient in the outputs.
static void backward(CKernelsPerceptron &net, const Tile &tile) {
  const float *parameters = net.parameters.data();
  const int64_t stride = net.tileRows;
  for (size_t l = net.layers.size(); l-- > 0;) {
    auto &layer = net.layers[l];
    const float *dz = layer.gradient.data(), *a = l == 0 ? tile.inputs : net.layers[l - 1].values.data();
    addOuterProducts(dz, layer.outputs, a, layer.inputs + 1, tile.vectors, stride, net.gradient.data() + layer.weights);
    if (l == 0) return;
    auto &below = net.layers[l - 1];
    for (int64_t v = 0; v < tile.vectors; v += wide) {
      const int64_t vectors = tile.vectors - v < wide ? tile.vectors - v : wide, at = v * lanes;
      multiply<wide>(vectors, Matrix{parameters + layer.weights, 1, layer.inputs}, layer.inputs, Edge::multiplied(), dz + at,
                     below.gradient.data() + at, layer.outputs, stride);
    }
  }
}

static double gradient(CKernelsPerceptron &net, const Tile &tile, double noise) {
  forward(net, tile);
  const double value = differentiateLikelihood(net, tile, noise);
  backward(net, tile);
  return value;
}


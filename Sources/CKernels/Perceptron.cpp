#include "Perceptron.hpp"

#include <algorithm>
#include <cmath>

#include "Path.hpp"

namespace kernels {

// Rows of a tile, so that two layers' numbers stay in the near caches.
static int64_t tileRows(const int64_t *widths, int64_t count, int64_t rows) {
  int64_t widest = 1;
  for (int64_t l = 1; l < count; l++) widest = std::max(widest, widths[l - 1] + widths[l]);
  // Measured: less has more sums of lanes at the ends of tiles, more gains nothing and leaves small second caches.
  constexpr int64_t budget = 192 * 1024 / sizeof(float);
  const int64_t fitting = std::clamp<int64_t>(budget / widest / 64 * 64, 64, 512);
  return std::min(fitting, (rows + lanes - 1) / lanes * lanes);
}

// The tile of `count` rows that lies at `at`.
static Tile view(const CKernelsPerceptron &net, const float *at, int64_t count) {
  return {(count + lanes - 1) / lanes, at, at + net.width * net.tileRows, at + (net.width + 1) * net.tileRows};
}

// Writes the rows `numbers` (or the rows from `first` on) as a tile.
static Tile pack(const CKernelsPerceptron &net, const int64_t *numbers, int64_t first, int64_t count, float *to) {
  float *presence = to + net.width * net.tileRows, *targets = presence + net.tileRows;
  const Tile tile = view(net, to, count);
  for (int64_t i = 0; i < tile.vectors * lanes; i++) {
    const bool present = i < count;
    const int64_t row = present ? (numbers ? numbers[i] : first + i) : 0;
    const float *from = net.inputs.data() + row * net.width;
    for (int64_t k = 0; k < net.width; k++) to[k * net.tileRows + i] = present ? from[k] : 0;
    targets[i] = present && !net.targets.empty() ? net.targets[row] : 0;
    presence[i] = present;
  }
  return tile;
}

// Where the packed tile that begins with a row lies.
static float *packedTile(CKernelsPerceptron &net, int64_t first) {
  return net.packed.data() + first / net.tileRows * net.tileSize();
}

static void setParameters(CKernelsPerceptron &net, const double *parameters) {
  float *to = net.parameters.data();
  for (int64_t i = 0; i < net.parameterCount(); i++) to[i] = static_cast<float>(parameters[i]);
}

static void writeGradient(CKernelsPerceptron &net, double *gradient) {
  for (const auto &layer : net.layers) {
    const float *from = net.gradient.data() + layer.weights;
    for (int64_t i = 0; i < layer.outputs; i++, from += layer.inputs + 1) {
      std::copy_n(from, layer.inputs, gradient + layer.weights + i * layer.inputs);
      gradient[layer.biases + i] = from[layer.inputs];
    }
  }
}

// The log likelihood, given the sum of the tiles' parts.
static double logLikelihood(const CKernelsPerceptron &net, double sum, int64_t rows, double noise, double *noiseGradient) {
  const double constant = static_cast<double>(rows) * std::log(2 * M_PI) / 2;
  switch (net.likelihood) {
    case CKERNELS_NORMAL: {
      const double squares = sum / (noise * noise);
      *noiseGradient = squares - rows;
      return -squares / 2 - rows * std::log(noise) - constant;
    }
    case CKERNELS_NORMAL_PER_ROW: return sum - constant;
    default: return sum;
  }
}

// Value and gradient of `rows` rows; `tileOf(first, count)` gives those from `first` on as a tile.
template <typename Tiles>
static double gradientOver(CKernelsPerceptron &net, int64_t rows, const Tiles &tileOf, const double *parameters, double noise,
                           double *gradient, double *noiseGradient) {
  setParameters(net, parameters);
  std::fill_n(net.gradient.data(), net.parameterCount(), 0.0f);
  double sum = 0;
  for (int64_t first = 0; first < rows; first += net.tileRows)
    sum += path().gradient(net, tileOf(first, std::min(net.tileRows, rows - first)), noise);
  writeGradient(net, gradient);
  return logLikelihood(net, sum, rows, noise, noiseGradient);
}

}  // namespace kernels

using namespace kernels;

CKernelsPerceptron *ckernels_perceptron_create(
    const int64_t *widths, int64_t count, CKernelsActivation activation, CKernelsLikelihood likelihood, const double *inputs,
    const double *targets, int64_t rows) try {
  auto net = std::make_unique<CKernelsPerceptron>();
  net->activation = activation;
  net->likelihood = likelihood;
  net->rows = rows;
  net->width = widths[0];
  net->tileRows = tileRows(widths, count, rows);
  int64_t parameters = 0;
  for (int64_t l = 1; l < count; l++) {
    const int64_t size = widths[l] * net->tileRows;
    net->layers.push_back({widths[l - 1], widths[l], parameters, parameters + widths[l - 1] * widths[l],
                           Buffer(size + net->tileRows), Buffer(size)});
    std::fill_n(net->layers.back().values.data() + size, net->tileRows, 1.0f);
    parameters += (widths[l - 1] + 1) * widths[l];
  }
  net->parameters = Buffer(parameters);
  net->gradient = Buffer(parameters);
  net->inputs.assign(inputs, inputs + rows * widths[0]);
  if (targets) net->targets.assign(targets, targets + rows);
  net->packed = Buffer((rows + net->tileRows - 1) / net->tileRows * net->tileSize());
  net->chosen = Buffer(net->tileSize());
  for (int64_t first = 0; first < rows; first += net->tileRows)
    pack(*net, nullptr, first, std::min(net->tileRows, rows - first), packedTile(*net, first));
  return net.release();
} catch (const std::bad_alloc &) {
  return nullptr;
}

void ckernels_perceptron_free(CKernelsPerceptron *perceptron) { delete perceptron; }

double ckernels_perceptron_gradient(CKernelsPerceptron *net, const double *parameters, double noise, double *gradient,
                                    double *noiseGradient) {
  const auto tileOf = [&](int64_t first, int64_t count) { return view(*net, packedTile(*net, first), count); };
  return gradientOver(*net, net->rows, tileOf, parameters, noise, gradient, noiseGradient);
}

double ckernels_perceptron_gradient_of_rows(CKernelsPerceptron *net, const int64_t *rows, int64_t count,
                                            const double *parameters, double noise, double *gradient, double *noiseGradient) {
  const auto tileOf = [&](int64_t first, int64_t size) { return pack(*net, rows + first, 0, size, net->chosen.data()); };
  return gradientOver(*net, count, tileOf, parameters, noise, gradient, noiseGradient);
}

void ckernels_perceptron_outputs(CKernelsPerceptron *net, const double *parameters, double *outputs) {
  setParameters(*net, parameters);
  const int64_t width = net->outputs();
  const float *values = net->layers.back().values.data();
  for (int64_t first = 0; first < net->rows; first += net->tileRows) {
    const int64_t count = std::min(net->tileRows, net->rows - first);
    path().forward(*net, view(*net, packedTile(*net, first), count));
    for (int64_t i = 0; i < count; i++)
      for (int64_t k = 0; k < width; k++) outputs[(first + i) * width + k] = values[k * net->tileRows + i];
  }
}

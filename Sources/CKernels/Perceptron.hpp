// What a perceptron keeps between calls.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "include/CKernels.h"

namespace kernels {

constexpr int64_t lanes = 16;

// Memory for numbers, at the start of a cache line.
class Buffer {
 public:
  explicit Buffer(int64_t count = 0) : memory(count, 0) {}
  float *data() { return memory.data(); }

 private:
  template <typename Element>
  struct Aligned {
    using value_type = Element;
    Element *allocate(size_t count) {
      return static_cast<Element *>(::operator new(count * sizeof(Element), std::align_val_t(64)));
    }
    void deallocate(Element *memory, size_t) { ::operator delete(memory, std::align_val_t(64)); }
    bool operator==(const Aligned &) const { return true; }
  };
  std::vector<float, Aligned<float>> memory;
};

// One layer: its place in the flat vectors and its buffers for a tile of rows. A feature's numbers of a tile lie one after the other,
// so that a vector holds sixteen rows and no width is padded.
struct Layer {
  int64_t inputs, outputs, weights, biases;
  // What the layer gives, and ones: [outputs + 1][tile].
  Buffer values;
  // The activation's derivative after the pass forward, and the log likelihood's gradient in the layer's sums after the one
  // backward, which multiplies in place: [outputs][tile].
  Buffer gradient;
};

// The numbers of a tile of rows: inputs [feature][tile], after them 1 for a row, 0 for padding [tile], and targets [tile].
struct Tile {
  int64_t vectors;
  const float *inputs, *presence, *targets;
};

}  // namespace kernels

struct CKernelsPerceptron {
  CKernelsActivation activation;
  CKernelsLikelihood likelihood;
  int64_t rows, width;
  // Rows of a tile at most, a multiple of `lanes`, and how far apart the features of a tile lie.
  int64_t tileRows;
  std::vector<kernels::Layer> layers;
  std::vector<float> inputs, targets;
  // All rows, tile by tile, and room for one tile of chosen rows.
  kernels::Buffer packed, chosen;
  kernels::Buffer parameters;
  // Of each layer, weights and biases in turn: [outputs][inputs + 1], where the biases' inputs are ones.
  kernels::Buffer gradient;

  int64_t outputs() const { return layers.back().outputs; }
  int64_t parameterCount() const { return layers.back().biases + outputs(); }
  // Numbers of a packed tile.
  int64_t tileSize() const { return (width + 2) * tileRows; }
};

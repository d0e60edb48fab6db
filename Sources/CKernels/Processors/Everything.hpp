// The kernels of one kind of processor, in the order they need each other.

#include "Lanes.hpp"
#include "Products.hpp"
#include "Activations.hpp"
#include "Likelihoods.hpp"
#include "Passes.hpp"
#include "Reals.hpp"
#include "Normals.hpp"
#include "Vectors.hpp"

extern const Path path = {
    forward, gradient, normals, addScaled, addScaledProduct, dot, weightedDot, kickAndDrift, kickAndMeasure, turning, subtractScaled,
};

// The functions of one kind of processor.
#pragma once

#include "Perceptron.hpp"

namespace kernels {

struct Path {
  void (*forward)(CKernelsPerceptron &, const Tile &);
  double (*gradient)(CKernelsPerceptron &, const Tile &, double noise);
  void (*normals)(uint64_t key, int64_t count, double *out);
  void (*addScaled)(int64_t count, double a, const double *x, double *y);
  void (*addScaledProduct)(int64_t count, double a, const double *w, const double *x, double *y);
  double (*dot)(int64_t count, const double *x, const double *y);
  double (*weightedDot)(int64_t count, const double *w, const double *x, const double *y);
  void (*kickAndDrift)(int64_t count, double kick, const double *gradient, const double *momentum, double step,
                       const double *variances, const double *position, double *newMomentum, double *newPosition);
  double (*kickAndMeasure)(int64_t count, double kick, const double *gradient, double *momentum, const double *variances);
  void (*turning)(int64_t count, const double *variances, const double *a, const double *b, const double *first,
                  const double *last, double *results);
  double (*subtractScaled)(int64_t count, double a, const double *x, double *y);
};

// The path in use.
const Path &path();

}  // namespace kernels

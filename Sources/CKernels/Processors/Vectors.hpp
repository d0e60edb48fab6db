// Passes over the flat vectors that samplers move, eight numbers at a time.
//
// Included once for each kind of processor. A sum is taken in eight parts, whatever the processor.

// Eight numbers from `at` on, or the last `count` of a vector with zeros after them.
template <bool isWhole>
struct Stretch {
  int64_t at, count;

  INLINE_MEMBER Reals operator()(const double *vector) const {
    Reals value = {};
    std::memcpy(&value, vector + at, isWhole ? sizeof value : count * sizeof(double));
    return value;
  }

  INLINE_MEMBER void put(const Reals &value, double *vector) const {
    std::memcpy(vector + at, &value, isWhole ? sizeof value : count * sizeof(double));
  }
};

template <typename Body>
INLINE void eachStretch(int64_t count, const Body &body) {
  int64_t i = 0;
  for (; i + reals <= count; i += reals) body(Stretch<true>{i, reals});
  if (i < count) body(Stretch<false>{i, count - i});
}

// y += a x
static void addScaled(int64_t count, double a, const double *x, double *y) {
  eachStretch(count, [&](auto part) INLINE_MEMBER {
    Reals sum = part(y);
    fuse(sum, Reals{} + a, part(x));
    part.put(sum, y);
  });
}

// y += a w x, element by element
static void addScaledProduct(int64_t count, double a, const double *w, const double *x, double *y) {
  eachStretch(count, [&](auto part) INLINE_MEMBER {
    Reals sum = part(y);
    fuse(sum, a * part(w), part(x));
    part.put(sum, y);
  });
}

static double dot(int64_t count, const double *x, const double *y) {
  Reals sums = {};
  eachStretch(count, [&](auto part) INLINE_MEMBER { fuse(sums, part(x), part(y)); });
  return total(sums);
}

static double weightedDot(int64_t count, const double *w, const double *x, const double *y) {
  Reals sums = {};
  eachStretch(count, [&](auto part) INLINE_MEMBER { fuse(sums, part(w) * part(x), part(y)); });
  return total(sums);
}

// newMomentum = momentum + kick gradient; newPosition = position + step variances newMomentum
static void kickAndDrift(int64_t count, double kick, const double *gradient, const double *momentum, double step,
                         const double *variances, const double *position, double *newMomentum, double *newPosition) {
  eachStretch(count, [&](auto part) INLINE_MEMBER {
    Reals p = part(momentum), q = part(position);
    fuse(p, Reals{} + kick, part(gradient));
    fuse(q, step * part(variances), p);
    part.put(p, newMomentum);
    part.put(q, newPosition);
  });
}

// momentum += kick gradient; the sum of variances momentum²
static double kickAndMeasure(int64_t count, double kick, const double *gradient, double *momentum, const double *variances) {
  Reals sums = {};
  eachStretch(count, [&](auto part) INLINE_MEMBER {
    Reals p = part(momentum);
    fuse(p, Reals{} + kick, part(gradient));
    fuse(sums, part(variances) * p, p);
    part.put(p, momentum);
  });
  return total(sums);
}

// The sums of variances (a + b) first and of variances (a + b) last.
static void turning(int64_t count, const double *variances, const double *a, const double *b, const double *first,
                    const double *last, double *results) {
  Reals atFirst = {}, atLast = {};
  eachStretch(count, [&](auto part) INLINE_MEMBER {
    const Reals weighted = (part(a) + part(b)) * part(variances);
    fuse(atFirst, weighted, part(first));
    fuse(atLast, weighted, part(last));
  });
  results[0] = total(atFirst);
  results[1] = total(atLast);
}

// y -= a x; the sum of x²
static double subtractScaled(int64_t count, double a, const double *x, double *y) {
  Reals sums = {};
  eachStretch(count, [&](auto part) INLINE_MEMBER {
    const Reals value = part(x);
    Reals rest = part(y);
    fuse(sums, value, value);
    fuse(rest, Reals{} - a, value);
    part.put(rest, y);
  });
  return total(sums);
}

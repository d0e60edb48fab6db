// Eight numbers in double precision at once, and functions of them that give the same bits on every processor.
//
// Included once for each kind of processor.

constexpr int64_t reals = 8;
typedef double Reals __attribute__((vector_size(64), aligned(64)));
typedef uint64_t Words __attribute__((vector_size(64), aligned(64)));

INLINE void load(Reals &value, const double *from) { std::memcpy(&value, from, sizeof value); }
INLINE void store(const Reals &value, double *to) { std::memcpy(to, &value, sizeof value); }

// a b + c, rounded once.
INLINE void fuse(Reals &c, const Reals &a, const Reals &b) { c = __builtin_elementwise_fma(a, b, c); }

template <size_t count>
INLINE void polynomial(Reals &value, const Reals &x, const double (&coefficients)[count]) {
  value = Reals{} + coefficients[count - 1];
  UNROLL
  for (size_t i = count - 1; i-- > 0;) {
    Reals next = Reals{} + coefficients[i];
    fuse(next, value, x);
    value = next;
  }
}

// log x for normal x > 0, to 2 units of the last place: log m = 2 artanh((m - 1) / (m + 1)) by its series, m from sqrt(1/2) to sqrt(2).
INLINE void logarithm(Reals &x) {
  Words bits;
  std::memcpy(&bits, &x, sizeof bits);
  // The exponent of m is 0 or -1; the bias keeps the difference positive.
  const Words exponent = (bits - 0x3fe6a09e667f3bcdull + (1023ull << 52)) >> 52;
  bits -= (exponent - 1023) << 52;
  Reals m, series;
  std::memcpy(&m, &bits, sizeof m);
  const Reals s = (m - 1.0) / (m + 1.0), square = s * s;
  polynomial(series, square, {1.0, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21});
  const Reals n = __builtin_convertvector(exponent, Reals) - 1023.0;
  x = 2.0 * (s * series);
  fuse(x, n, Reals{} + 0.6931471805599453);
}

// cos(2 pi v) and sin(2 pi v) for v in [0, 1): by their series within an eighth of a turn around the nearest quarter.
INLINE void circle(const Reals &v, Reals &cosine, Reals &sine) {
  // Adding and taking away 1.5 * 2^52 rounds to whole numbers, and leaves them in the lowest bits.
  const Reals shifted = 4.0 * v + 6755399441055744.0;
  Words quarter;
  std::memcpy(&quarter, &shifted, sizeof quarter);
  const Reals x = (4.0 * v - (shifted - 6755399441055744.0)) * 1.5707963267948966, square = x * x;
  Reals s, c;
  polynomial(s, square, {1.0, -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800,
                         -1.0 / 1307674368000, 1.0 / 355687428096000});
  polynomial(c, square, {1.0, -0.5, 1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600, -1.0 / 87178291200,
                         1.0 / 20922789888000});
  s *= x;
  const Words isOdd = Words{} - (quarter & 1);
  const Words cosineSign = ((quarter + 1) & 2) << 62, sineSign = (quarter & 2) << 62;
  Words a, b;
  std::memcpy(&a, &c, sizeof a);
  std::memcpy(&b, &s, sizeof b);
  const Words first = ((a & ~isOdd) | (b & isOdd)) ^ cosineSign, second = ((b & ~isOdd) | (a & isOdd)) ^ sineSign;
  std::memcpy(&cosine, &first, sizeof cosine);
  std::memcpy(&sine, &second, sizeof sine);
}

INLINE double total(const Reals &x) {
  return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

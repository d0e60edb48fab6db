// Sixteen numbers at once, and functions of them that give the same bits on every processor.
//
// Included once for each kind of processor, inside a namespace of its own, see Paths.hpp.

typedef float Lanes __attribute__((vector_size(64), aligned(64)));
typedef int32_t Integers __attribute__((vector_size(64), aligned(64)));

INLINE void load(Lanes &value, const float *from) { std::memcpy(&value, from, sizeof value); }
INLINE void store(const Lanes &value, float *to) { std::memcpy(to, &value, sizeof value); }
// A number less 0 is itself, so that it is loaded into all lanes and nothing is calculated.
INLINE void spread(Lanes &value, float number) { value = number - Lanes{}; }

// sum += a b, rounded once.
INLINE void accumulate(Lanes &sum, const Lanes &a, const Lanes &b) { sum = __builtin_elementwise_fma(a, b, sum); }

// A polynomial by Horner's rule, the constant first.
template <size_t count>
INLINE void polynomial(Lanes &value, const Lanes &x, const float (&coefficients)[count]) {
  spread(value, coefficients[count - 1]);
  UNROLL
  for (size_t i = count - 1; i-- > 0;) {
    Lanes next;
    spread(next, coefficients[i]);
    value = __builtin_elementwise_fma(value, x, next);
  }
}

INLINE void clamp(Lanes &x, float low, float high) {
  Lanes a, b;
  spread(a, low);
  spread(b, high);
  x = x < a ? a : x;
  x = x > b ? b : x;
}

// e^x within 2 units of the last place for |x| <= 87: 2^n times a polynomial of the rest. What is not a number stays so.
INLINE void exponential(Lanes &x) {
  const Lanes exponent = x;
  clamp(x, -87, 88);
  Lanes shifted, rounder, p, rest, scale;
  // Adding and taking away 1.5 * 2^23 rounds to whole numbers.
  spread(rounder, 12582912.0f);
  spread(scale, 1.44269504088896341f);
  shifted = __builtin_elementwise_fma(x, scale, rounder);
  const Lanes whole = shifted - rounder;
  spread(scale, -0.693359375f);
  rest = __builtin_elementwise_fma(whole, scale, x);
  spread(scale, 2.12194440e-4f);
  rest = __builtin_elementwise_fma(whole, scale, rest);
  polynomial(p, rest, {1.0f, 1.0f, 5.0000001201e-1f, 1.6666665459e-1f, 4.1665795894e-2f, 8.3334519073e-3f, 1.3981999507e-3f,
                       1.9875691500e-4f});
  Integers bits;
  std::memcpy(&bits, &p, sizeof bits);
  bits += __builtin_convertvector(whole, Integers) << 23;
  std::memcpy(&x, &bits, sizeof x);
  x = exponent == exponent ? x : exponent;
}

// log(x) for normal positive x, to 1e-7: of the mantissa by a polynomial (minimax, fitted), and the exponent.
INLINE void logarithm(Lanes &x) {
  Integers bits;
  std::memcpy(&bits, &x, sizeof bits);
  // The mantissa is taken from sqrt(1/2) to sqrt(2).
  const Integers exponent = (bits - 0x3f3504f3) >> 23;
  bits -= exponent << 23;
  Lanes r, p, n, scale;
  std::memcpy(&r, &bits, sizeof r);
  r -= 1.0f;
  polynomial(p, r, {0.999999974f, -0.49999988f, 0.333341857f, -0.250020744f, 0.199568305f, -0.165623825f, 0.149522889f,
                    -0.143669338f, 0.0872240710f});
  n = __builtin_convertvector(exponent, Lanes);
  spread(scale, 0.693147181f);
  x = __builtin_elementwise_fma(n, scale, p * r);
}

// tanh(x) to 4e-7 of itself: x P(x²) / Q(x²), minimax for |x| <= 8.1, where it is 1 but for 2e-7. Q's highest coefficient is 1, which
// saves a product.
INLINE void hyperbolicTangent(Lanes &x) {
  clamp(x, -8.1f, 8.1f);
  const Lanes square = x * x;
  Lanes p, q;
  polynomial(p, square, {4121632.283746153f, 532385.2270754435f, 12123.951235161157f, 46.67945524657794f});
  polynomial(q, square, {4121632.9511161246f, 1906257.5283986407f, 97999.2870757455f, 978.1707977933121f, 1.0f});
  x = x * p / q;
}

// 1 / (1 + e^-x)
INLINE void logistic(Lanes &x) {
  x = -x;
  exponential(x);
  x = 1.0f / (1.0f + x);
}

// The standard normal's density and distribution function to 2e-7: e^(-x²/2) times a polynomial of 1 / (1 + 0.3 |x|), fitted to the
// scaled complementary error function for |x| <= 13.
INLINE void standardNormal(const Lanes &x, Lanes &density, Lanes &distribution) {
  Lanes size = x < 0.0f ? -x : x, tail;
  size = size > 13.0f ? Lanes{} + 13.0f : size;
  Lanes power = size * size * -0.5f;
  exponential(power);
  polynomial(tail, 1.0f / (1.0f + 0.3f * size),
             {6.381521538859306e-06f, 0.11950102667662624f, 0.1218256567190544f, 0.095052078558275f, 0.14167328044270405f,
              -0.07526176860142195f, 0.2275744804673924f, -0.16864170830331526f, 0.038270600823459344f});
  tail *= power;
  density = power * 0.3989422804014327f;
  distribution = x < 0.0f ? tail : 1.0f - tail;
}

// a = a + b after numbers have changed places: lane l of the first is lane `low` of the two, of the second lane `high`, where lanes from
// 16 on are b's. So one vector has the partial sums of both.
#define FOLD(name, low, high)                                                               \
  template <int... l>                                                                       \
  INLINE void name(Lanes &a, const Lanes &b, std::integer_sequence<int, l...>) {            \
    a = __builtin_shufflevector(a, b, (low)...) + __builtin_shufflevector(a, b, (high)...); \
  }

// Within each quarter: a0 + a2, b0 + b2, a1 + a3, b1 + b3,
FOLD(foldPairs, (l & ~3) + (l & 1) * 16 + (l & 3) / 2, (l & ~3) + (l & 1) * 16 + (l & 3) / 2 + 2)
// and then the pairs: a0 + a2, a1 + a3, b0 + b2, b1 + b3.
FOLD(foldQuads, (l & 2) ? 14 + l : l, (l & 2) ? 16 + l : l + 2)
// The quarters, of which the second half is added to the first,
FOLD(foldHalves, (l & 8) ? 8 + l : l, (l & 8) ? 16 + l : l + 8)
// and every second one to the one before.
FOLD(foldQuarters, (l & 8) * 2 + (l & 4) * 2 + (l & 3), (l & 8) * 2 + (l & 4) * 2 + (l & 3) + 4)

#undef FOLD

// The sums of the lanes of sixteen vectors, in the first. Every step is one instruction for two vectors.
INLINE void sumLanes(Lanes (&sums)[16]) {
  const auto l = std::make_integer_sequence<int, 16>();
  UNROLL
  for (int i = 0; i < 16; i += 2) foldPairs(sums[i], sums[i + 1], l);
  UNROLL
  for (int i = 0; i < 16; i += 4) foldQuads(sums[i], sums[i + 2], l);
  UNROLL
  for (int i = 0; i < 16; i += 8) foldHalves(sums[i], sums[i + 4], l);
  foldQuarters(sums[0], sums[8], l);
}

// Standard normal numbers of a key's stream by Box and Muller (1958), from blocks of Philox4x32-10 (Salmon, Moraes, Dror & Shaw,
// "Parallel random numbers: as easy as 1, 2, 3", SC 2011), eight blocks at a time.
//
// Included once for each kind of processor.

// Ten rounds over counters of four words, each word in the low half of 64 bits.
INLINE void philox(Words (&counter)[4], uint64_t key) {
  uint64_t low = key & 0xffffffff, high = key >> 32;
  UNROLL
  for (int round = 0; round < 10; round++) {
    const Words first = (counter[0] & 0xffffffff) * 0xd2511f53, second = (counter[2] & 0xffffffff) * 0xcd9e8d57;
    counter[0] = (second >> 32) ^ counter[1] ^ low;
    counter[1] = second & 0xffffffff;
    counter[2] = (first >> 32) ^ counter[3] ^ high;
    counter[3] = first & 0xffffffff;
    low = (low + 0x9e3779b9) & 0xffffffff;
    high = (high + 0xbb67ae85) & 0xffffffff;
  }
}

// A number in [0, 1) of 53 bits.
INLINE void unit(const Words &low, const Words &high, Reals &value) {
  value = __builtin_convertvector((high << 32 | low) >> 11, Reals) * 0x1p-53;
}

static void normals(uint64_t key, int64_t count, double *out) {
  for (int64_t i = 0; i < count; i += 2 * reals) {
    const Words index = Words{0, 1, 2, 3, 4, 5, 6, 7} + static_cast<uint64_t>(i / 2);
    Words counter[4] = {index & 0xffffffff, index >> 32, Words{}, Words{}};
    philox(counter, key);
    Reals u, v, cosine, sine;
    unit(counter[0], counter[1], u);
    unit(counter[2], counter[3], v);
    // 1 - u lies in (0, 1], where the logarithm is finite.
    u = 1.0 - u;
    logarithm(u);
    const Reals radius = __builtin_elementwise_sqrt(-2.0 * u);
    circle(v, cosine, sine);
    cosine *= radius;
    sine *= radius;
    const Reals first = __builtin_shufflevector(cosine, sine, 0, 8, 1, 9, 2, 10, 3, 11);
    const Reals second = __builtin_shufflevector(cosine, sine, 4, 12, 5, 13, 6, 14, 7, 15);
    if (i + 2 * reals <= count) {
      store(first, out + i);
      store(second, out + i + reals);
    } else {
      alignas(64) double rest[2 * reals];
      store(first, rest);
      store(second, rest + reals);
      std::memcpy(out + i, rest, (count - i) * sizeof(double));
    }
  }
}

/// The generator MT19937 (Matsumoto and Nishimura 1998), with the shuffle of NumPy's legacy `RandomState`.
///
/// It reproduces published train/test splits and serves nothing else.
struct MersenneTwister {
  private static let size = 624
  private static let middle = 397
  private var state: [UInt32]
  private var position = Self.size

  /// Seeds the generator as `init_genrand` does.
  init(seed: UInt32) {
    state = [seed]
    for i in 1..<UInt32(Self.size) {
      let last = state[state.count - 1]
      state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ i)
    }
  }

  /// The next 32 random bits.
  mutating func next() -> UInt32 {
    if position == Self.size { twist() }
    var y = state[position]
    position += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9d2c_5680
    y ^= (y << 15) & 0xefc6_0000
    return y ^ (y >> 18)
  }

  private mutating func twist() {
    for i in 0..<Self.size {
      let y = (state[i] & 0x8000_0000) | (state[(i + 1) % Self.size] & 0x7fff_ffff)
      state[i] = state[(i + Self.middle) % Self.size] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_b0df)
    }
    position = 0
  }

  /// A uniform integer in 0…bound, by masking and rejection.
  mutating func interval(through bound: UInt32) -> UInt32 {
    guard bound > 0 else { return 0 }
    let mask = UInt32.max >> bound.leadingZeroBitCount
    while true {
      let value = next() & mask
      if value <= bound { return value }
    }
  }

  /// What `RandomState.permutation(count)` gives, and `RandomState.choice(count, count, replace=False)` with it.
  mutating func permutation(_ count: Int) -> [Int] {
    var numbers = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) {
      numbers.swapAt(i, Int(interval(through: UInt32(clamping: i))))
    }
    return numbers
  }
}

/// The name of a stream of random numbers.
///
/// A key is a value: what is drawn under it is a pure function of it, and nothing is stored. A computation derives the
/// key of each draw from the job's seed, the task, the step and the purpose, so it does not matter where or how often
/// it ran:
///
///     let step = RandomKey(seed: 42).folding(in: chain).folding(in: iteration)
///     let momentum = step.purpose("momentum").normals(count: dimensions)
///
/// Keys and draws use disjoint counters of Philox4x32-10, so a key's children are independent of its own draws.
public struct RandomKey: Hashable, Sendable {
  /// The 64 bits that say everything about the stream; with them a key can be stored and made again.
  public let bits: UInt64

  /// Makes the key of stored bits.
  public init(bits: UInt64) { self.bits = bits }

  /// Makes the root key of a seed.
  public init(seed: UInt64) {
    bits = Self(bits: seed).child(0, domain: .seed)
  }

  /// The child with a number: a chain, an iteration, an attempt.
  public func folding(in number: UInt64) -> RandomKey {
    RandomKey(bits: child(number, domain: .number))
  }

  /// The child with a name: what the numbers are for. Names are hashed by FNV-1a, 64 bits.
  public func purpose(_ name: String) -> RandomKey {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return RandomKey(bits: child(hash, domain: .name))
  }

  enum Domain: UInt32 {
    case draws = 0
    case seed, number, name
  }

  func block(_ index: UInt64, domain: Domain) -> SIMD4<UInt32> {
    Philox.block(
      SIMD4(UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, domain.rawValue),
      key: SIMD2(UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32)))
  }

  private func child(_ value: UInt64, domain: Domain) -> UInt64 {
    let words = block(value, domain: domain)
    return UInt64(words[0]) | UInt64(words[1]) << 32
  }
}

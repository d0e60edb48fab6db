import Foundation

/// Scatters the bits of a number (the finaliser of SplitMix64; Steele, Lea and Flood 2014).
func mix(_ number: UInt64) -> UInt64 {
  var z = number
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}

/// All the chance of one simulation: the same numbers for the same seed.
struct Chance {
  private var state: UInt64

  init(seed: UInt64) { state = mix(seed &+ 0x1234_5678_9ABC_DEF0) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return mix(state)
  }

  /// A number in 0..<bound.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

  mutating func from(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// True once in so many times.
  mutating func oneIn(_ times: Int) -> Bool { below(times) == 0 }

  /// True with this probability.
  mutating func happens(_ probability: Double) -> Bool { unit() < probability }

  mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

  /// A number whose logarithm is uniform, for quantities of unknown magnitude.
  mutating func magnitude(_ low: Double, _ high: Double) -> Double { low * pow(high / low, unit()) }

  mutating func element<Element>(of elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[below(elements.count)]
  }

  private mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

import TestSupport

/// Changes seeds at random: a function of its seed, so that every run of the tests tries the same inputs.
public struct Mutator {
  private let seeds: [[UInt8]]
  private let tokens: [[UInt8]]
  private var random: SplitMix64

  private static let numbers = [
    "0", "-0", "-1", "1", "255", "65536", "4294967296", "9007199254740993", "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808", "1e308", "1e309", "-1e-320", "0.1",
  ].map { Array($0.utf8) }

  /// Starts from the seeds of a target.
  public init(_ target: FuzzTarget, seed: UInt64) throws {
    seeds = try target.seeds().filter { $0.count <= 1 << 16 }
    tokens = target.tokens.map { Array($0.utf8) }
    random = SplitMix64(seed: seed)
  }

  /// The next input.
  public mutating func next() -> [UInt8] {
    var bytes = seeds[random.below(seeds.count)]
    for _ in 0...random.below(4) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let at = random.below(bytes.count + 1)
    let length = min(bytes.count - at, 1 + random.below(random.oneIn(4) ? 64 : 6))
    switch random.below(9) {
    case 0 where at < bytes.count: bytes[at] = UInt8(random.below(256))
    case 1 where at < bytes.count: bytes[at] ^= 1 << random.below(8)
    case 2 where !tokens.isEmpty: bytes.insert(contentsOf: tokens[random.below(tokens.count)], at: at)
    case 3: bytes.removeSubrange(at..<at + length)
    case 4:
      bytes.insert(contentsOf: repeatElement(bytes[at..<at + length], count: 1 + random.below(4)).joined(), at: at)
    case 5: replaceNumber(in: &bytes, from: at)
    case 6: splice(&bytes, at: at)
    case 7: swapValues(in: &bytes, from: at)
    default: bytes.removeSubrange(at...)
    }
  }

  /// Goes on as another seed does.
  private mutating func splice(_ bytes: inout [UInt8], at end: Int) {
    let other = seeds[random.below(seeds.count)]
    bytes.replaceSubrange(end..., with: other[random.below(other.count + 1)...])
  }

  /// Puts a number from the edge of a range where one stands.
  private mutating func replaceNumber(in bytes: inout [UInt8], from start: Int) {
    let isDigit: (UInt8) -> Bool = { (48...57).contains($0) }
    guard let first = bytes[start...].firstIndex(where: isDigit) else { return }
    let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.endIndex
    bytes.replaceSubrange(first..<end, with: Self.numbers[random.below(Self.numbers.count)])
  }

  /// Puts a bracketed value of another seed where one stands.
  private mutating func swapValues(in bytes: inout [UInt8], from start: Int) {
    let other = seeds[random.below(seeds.count)]
    guard let here = Self.bracketed(bytes, from: start),
      let there = Self.bracketed(other, from: random.below(other.count + 1))
    else { return }
    bytes.replaceSubrange(here, with: other[there])
  }

  private static func bracketed(_ bytes: [UInt8], from start: Int) -> Range<Int>? {
    guard let first = bytes[start...].firstIndex(where: { "[{\"".utf8.contains($0) }) else { return nil }
    var depth = 0
    for index in first..<bytes.count {
      if "[{".utf8.contains(bytes[index]) { depth += 1 }
      if "]}".utf8.contains(bytes[index]) { depth -= 1 }
      let closesText = bytes[first] == UInt8(ascii: "\"") && index > first && bytes[index] == UInt8(ascii: "\"")
      if closesText || (depth == 0 && bytes[first] != UInt8(ascii: "\"")) { return first..<index + 1 }
    }
    return nil
  }
}

/// An order of pictures for each epoch: position p of epoch e is a function of the key, p and e alone, found without
/// shuffling anything, so that training goes on anywhere in an epoch at once.
///
/// A permutation of 0…2^2k − 1 by a Feistel network (Luby and Rackoff 1988) of eight rounds is applied until the number lies
/// below `count` (cycle walking, Black and Rogaway 2002).
public struct ShuffledOrder: Equatable, Sendable {
  /// Number of pictures.
  public let count: Int
  /// Names the order.
  public let key: UInt64
  private let halfBits: UInt64

  /// Makes an order of at least one picture; the key is, for example, `RandomKey.bits`.
  public init(count: Int, key: UInt64) {
    self.count = max(count, 1)
    self.key = key
    let bits = UInt64.bitWidth - UInt64(self.count - 1).leadingZeroBitCount
    halfBits = UInt64(max((bits + 1) / 2, 1))
  }

  /// The picture at a position since the start of training: after `count` positions the next epoch begins, in another order.
  public func index(at position: Int) -> Int { index(at: position % count, epoch: position / count) }

  /// The picture at a position of an epoch.
  public func index(at position: Int, epoch: Int) -> Int {
    let epochKey = Self.mixed(key &+ Self.mixed(UInt64(bitPattern: Int64(epoch))))
    var number = UInt64(position)
    repeat { number = permuted(number, key: epochKey) } while number >= UInt64(count)
    return Int(number)
  }

  private func permuted(_ number: UInt64, key: UInt64) -> UInt64 {
    let mask = (1 << halfBits) - 1 as UInt64
    var (left, right) = (number >> halfBits, number & mask)
    for round in 0..<8 as Range<UInt64> {
      (left, right) = (right, left ^ (Self.mixed(key ^ (right << 8 | round)) & mask))
    }
    return left << halfBits | right
  }

  /// The output function of SplitMix64 (Steele, Lea and Flood 2014).
  private static func mixed(_ bits: UInt64) -> UInt64 {
    var z = bits &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension ImageSet {
  /// Divides the pictures: a part, at least one picture, is held out. The division is a function of number and key alone.
  ///
  /// Throws `DatasetError.Code.split` if nothing would be left to learn from.
  public func split(heldOut fraction: Double, key: UInt64) throws(DatasetError) -> (training: [Int], heldOut: [Int]) {
    let heldOut = max(Int((fraction * Double(count)).rounded()), 1)
    guard fraction > 0, heldOut < count else {
      throw DatasetError(.split, "\(name): of \(count) pictures a part of \(fraction) cannot be held out")
    }
    let order = ShuffledOrder(count: count, key: key)
    let shuffled = (0..<count).map { order.index(at: $0, epoch: 0) }
    return (shuffled[heldOut...].sorted(), shuffled[..<heldOut].sorted())
  }
}

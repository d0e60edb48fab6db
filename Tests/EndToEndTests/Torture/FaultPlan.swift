import TestSupport

/// All faults of a run with their times, drawn from a seed before anything starts: the same seed gives the same plan.
struct FaultPlan {
  struct Fault {
    let kind: FaultKind
    let target: Target
    /// Seconds from the start of the run.
    let start: Double
    let end: Double

    /// The aspects of hosts that it keeps to itself.
    var places: Set<Place> {
      Set(([target.host] + target.others).flatMap { host in kind.aspects.map { Place(host: host, aspect: $0) } })
    }
  }

  struct Place: Hashable {
    let host: Int
    let aspect: FaultKind.Aspect
  }

  /// In the order of their starts.
  let faults: [Fault]

  static let faultsPerMinute = 21

  /// Kinds are dealt like cards of which each lies in the deck as often as it weighs, so that none is forgotten.
  init(seed: UInt64, minutes: Double, kinds: [FaultKind]) {
    var random = SplitMix64(seed: seed)
    let count = Int(minutes * Double(Self.faultsPerMinute))
    let pause = minutes * 60 / Double(count)
    var deck: [FaultKind] = []
    // Where a fault still lasts no other may begin: places, and until when they are taken.
    var taken: [Place: Double] = [:]
    faults = (0..<count).compactMap { number in
      let start = (Double(number) + random.fraction()) * pause
      if deck.count < 8 { deck += kinds.flatMap { Array(repeating: $0, count: $0.weight) }.shuffled(using: &random) }
      for (card, kind) in deck.enumerated() {
        let lower = kind.seconds.lowerBound
        let length = lower + random.fraction() * (kind.seconds.upperBound - lower)
        for target in kind.targets.shuffled(using: &random) {
          let fault = Fault(kind: kind, target: target, start: start, end: start + length)
          guard fault.places.allSatisfy({ taken[$0, default: 0] <= start }) else { continue }
          for place in fault.places { taken[place] = fault.end + 0.3 }
          deck.remove(at: card)
          return fault
        }
      }
      return nil
    }
  }
}

extension SplitMix64 {
  /// A number in 0..<1.
  fileprivate mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }
}

import Foundation

/// How the rate of an optimiser changes on its way from the end of warm-up to the last step.
public enum RateSchedule: Equatable, Sendable {
  case constant
  /// It falls to 0 as 1 − 3 p² + 2 p³ with the share p of the way.
  case smooth
  /// It falls to 0 as a half wave of the cosine, anew in each of so many equal cycles (Loshchilov & Hutter 2017).
  case cosine(cycles: Int)
  /// It is multiplied by a factor at each of these shares of the way.
  case steps(at: [Double], factor: Double)

  /// What the rate is multiplied by at a share of the way, 0 being its begin and 1 its end.
  public func factor(at share: Double) -> Double {
    switch self {
    case .constant: return 1
    case .smooth: return 1 - share * share * (3 - 2 * share)
    case .cosine(let cycles):
      let passed = share * Double(cycles)
      return (1 + cos(.pi * (passed - passed.rounded(.down)))) / 2
    case .steps(let shares, let factor): return shares.reduce(1) { $1 <= share ? $0 * factor : $0 }
    }
  }
}

extension RateSchedule: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case constant, smooth, cosine, steps
  }

  /// A word, or a section that says more.
  init(_ field: Field) throws(SpecificationError) {
    guard field.word != nil else {
      self = try field.section()
      return
    }
    self = Self.of(try field.choice(of: Kind.self))
  }

  init(from section: inout Section) throws(SpecificationError) {
    let kind = try section.required("type", "write `type: constant`, `smooth`, `cosine` or `steps`").choice(
      of: Kind.self)
    switch (kind, Self.of(kind)) {
    case (.cosine, _): self = .cosine(cycles: try section.optional("cycles")?.integer(in: 1...10_000) ?? 1)
    case (.steps, .steps(var shares, var factor)):
      if let given = section.optional("at") {
        shares = []
        for field in try given.list(countMax: 64) { shares.append(try field.number(in: 0...1)) }
      }
      factor = try section.optional("factor")?.number(in: 0...1) ?? factor
      self = .steps(at: shares, factor: factor)
    case (_, let plain): self = plain
    }
  }

  private static func of(_ kind: Kind) -> RateSchedule {
    switch kind {
    case .constant: .constant
    case .smooth: .smooth
    case .cosine: .cosine(cycles: 1)
    case .steps: .steps(at: [0.5, 0.75], factor: 0.1)
    }
  }
}

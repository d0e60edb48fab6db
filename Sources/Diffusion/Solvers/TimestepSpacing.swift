import Specification

/// How a solver family chooses timesteps of a chain of T.
public enum TimestepStyle: Sendable {
  /// Whole timesteps; the last of `linspace` and `leading` is the chain's first: `ddpm` and `ddim`.
  case whole
  /// As `whole`, but `linspace` may fall between timesteps: `euler`, `eulerAncestral`, `heun`.
  case fractional
  /// Whole timesteps of one more step, without the last one: `dpmSolver`.
  case withoutLast
}

extension SpacingConfiguration {
  /// The timesteps of a solver with so many steps, in falling order (Lin et al. 2024, table 2).
  /// - Parameter reach: how many timesteps of the chain are visited, from the first; `trailing` keeps its stride and so takes
  ///   fewer steps.
  /// - Throws: `DiffusionError` unless `steps` lies in 1...T.
  public func timesteps(
    of total: Int, reach: Int? = nil, steps: Int, style: TimestepStyle
  ) throws(DiffusionError) -> [Double] {
    let reach = reach ?? total
    try require((1...reach).contains(steps), "a chain of \(reach) timesteps takes 1 to \(reach) steps, not \(steps)")
    let count = style == .withoutLast ? steps + 1 : steps
    let chosen: [Double]
    switch timesteps {
    case .trailing:
      let ratio = Double(total) / Double(steps)
      let taken = Int((Double(reach) / ratio).rounded(.up))
      return (0..<taken).map { (Double(reach) - Double($0) * ratio).rounded(.toNearestOrEven) - 1 }
    case .leading: chosen = (0..<count).map { Double($0 * (reach / count) + offset) }
    case .linspace:
      let times = evenly(from: 0, to: Double(reach - 1), count: count)
      chosen = style == .fractional ? times : times.map { $0.rounded(.toNearestOrEven) }
    }
    let falling = Array(chosen.reversed().prefix(steps))
    try require(
      (falling.first ?? 0) <= Double(total - 1), "the offset \(offset) leads beyond the last of \(total) timesteps")
    return falling
  }
}

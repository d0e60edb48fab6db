import Specification

/// How noise grows with time.
///
/// The time of a level is what the network is told:
/// - of T timesteps: the timestep, 0...T − 1, fractions included;
/// - by the log SNR or an SDE: 1000 t, t in 0...1, so that the usual sinusoidal embedding resolves it;
/// - of Karras et al.: ¼ ln σ.
public protocol NoiseSchedule: Sendable {
  /// Least and most noise, as σ / α, that the model knows.
  var ratios: ClosedRange<Double> { get }

  /// The level of a noise-to-signal ratio σ / α.
  func level(ratio: Double) -> NoiseLevel

  /// The level at a fraction of the way from least noise, 0, to most, 1, in the schedule's own time.
  func level(fraction: Double) -> NoiseLevel

  /// The level that training draws for one sample; `uniform` lies in [0, 1).
  func trainingLevel(uniform: Double) -> NoiseLevel
}

extension NoiseSchedule {
  /// By default the fraction of the way is uniform.
  public func trainingLevel(uniform: Double) -> NoiseLevel { level(fraction: uniform) }
}

extension NoiseScheduleConfiguration {
  /// The schedule with these settings.
  /// - Throws: `DiffusionError` if a number lies outside its limits.
  public func schedule() throws(DiffusionError) -> any NoiseSchedule {
    switch self {
    case .discrete(let configuration): try DiscreteSchedule(configuration)
    case .logSNR(let formula): LogSNRSchedule(formula)
    case .karras(let configuration): try KarrasSchedule(configuration)
    case .sde(let configuration): try ScoreSDE(configuration)
    }
  }
}

/// `count` numbers from one to another, both included.
func evenly(from start: Double, to end: Double, count: Int) -> [Double] {
  let step = (end - start) / Double(max(count - 1, 1))
  return (0..<count).map { $0 == count - 1 && count > 1 ? end : start + Double($0) * step }
}

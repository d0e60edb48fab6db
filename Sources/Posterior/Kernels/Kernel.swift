import Tensors

/// One MCMC transition that leaves a density invariant.
public protocol Kernel {
  /// What is carried from step to step and checkpointed.
  associatedtype State: KernelState
  /// What a step reports and is not carried.
  associatedtype Info: KernelInfo

  /// The state at a position.
  /// - Throws: `PosteriorError` if the density fails or the position has the wrong length.
  func initialState(at position: [Double]) throws(PosteriorError) -> State

  /// Moves the state by one transition. All randomness comes from `key`.
  /// - Throws: `PosteriorError` if the density fails; a divergence is reported in `Info` instead.
  func step(_ state: inout State, key: RandomKey) throws(PosteriorError) -> Info
}

/// A kernel with a step size and a scale for every coordinate, both tuned in warm-up.
public protocol TunableKernel: Kernel {
  /// How boldly warm-up looks for a step size.
  static var gain: DualAveraging.Gain { get }
  /// The step size ε, relative to the scales.
  var stepSize: Double { get set }
  /// Estimated variance of every coordinate; 1 before anything is known.
  var variances: [Double] { get set }
  /// The mean of `KernelInfo.acceptanceRate` that warm-up tunes the step size to.
  var targetAcceptance: Double { get }

  /// A step size to begin tuning from.
  /// - Parameter variancesKnown: whether the variances were estimated from draws; false at a chain's start.
  /// - Throws: `PosteriorError` if there is none.
  func reasonableStepSize(at state: State, variancesKnown: Bool, key: RandomKey) throws(PosteriorError) -> Double
}

/// What every kernel's state has.
public protocol KernelState: Equatable, Sendable {
  /// The position the chain is at.
  var position: [Double] { get }
  /// The log density there.
  var logDensity: Double { get }

  /// Adds everything a step depends on to a snapshot.
  func save(to snapshot: inout Snapshot)
  /// Restores what `save` added.
  /// - Throws: `PosteriorError` if an entry is missing or has another shape.
  init(from snapshot: Snapshot, dimensions: Int) throws(PosteriorError)
}

/// What every kernel's report has.
public protocol KernelInfo: Sendable {
  /// The acceptance statistic in 0...1 that warm-up averages.
  var acceptanceRate: Double { get }
  /// Whether the state moved.
  var isAccepted: Bool { get }
  /// Whether the integrator left the density's level set beyond repair.
  var isDivergent: Bool { get }
  /// Evaluations of the density (with its gradient, if the kernel uses it).
  var steps: Int { get }
  /// Everything under the names of ArviZ's `sample_stats`, always in the same order and of the same types.
  var statistics: [SampleStatistic] { get }
}

/// One number of `sample_stats`.
public struct SampleStatistic: Equatable, Sendable {
  /// A number in the type it is stored with.
  public enum Value: Equatable, Sendable {
    case real(Double)
    case integer(Int)
    case truth(Bool)
  }

  /// ArviZ's name, such as `tree_depth`.
  public let name: String
  /// The number.
  public let value: Value

  /// Makes a statistic.
  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

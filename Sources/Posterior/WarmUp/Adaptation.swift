import Tensors

/// Stan's windowed warm-up: dual averaging of the step size at every iteration, variances at the end of every window.
struct Adaptation: Equatable {
  let schedule: WarmUpSchedule
  private let target: Double
  private var averaging: DualAveraging
  private var window: WelfordVariance

  init<K: TunableKernel>(warmUpIterations: Int, kernel: K) {
    schedule = WarmUpSchedule(iterations: warmUpIterations)
    target = kernel.targetAcceptance
    averaging = DualAveraging(target: target, gain: K.gain, stepSize: kernel.stepSize)
    window = WelfordVariance(dimensions: kernel.variances.count)
  }

  /// Tunes the kernel after an iteration of warm-up.
  mutating func update<K: TunableKernel>(
    _ kernel: inout K, state: K.State, acceptanceRate: Double, iteration: Int, key: RandomKey
  ) throws(PosteriorError) {
    kernel.stepSize = averaging.update(acceptanceRate: acceptanceRate)
    guard schedule.slow.contains(iteration) else { return }
    window.add(state.position)
    guard schedule.windowEnds.contains(iteration) else { return }
    kernel.variances = window.regularizedVariances
    window = WelfordVariance(dimensions: kernel.variances.count)
    kernel.stepSize = try kernel.reasonableStepSize(at: state, variancesKnown: true, key: key)
    restart(kernel)
  }

  /// Looks for the step size anew, from where the kernel is.
  mutating func restart<K: TunableKernel>(_ kernel: K) {
    averaging = DualAveraging(target: target, gain: K.gain, stepSize: kernel.stepSize)
  }

  /// The step size to keep when warm-up is over.
  var finalStepSize: Double { averaging.averagedStepSize }

  func save(to snapshot: inout Snapshot) {
    averaging.save(to: &snapshot)
    window.save(to: &snapshot)
  }

  init<K: TunableKernel>(from snapshot: Snapshot, warmUpIterations: Int, kernel: K) throws(PosteriorError) {
    schedule = WarmUpSchedule(iterations: warmUpIterations)
    target = kernel.targetAcceptance
    averaging = try DualAveraging(from: snapshot, target: target, gain: K.gain)
    window = try WelfordVariance(from: snapshot, dimensions: kernel.variances.count)
  }
}

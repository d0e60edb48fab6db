import Tensors

/// A kernel of isokinetic dynamics, whose warm-up tunes a step size, a length and a scale for every coordinate.
protocol MicrocanonicalKernel: RunnableKernel where State == MicrocanonicalState {
  associatedtype Tuning: MicrocanonicalTuning where Tuning.Tuned == Self
  /// The step size ε, relative to the scales.
  var stepSize: Double { get set }
  /// L, relative to the scales.
  var length: Double { get set }
  var dynamics: IsokineticDynamics { get set }
  /// Acceptance below which a chain is dead.
  var leastAcceptance: Double { get }
  /// A step size to begin tuning from.
  func firstStepSize(at state: State, key: RandomKey) throws(PosteriorError) -> Double
}

/// The warm-up of a microcanonical kernel.
protocol MicrocanonicalTuning {
  associatedtype Tuned: Kernel
  init(warmUpIterations: Int, kernel: Tuned)
  /// Tunes the kernel after an iteration of warm-up.
  mutating func update(
    _ kernel: inout Tuned, after info: Tuned.Info, at state: MicrocanonicalState, iteration: Int, key: RandomKey
  ) throws(PosteriorError)
  func save(to snapshot: inout Snapshot)
  init(from snapshot: Snapshot, warmUpIterations: Int, kernel: Tuned) throws(PosteriorError)
}

/// The run of a microcanonical kernel.
struct MicrocanonicalRun<K: MicrocanonicalKernel>: KernelRun {
  private var kernel: K
  private var state: MicrocanonicalState
  private var tuning: K.Tuning
  private let firstStepSize: Double

  var position: [Double] { state.position }
  var logDensity: Double { state.logDensity }
  var stepSize: Double { kernel.stepSize }
  var variances: [Double] { kernel.dynamics.variances }
  var targetAcceptance: Double { kernel.leastAcceptance }

  init(_ kernel: K, state: MicrocanonicalState, warmUpIterations: Int, key: RandomKey) throws(PosteriorError) {
    var kernel = kernel
    if warmUpIterations > 0 {
      kernel.stepSize = try kernel.firstStepSize(at: state, key: key.purpose("first step size"))
    }
    tuning = K.Tuning(warmUpIterations: warmUpIterations, kernel: kernel)
    firstStepSize = kernel.stepSize
    self.state = state
    self.kernel = kernel
  }

  mutating func step(key: RandomKey) throws(PosteriorError) -> any KernelInfo { try kernel.step(&state, key: key) }

  mutating func adapt(
    _ info: any KernelInfo, iteration: Int, isLast: Bool, key: RandomKey
  ) throws(PosteriorError) {
    guard let info = info as? K.Info else { return }
    try tuning.update(&kernel, after: info, at: state, iteration: iteration, key: key)
    try requireStepSize(kernel.stepSize, from: firstStepSize, iteration: iteration)
  }

  func save(to snapshot: inout Snapshot) {
    state.save(to: &snapshot)
    snapshot.save(kernel.stepSize, as: "step_size")
    snapshot.save(firstStepSize, as: "first_step_size")
    snapshot.save(kernel.length, as: "trajectory_length")
    snapshot.save(kernel.dynamics.variances, as: "variances")
    tuning.save(to: &snapshot)
  }

  init(_ kernel: K, from snapshot: Snapshot, warmUpIterations: Int) throws(PosteriorError) {
    var kernel = kernel
    let dimensions = kernel.dynamics.variances.count
    kernel.stepSize = try snapshot.scalar("step_size")
    kernel.length = try snapshot.scalar("trajectory_length")
    kernel.dynamics.variances = try snapshot.vector("variances", count: dimensions)
    state = try MicrocanonicalState(from: snapshot, dimensions: dimensions)
    firstStepSize = try snapshot.scalar("first_step_size")
    tuning = try K.Tuning(from: snapshot, warmUpIterations: warmUpIterations, kernel: kernel)
    self.kernel = kernel
  }
}

extension MicrocanonicalKernel {
  func run(
    from state: MicrocanonicalState, warmUpIterations: Int, key: RandomKey
  ) throws(PosteriorError) -> any KernelRun {
    try MicrocanonicalRun(self, state: state, warmUpIterations: warmUpIterations, key: key)
  }

  func run(resuming snapshot: Snapshot, warmUpIterations: Int) throws(PosteriorError) -> any KernelRun {
    try MicrocanonicalRun(self, from: snapshot, warmUpIterations: warmUpIterations)
  }
}

extension MCLMC: MicrocanonicalKernel {
  typealias Tuning = MCLMCTuning
  var leastAcceptance: Double { 1 }
  func firstStepSize(at state: State, key: RandomKey) -> Double { stepSize }
}

extension MAMS: MicrocanonicalKernel {
  typealias Tuning = MAMSTuning
  /// In a narrow tail, where ε is too large, many trajectories in a row are refused: their lengths differ, not their steps.
  var leastAcceptance: Double { 0.05 }
  func firstStepSize(at state: State, key: RandomKey) throws(PosteriorError) -> Double {
    try reasonableStepSize(at: state, variancesKnown: false, key: key)
  }
}

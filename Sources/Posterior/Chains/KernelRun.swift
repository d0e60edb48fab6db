import Tensors

/// A kernel with its state and its warm-up, whatever their types: what a chain drives.
protocol KernelRun {
  var position: [Double] { get }
  var logDensity: Double { get }
  var stepSize: Double { get }
  var variances: [Double] { get }
  var targetAcceptance: Double { get }
  mutating func step(key: RandomKey) throws(PosteriorError) -> any KernelInfo
  mutating func adapt(_ info: any KernelInfo, iteration: Int, isLast: Bool, key: RandomKey) throws(PosteriorError)
  func save(to snapshot: inout Snapshot)
}

/// The run of one type of kernel.
struct TunedRun<K: TunableKernel>: KernelRun {
  private var kernel: K
  private var state: K.State
  private var adaptation: Adaptation
  /// The step size tuning began with; far below it the sampler is dead.
  private let firstStepSize: Double

  var position: [Double] { state.position }
  var logDensity: Double { state.logDensity }
  var stepSize: Double { kernel.stepSize }
  var variances: [Double] { kernel.variances }
  var targetAcceptance: Double { kernel.targetAcceptance }

  init(_ kernel: K, state: K.State, warmUpIterations: Int, key: RandomKey) throws(PosteriorError) {
    var kernel = kernel
    if warmUpIterations > 0 {
      kernel.stepSize = try kernel.reasonableStepSize(
        at: state, variancesKnown: false, key: key.purpose("first step size"))
    }
    self.state = state
    self.kernel = kernel
    firstStepSize = kernel.stepSize
    adaptation = Adaptation(warmUpIterations: warmUpIterations, kernel: kernel)
  }

  mutating func step(key: RandomKey) throws(PosteriorError) -> any KernelInfo {
    try kernel.step(&state, key: key)
  }

  mutating func adapt(
    _ info: any KernelInfo, iteration: Int, isLast: Bool, key: RandomKey
  ) throws(PosteriorError) {
    try adaptation.update(
      &kernel, state: state, acceptanceRate: info.acceptanceRate, iteration: iteration, key: key)
    if isLast { kernel.stepSize = adaptation.finalStepSize }
    try requireStepSize(kernel.stepSize, from: firstStepSize, iteration: iteration)
  }

  func save(to snapshot: inout Snapshot) {
    state.save(to: &snapshot)
    snapshot.save(kernel.stepSize, as: "step_size")
    snapshot.save(firstStepSize, as: "first_step_size")
    snapshot.save(kernel.variances, as: "variances")
    adaptation.save(to: &snapshot)
  }

  init(_ kernel: K, from snapshot: Snapshot, warmUpIterations: Int) throws(PosteriorError) {
    var kernel = kernel
    let dimensions = kernel.variances.count
    kernel.stepSize = try snapshot.scalar("step_size")
    kernel.variances = try snapshot.vector("variances", count: dimensions)
    state = try K.State(from: snapshot, dimensions: dimensions)
    firstStepSize = try snapshot.scalar("first_step_size")
    adaptation = try Adaptation(from: snapshot, warmUpIterations: warmUpIterations, kernel: kernel)
    self.kernel = kernel
  }
}

/// A kernel that knows how it is warmed up.
protocol RunnableKernel: Kernel {
  /// A run that begins with warm-up.
  func run(from state: State, warmUpIterations: Int, key: RandomKey) throws(PosteriorError) -> any KernelRun
  /// The run that a snapshot was taken of.
  func run(resuming snapshot: Snapshot, warmUpIterations: Int) throws(PosteriorError) -> any KernelRun
}

extension RunnableKernel where Self: TunableKernel {
  func run(from state: State, warmUpIterations: Int, key: RandomKey) throws(PosteriorError) -> any KernelRun {
    try TunedRun(self, state: state, warmUpIterations: warmUpIterations, key: key)
  }

  func run(resuming snapshot: Snapshot, warmUpIterations: Int) throws(PosteriorError) -> any KernelRun {
    try TunedRun(self, from: snapshot, warmUpIterations: warmUpIterations)
  }
}

extension Metropolis: RunnableKernel {}
extension HMC: RunnableKernel {}
extension NUTS: RunnableKernel {}

/// Stops a warm-up that has lost its way.
func requireStepSize(_ stepSize: Double, from first: Double, iteration: Int) throws(PosteriorError) {
  guard stepSize.isFinite, stepSize > 1e-10 * first else {
    throw PosteriorError(
      .adaptationFailed,
      "the step size collapsed from \(first) to \(stepSize) in iteration \(iteration) of warm-up: "
        + "the density or its gradient is probably wrong, or far from smooth, near this chain")
  }
}

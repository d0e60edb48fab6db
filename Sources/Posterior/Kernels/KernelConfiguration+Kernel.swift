import Specification

extension KernelConfiguration {
  /// The configured kernel: the one place that knows them all.
  func kernel(for density: any LogDensity) throws(PosteriorError) -> any TunableKernel {
    let kernel: any TunableKernel
    switch self {
    case .metropolis(let configuration): kernel = Metropolis(density: density, configuration: configuration)
    case .hmc(let configuration):
      try require(configuration.leapfrogSteps >= 1, "leapfrogSteps must be 1 or more")
      kernel = HMC(density: density, configuration: configuration)
    case .nuts(let configuration):
      try require((1...30).contains(configuration.maxDepth), "maxDepth must be within 1...30")
      kernel = NUTS(density: density, configuration: configuration)
    }
    try require(kernel.stepSize > 0 && kernel.stepSize.isFinite, "initialStepSize must be positive")
    try require(kernel.targetAcceptance > 0 && kernel.targetAcceptance < 1, "targetAcceptance must be within (0, 1)")
    return kernel
  }
}

import Specification

extension KernelConfiguration {
  /// The configured kernel: the one place that knows them all.
  func kernel(for density: any LogDensity) throws(PosteriorError) -> any RunnableKernel {
    switch self {
    case .metropolis(let configuration):
      return try checked(Metropolis(density: density, configuration: configuration))
    case .hmc(let configuration):
      try require(configuration.leapfrogSteps >= 1, "leapfrogSteps must be 1 or more")
      return try checked(HMC(density: density, configuration: configuration))
    case .nuts(let configuration):
      try require((1...30).contains(configuration.maxDepth), "maxDepth must be within 1...30")
      return try checked(NUTS(density: density, configuration: configuration))
    case .mclmc(let configuration):
      try requireSphere(density)
      try requireVariance(configuration.energyVariance, "energyVariance")
      if let variance = configuration.initialEnergyVariance { try requireVariance(variance, "initialEnergyVariance") }
      let kernel = MCLMC(density: density, configuration: configuration)
      try requireStepSize(kernel.stepSize)
      return kernel
    case .mams(let configuration):
      try requireSphere(density)
      return try checked(MAMS(density: density, configuration: configuration))
    }
  }

  private func checked<K: TunableKernel>(_ kernel: K) throws(PosteriorError) -> K {
    try requireStepSize(kernel.stepSize)
    try require(kernel.targetAcceptance > 0 && kernel.targetAcceptance < 1, "targetAcceptance must be within (0, 1)")
    return kernel
  }

  private func requireVariance(_ variance: Double, _ name: String) throws(PosteriorError) {
    try require(variance > 0 && variance.isFinite, "\(name) must be positive")
  }

  private func requireStepSize(_ stepSize: Double) throws(PosteriorError) {
    try require(stepSize > 0 && stepSize.isFinite, "initialStepSize must be positive")
  }

  /// A direction can only turn where there are two dimensions or more.
  private func requireSphere(_ density: any LogDensity) throws(PosteriorError) {
    try require(density.dimensions >= 2, "microcanonical kernels need a density of 2 dimensions or more")
  }
}

import Tensors

/// Looks for a place to start a chain.
struct InitialPositionSearch {
  /// Positions asked for before giving up, as in Stan.
  static let attempts = 100

  let density: any LogDensity
  let key: RandomKey

  /// A run of the kernel at a given position, or at the first one that has a finite density.
  func run<K: RunnableKernel>(
    _ kernel: K, _ warmUpIterations: Int, at position: [Double]?, key: RandomKey
  ) throws(PosteriorError) -> any KernelRun {
    let state =
      if let position { try finiteState(kernel, at: position) } else { try firstFiniteState(kernel) }
    return try kernel.run(from: state, warmUpIterations: warmUpIterations, key: key)
  }

  private func finiteState<K: RunnableKernel>(_ kernel: K, at position: [Double]) throws(PosteriorError) -> K.State {
    let state = try kernel.initialState(at: position)
    guard state.logDensity.isFinite else {
      throw PosteriorError(
        .initialPositionNotFound, "the log density at the given position is \(state.logDensity): give another one")
    }
    return state
  }

  private func firstFiniteState<K: RunnableKernel>(_ kernel: K) throws(PosteriorError) -> K.State {
    for attempt in 0..<Self.attempts {
      let state = try kernel.initialState(at: density.initialPosition(key: key.folding(in: UInt64(attempt))))
      if state.logDensity.isFinite { return state }
    }
    throw PosteriorError(
      .initialPositionNotFound,
      "the log density was not finite at any of \(Self.attempts) initial positions: check the data and the priors")
  }
}

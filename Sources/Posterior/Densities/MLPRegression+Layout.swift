import Foundation
import Networks
import Specification

extension MLPRegression {
  /// Refuses widths and scales that are not positive.
  static func validate(_ configuration: MLPConfiguration) throws(PosteriorError) {
    try require(configuration.hidden.allSatisfy { $0 > 0 }, "widths of hidden layers must be positive")
    var scales: [Double] = []
    switch configuration.prior {
    case .fixed(let scale), .hierarchical(let scale): scales.append(scale)
    }
    switch configuration.noise {
    case .fixed(let scale), .learned(_, let scale): scales.append(scale)
    case .perRow: break
    }
    try require(
      scales.allSatisfy { $0 > 0 && $0.isFinite }, "scales of priors and noise must be positive, not \(scales)")
  }

  /// Where the parts of a position lie: the network's parameters, log σ, then log τ of every layer.
  struct Layout {
    /// Index of log σ, if it is learned.
    let logNoise: Int
    /// Index of log τ₁, if the prior is hierarchical.
    let logPriorScale: Int
    /// Length of a position.
    let dimensions: Int
    private let configuration: MLPConfiguration

    init(network: MLP, configuration: MLPConfiguration) {
      self.configuration = configuration
      logNoise = network.parameterCount
      logPriorScale = if case .learned = configuration.noise { logNoise + 1 } else { logNoise }
      dimensions =
        if case .hierarchical = configuration.prior {
          logPriorScale + network.layers.count
        } else {
          logPriorScale
        }
    }

    /// The standard deviation of a layer's prior.
    func priorScale(_ layer: Int, _ position: [Double]) -> Double {
      switch configuration.prior {
      case .fixed(let scale): scale
      case .hierarchical: exp(position[logPriorScale + layer])
      }
    }

    /// Where the prior of log σ or log τ is centred.
    func center(of index: Int) -> Double {
      if index < logPriorScale, case .learned(let location, _) = configuration.noise { return location }
      if case .hierarchical(let scale) = configuration.prior { return log(scale) }
      return 0
    }
  }
}

import Specification
import Tensors

/// Looks for a position of large posterior density to start a chain from: Adam on minibatches, stopped early.
///
/// A part of the rows is held out. The search goes uphill on the log posterior of the others, and ends where those held out are
/// predicted best; it is a function of the key alone. Chains that start from the modes of several keys, and go on by `MCLMC`,
/// are Sommer et al., "Microcanonical Langevin Ensembles: Advancing the Sampling of Bayesian Neural Networks", ICLR 2025
/// (arXiv:2502.06335).
public struct ModeSearch {
  private let density: any MinibatchDensity
  private let configuration: OptimizedStart
  private let key: RandomKey

  /// A search on a density.
  public init(_ density: any MinibatchDensity, _ configuration: OptimizedStart, key: RandomKey) {
    (self.density, self.configuration, self.key) = (density, configuration, key)
  }

  /// Searches from the density's initial position.
  /// - Throws: `PosteriorError` if the density fails, or is finite nowhere on the way.
  public func position() throws(PosteriorError) -> [Double] {
    let rows = Self.permutation(of: (0..<density.rows).map(Int64.init), key: key.purpose("held-out rows"))
    let heldOut = Int((configuration.validation * Double(rows.count)).rounded(.up))
    var position = density.initialPosition(key: key.purpose("initial position"))
    var adam = Adam(dimensions: position.count, rate: configuration.rate)
    var best = (position: position, score: -Double.infinity, epoch: 0)
    for epoch in 0..<configuration.epochs {
      try advance(&position, by: &adam, through: rows[heldOut...], epoch: epoch)
      let score = try density.logLikelihood(ofRows: rows[..<heldOut], at: position)
      if score > best.score { best = (position, score, epoch) }
      if epoch - best.epoch >= configuration.patience { break }
    }
    guard best.score.isFinite else {
      throw PosteriorError(
        .initialPositionNotFound, "the search for a start ended outside the density: give `start` a smaller `rate`")
    }
    return best.position
  }

  /// Goes once through the rows.
  private func advance(
    _ position: inout [Double], by adam: inout Adam, through rows: ArraySlice<Int64>, epoch: Int
  ) throws(PosteriorError) {
    let order = Self.permutation(of: Array(rows), key: key.purpose("epoch").folding(in: UInt64(epoch)))
    var gradient = [Double](repeating: 0, count: position.count)
    for first in stride(from: 0, to: order.count, by: configuration.batch) {
      let batch = order[first..<min(first + configuration.batch, order.count)]
      _ = try density.valueAndGradient(
        ofRows: batch, weight: Double(order.count) / Double(batch.count), at: position, gradient: &gradient)
      adam.advance(&position, uphill: gradient)
    }
  }

  private static func permutation(of rows: [Int64], key: RandomKey) -> [Int64] {
    let ranks = key.uniforms(count: rows.count)
    return rows.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.map { rows[$0] }
  }
}

/// Steps along a mean of gradients, over the root of a mean of their squares.
/// Source: Kingma & Ba, "Adam: A method for stochastic optimization", ICLR 2015 (arXiv:1412.6980), algorithm 1.
private struct Adam {
  private static let (beta1, beta2, epsilon) = (0.9, 0.999, 1e-8)
  private let rate: Double
  private var means: [Double]
  private var squares: [Double]
  /// β₁ᵗ and β₂ᵗ.
  private var powers = (1.0, 1.0)

  init(dimensions: Int, rate: Double) {
    self.rate = rate
    means = [Double](repeating: 0, count: dimensions)
    squares = means
  }

  mutating func advance(_ position: inout [Double], uphill gradient: [Double]) {
    powers = (powers.0 * Self.beta1, powers.1 * Self.beta2)
    let (first, second) = (1 / (1 - powers.0), 1 / (1 - powers.1))
    for i in position.indices {
      means[i] += (1 - Self.beta1) * (gradient[i] - means[i])
      squares[i] += (1 - Self.beta2) * (gradient[i] * gradient[i] - squares[i])
      position[i] += rate * first * means[i] / ((second * squares[i]).squareRoot() + Self.epsilon)
    }
  }
}

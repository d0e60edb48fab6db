import Foundation
import Networks
import Specification
import Tensors

/// What a network's outputs say about a target, and how badly they say it.
public enum Likelihood: Equatable, Sendable {
  /// Outputs are logits of classes; a share `smoothing` of a label's probability is spread over all.
  case categorical(classes: Int, smoothing: Double)
  /// Outputs are evidence for classes: α = softplus(output) + 1 are the concentrations of a Dirichlet distribution.
  case dirichlet(classes: Int)
  /// Outputs are the mean and, through softplus, the variance of a normal distribution.
  case normal
  /// The output is the mean of a normal distribution, whose variance is, through softplus, one learnt number for all inputs.
  case homoscedastic
  /// Outputs are γ and, through softplus, ν, α − 1 and β of a normal-inverse-gamma distribution; errors weigh `penalty` times the
  /// evidence.
  case normalInverseGamma(penalty: Double)

  /// Smallest variance and evidence.
  static let least = 1e-6

  /// Outputs that the network needs.
  public var outputs: Int {
    switch self {
    case .categorical(let classes, _), .dirichlet(let classes): classes
    case .homoscedastic: 1
    case .normal: 2
    case .normalInverseGamma: 4
    }
  }

  private static let noise = "noise"

  /// What is learnt besides the network's parameters.
  var parameterShapes: [ParameterShape] { self == .homoscedastic ? [ParameterShape(Self.noise, [1], .zeros)] : [] }

  /// A network's outputs [n, outputs] with what is the same for all inputs.
  func completed(_ outputs: Tensor, _ parameters: ParameterSet) throws -> Tensor {
    guard self == .homoscedastic else { return outputs }
    let noise = try parameters.tensor(Self.noise).reshaped(to: [1, 1]).expanded(to: [outputs.shape[0], 1])
    return try Tensor.concatenated([outputs, noise], along: 1)
  }

  /// The loss of each input, [n].
  /// - Parameters:
  ///   - outputs: what `MemberNetwork` gives, [n, …].
  ///   - targets: int64 labels or 32-bit numbers, [n].
  ///   - progress: share of the training that is done, 0…1.
  public func losses(_ outputs: Tensor, _ targets: Tensor, progress: Double) throws -> Tensor {
    switch self {
    case .categorical(_, let smoothing): return try outputs.crossEntropies(labels: targets, smoothing: smoothing)
    case .dirichlet(let classes):
      return try Self.dirichletLosses(outputs, targets, classes: classes, weight: progress)
    case .normal, .homoscedastic:
      let (mean, variance) = try Self.normal(outputs)
      return try ((targets - mean).squared() / variance + variance.log() + log2Pi) * 0.5
    case .normalInverseGamma(let penalty): return try Self.evidentialLosses(outputs, targets, penalty: penalty)
    }
  }

  /// What outputs of `MemberNetwork` predict, as numbers [n, width] whose meaning is that of `PredictionKind`.
  public func predictions(_ outputs: Tensor) throws -> Tensor {
    switch self {
    case .categorical: return try outputs.softmax(along: 1)
    case .dirichlet: return try outputs.softplus() + 1
    case .normal, .homoscedastic:
      let (mean, variance) = try Self.normal(outputs)
      return try Tensor.stacked([mean, variance], along: 1)
    case .normalInverseGamma:
      let (gamma, nu, alpha, beta) = try Self.normalInverseGamma(outputs)
      return try Tensor.stacked([gamma, nu, alpha, beta], along: 1)
    }
  }

  private static func column(_ outputs: Tensor, _ index: Int) throws -> Tensor {
    try outputs.narrowed(dimension: 1, start: index, length: 1).reshaped(to: [-1])
  }

  private static func normal(_ outputs: Tensor) throws -> (mean: Tensor, variance: Tensor) {
    (try column(outputs, 0), try column(outputs, 1).softplus() + least)
  }

  private static func normalInverseGamma(
    _ outputs: Tensor
  ) throws -> (gamma: Tensor, nu: Tensor, alpha: Tensor, beta: Tensor) {
    let positive = { (index: Int) in try column(outputs, index).softplus() + least }
    return (try column(outputs, 0), try positive(1), try positive(2) + 1, try positive(3))
  }
}

private let logPi = Foundation.log(Double.pi)
private let log2Pi = Foundation.log(2 * Double.pi)

extension Likelihood {
  /// Expected cross-entropy of the label under Dir(α), plus `weight` times the divergence from the uniform Dirichlet distribution
  /// once the evidence for the label is taken away (Sensoy, Kaplan & Kandemir 2018, equations 4 and 8).
  fileprivate static func dirichletLosses(
    _ outputs: Tensor, _ labels: Tensor, classes: Int, weight: Double
  ) throws -> Tensor {
    let oneHot = try identity(classes).rows(at: labels)
    let alpha = try outputs.softplus() + 1
    let strength = try alpha.sum(along: 1, keepingDimension: true)
    let risk = try (oneHot * (strength.digamma() - alpha.digamma())).sum(along: 1)
    // α̃: 1 for the label, α for the others.
    let others = try alpha - oneHot * (alpha - 1)
    let total = try others.sum(along: 1, keepingDimension: true)
    let spread = try ((others - 1) * (others.digamma() - total.digamma())).sum(along: 1)
    let normalizers = try total.logGamma().reshaped(to: [-1]) - others.logGamma().sum(along: 1)
    let divergence = try normalizers + spread - logFactorial(classes - 1)
    return try risk + divergence * weight
  }

  private static func identity(_ size: Int) throws -> Tensor {
    try Tensor((0..<size * size).map { Float($0 / size == $0 % size ? 1 : 0) }, shape: [size, size])
  }

  /// log Γ(n + 1).
  private static func logFactorial(_ n: Int) -> Double {
    n < 2 ? 0 : (2...n).reduce(0) { $0 + Foundation.log(Double($1)) }
  }

  /// Student's t of the target plus `penalty` · |y − γ| (2 ν + α) (Amini et al. 2020, equations 8 to 10).
  fileprivate static func evidentialLosses(_ outputs: Tensor, _ targets: Tensor, penalty: Double) throws -> Tensor {
    let (gamma, nu, alpha, beta) = try normalInverseGamma(outputs)
    let error = try targets - gamma
    let omega = try beta * (nu + 1) * 2
    let tail = try (alpha + 0.5) * (error.squared() * nu + omega).log()
    let normalizer = try alpha.logGamma() - (alpha + 0.5).logGamma() - alpha * omega.log() - nu.log() * 0.5
    let evidence = try nu * 2 + alpha
    return try tail + normalizer + 0.5 * logPi + error.abs() * evidence * penalty
  }
}

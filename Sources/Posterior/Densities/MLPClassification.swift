import Foundation
import Networks
import Specification
import Tensors

/// The posterior of a classifier that is a multilayer perceptron, given rows of data: y ~ categorical(softmax f(x; w)), or
/// y ~ Bernoulli(1 / (1 + e^−f(x; w))) for two classes; w ~ N(0, s² I).
///
/// A position is w, the network's flat parameter vector, see `MLP`. Without hidden layers it is logistic regression.
public final class MLPClassification: LogDensity {
  /// The network f.
  public let network: MLP
  private let priorScale: Double
  private let likelihood: MLPLikelihood

  /// Makes the posterior of data.
  /// - Parameters:
  ///   - inputs: row-major, rows × columns, standardised.
  ///   - labels: the class of each row, from 0.
  ///   - classes: how many there are; for two the network has one output, the log odds of class 1.
  ///   - priorScale: s.
  /// - Throws: `PosteriorError` if lengths do not fit, a number is not finite, or a label is no class.
  public init(
    inputs: [Double], rows: Int, columns: Int, labels: [Int], classes: Int, hidden: [Int] = [50],
    activation: Activation = .tanh, priorScale: Double = 1
  ) throws(PosteriorError) {
    let data = try TrainingRows(inputs: inputs, rows: rows, columns: columns, targets: labels.map(Double.init))
    try require(hidden.allSatisfy { $0 > 0 }, "widths of hidden layers must be positive")
    try require(priorScale > 0 && priorScale.isFinite, "the scale of a prior must be positive, not \(priorScale)")
    try require(
      classes >= 2 && labels.allSatisfy((0..<classes).contains), "labels must be classes from 0 to \(classes - 1)")
    network = MLP(inputs: columns, hidden: hidden, outputs: classes == 2 ? 1 : classes, activation: activation)
    likelihood = try MLPLikelihood(
      network, classes == 2 ? .bernoulli : .categorical, inputs: data.inputs, targets: data.targets)
    self.priorScale = priorScale
  }

  /// Length of a position.
  public var dimensions: Int { network.parameterCount }

  /// The log density and its gradient.
  public func valueAndGradient(at position: [Double], gradient: inout [Double]) throws(PosteriorError) -> Double {
    try requireCount(position.count)
    try requireCount(gradient.count)
    let precision = 1 / (priorScale * priorScale)
    let value = likelihood.value(at: position, gradient: &gradient).value
    let squares = subtractScaled(precision, position, from: &gradient, over: 0..<dimensions)
    return value - squares * precision / 2 - Double(dimensions) * (log(priorScale) + log(2 * Double.pi) / 2)
  }

  /// Weights from the network's initial distribution.
  public func initialPosition(key: RandomKey) -> [Double] { network.initialParameters(key: key) }
}

import Networks
import Tensors

/// Gathers the curvature of a trained network's loss, batch after batch, for a Laplace approximation of its posterior.
///
/// The posterior of the weights is taken to be a Gaussian around the trained ones θ*, whose precision is the curvature there:
/// P = H + diag δ, H the generalised Gauss–Newton matrix of the data, δ the precision of the prior N(0, 1/δ).
///
/// Sources: MacKay, "A practical Bayesian framework for backpropagation networks", Neural Computation 4 (1992); Daxberger et
/// al., "Laplace redux – effortless Bayesian deep learning", NeurIPS 2021.
public struct LaplaceFit {
  /// What the network's outputs are.
  public enum Likelihood: String, CaseIterable, Sendable {
    /// Logits of classes; targets are labels, int64 [rows].
    case categorical
    /// Means of independent normal targets of one variance, [rows, outputs].
    case gaussian
  }

  /// What the data say of the network's outputs.
  struct Misfit: Equatable {
    var rows = 0
    var outputs = 0
    /// Σ −log p(y), or Σ ‖y − f‖².
    var sum = 0.0
  }

  private let network: LaplaceNetwork
  private let structure: CurvatureStructure
  private let likelihood: Likelihood
  private var layers: [LaplaceLayer] = []
  private var sums: [Tensor] = []
  private var misfit = Misfit()

  /// Begins without data.
  public init(_ network: LaplaceNetwork, structure: CurvatureStructure, likelihood: Likelihood) {
    (self.network, self.structure, self.likelihood) = (network, structure, likelihood)
  }

  /// Takes in a batch of the training data; each row counts once, as it is, without augmentation.
  /// - Parameters:
  ///   - inputs: [rows, ..].
  ///   - targets: labels, int64 [rows], or numbers [rows, outputs].
  /// - Throws: `PosteriorError` if targets do not fit or a full matrix would be too large; what the network throws.
  public mutating func add(inputs: Tensor, targets: Tensor) throws {
    let pass = try network.recorded(inputs)
    let found = try pass.layers.map { try LaplaceLayer($0, network.parameters) }
    try require(
      Set(found.map(\.name)).count == found.count, "a layer is run twice: its weights cannot have a posterior")
    let outputs = try pass.outputs.detached().converted(to: .float64)
    let terms: [Tensor]
    switch likelihood {
    case .categorical:
      let combinations = try addLabels(targets, outputs)
      terms = try structure.type.terms(LayerTrace.of(pass, layers: found, combinations: combinations))
    case .gaussian:
      try require(
        targets.shape == outputs.shape,
        "targets \(targets.shape) do not fit outputs \(outputs.shape): give [rows, outputs]")
      misfit.sum += try (outputs - targets.converted(to: .float64)).squared().sum().scalar()
      terms = try structure.type.terms(LayerTrace.of(pass, layers: found))
    }
    misfit.rows += outputs.shape[0]
    misfit.outputs = outputs.shape[1]
    layers = found
    sums = try sums.isEmpty ? terms : zip(sums, terms).map { try $0 + $1 }
  }

  /// Counts labels in; returns S with S Sᵀ = diag p − p pᵀ, the curvature of −log p(label) in the logits, for every row.
  private mutating func addLabels(_ labels: Tensor, _ logits: Tensor) throws -> Tensor {
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    try require(
      labels.shape == [rows] && (try? labels.type) == .int64,
      "labels must be \(rows) of type int64, not \(labels.shape)")
    let known = try labels.array(of: Int64.self).allSatisfy { (0..<Int64(classes)).contains($0) }
    try require(known, "a label is no class: the network has outputs 0 to \(classes - 1)")
    let logs = try logits.logSoftmax(along: 1)
    misfit.sum -= try logs.gathered(along: 1, index: labels.unsqueezed(at: 1)).sum().scalar()
    let probabilities = try logs.exp()
    let roots = try probabilities.sqrt()
    let indices = try Tensor((0..<classes).map(Int64.init))
    let isDiagonal = try indices.unsqueezed(at: 0).isEqual(to: indices.unsqueezed(at: 1))
    // S_ck = √p_k ([c = k] − p_c)
    let spread = try probabilities.unsqueezed(at: 2) * roots.unsqueezed(at: 1)
    return try Tensor.selecting(roots.unsqueezed(at: 1) - spread, where: isDiagonal, otherwise: -spread)
  }

  /// The posterior of what was taken in.
  /// - Parameters:
  ///   - priorPrecision: δ of every layer.
  ///   - noiseDeviation: σ of Gaussian targets; not used for classes.
  /// - Throws: `PosteriorError` if there are no data or a number is not positive.
  public func posterior(priorPrecision: Double = 1, noiseDeviation: Double = 1) throws -> LaplacePosterior {
    try require(misfit.rows > 0, "a Laplace approximation needs data: add the training set with add(inputs:targets:)")
    let squares = try layers.map { try $0.vector(network.parameters).squared().sum().scalar() }
    return try LaplacePosterior(
      structure: structure, likelihood: likelihood, layers: layers, sums: sums, misfit: misfit, squares: squares,
      priorPrecisions: layers.map { _ in priorPrecision }, noiseDeviation: noiseDeviation)
  }
}

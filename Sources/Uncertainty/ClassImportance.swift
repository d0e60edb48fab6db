import Foundation

/// How much classes matter, so that rare or little known ones are not drowned by the others: an importance v_c of each class, from
/// which come weights of the loss of the N inputs that are learnt from, w_c = N v_c^γ / Σ_n v_{c(n)}^γ, whose mean is 1.
///
/// Sources: Khan, Hayat, Zamir, Shen & Shao, "Striking the right balance with uncertainty", CVPR 2019, for the thought that rare
/// classes are those a network is uncertain of; Huang, Li, Loy & Tang, "Learning deep representation for imbalanced classification",
/// CVPR 2016 (inverse frequency); Mahajan et al., "Exploring the limits of weakly supervised pretraining", ECCV 2018 (its root).
public struct ClassImportance: Equatable, Sendable {
  /// v_c of each class, none negative.
  public let values: [Double]

  /// The inverse number of inputs of a class; 0 without inputs.
  /// - Throws: `UncertaintyError` if a label is no class.
  public init(rarityOf labels: [Int], classes: Int) throws(UncertaintyError) {
    values = try Self.counts(labels, classes).map { $0 > 0 ? 1 / $0 : 0 }
  }

  /// The mean uncertainty of the inputs of a class; that of all inputs for a class without any.
  /// - Parameter uncertainties: Of inputs, none negative, of which `labels` are the classes.
  /// - Throws: `UncertaintyError` if counts do not fit or a label is no class.
  public init(uncertainties: [Double], labels: [Int], classes: Int) throws(UncertaintyError) {
    try requireLabels(labels, inputs: uncertainties.count, classes: classes)
    var sums = [Double](repeating: 0, count: classes)
    for (uncertainty, label) in zip(uncertainties, labels) { sums[label] += uncertainty }
    let mean = sums.reduce(0, +) / Double(max(labels.count, 1))
    values = zip(sums, try Self.counts(labels, classes)).map { $1 > 0 ? $0 / $1 : mean }
  }

  /// The weight w_c of each class; all the same where no class of the inputs matters.
  /// - Parameters:
  ///   - power: γ, which brings weights nearer to each other the smaller it is.
  ///   - labels: Classes of the inputs that are learnt from.
  /// - Throws: `UncertaintyError` if a label is no class.
  public func weights(power: Double, labels: [Int]) throws(UncertaintyError) -> [Double] {
    let counts = try Self.counts(labels, values.count)
    let raw = values.map { pow($0, power) }
    let sum = zip(raw, counts).reduce(0) { $0 + $1.0 * $1.1 }
    return raw.map { sum > 0 ? $0 * Double(labels.count) / sum : 1 }
  }

  private static func counts(_ labels: [Int], _ classes: Int) throws(UncertaintyError) -> [Double] {
    try requireLabels(labels, inputs: labels.count, classes: classes)
    return labels.reduce(into: [Double](repeating: 0, count: classes)) { $0[$1] += 1 }
  }
}

/// The places of a share of inputs, those of least uncertainty, in their order; of equal ones the first.
public func leastUncertain(_ uncertainties: [Double], share: Double) -> [Int] {
  let count = min(uncertainties.count, max(0, Int((Double(uncertainties.count) * share).rounded())))
  return uncertainties.indices.sorted { (uncertainties[$0], $0) < (uncertainties[$1], $1) }.prefix(count).sorted()
}

/// Decisions of which the most uncertain may be refused: what risk is left at what coverage.
///
/// Inputs of equal uncertainty come in no order: the risk is its mean over their orders.
///
/// Source: Geifman & El-Yaniv, "Selective classification for deep neural networks", NeurIPS 2017.
public struct SelectivePrediction: Equatable, Sendable {
  /// risks[k − 1] is the mean loss of the k least uncertain inputs, at the coverage k / n.
  public let risks: [Double]

  /// Orders decisions by their uncertainty.
  /// - Parameters:
  ///   - uncertainties: any score; the larger, the sooner an input is refused.
  ///   - losses: what each decision costs if it is taken; 0 and 1 for right and wrong.
  /// - Throws: `UncertaintyError` if counts differ, there are none, or a number is NaN.
  public init(uncertainties: [Double], losses: [Double]) throws(UncertaintyError) {
    try require(
      !losses.isEmpty && uncertainties.count == losses.count,
      "\(losses.count) losses need as many uncertainties, not \(uncertainties.count)")
    try require(!(uncertainties + losses).contains(where: \.isNaN), "an uncertainty or a loss is not a number")
    let order = losses.indices.sorted { uncertainties[$0] < uncertainties[$1] }
    var risks: [Double] = []
    var sum = 0.0
    while risks.count < order.count {
      let rest = order[risks.count...]
      let tied = rest.prefix { uncertainties[$0] == uncertainties[order[rest.startIndex]] }
      let mean = tied.reduce(0) { $0 + losses[$1] } / Double(tied.count)
      let before = Double(risks.count)
      for taken in 1...tied.count { risks.append((sum + Double(taken) * mean) / (before + Double(taken))) }
      sum += Double(tied.count) * mean
    }
    self.risks = risks
  }

  /// Mean risk over all coverages (AURC).
  public var areaUnderRiskCoverage: Double { risks.reduce(0, +) / Double(risks.count) }

  /// The risk when at least this share of inputs is decided.
  /// - Parameter coverage: above 0, up to 1.
  /// - Throws: `UncertaintyError` for another coverage.
  public func risk(atCoverage coverage: Double) throws(UncertaintyError) -> Double {
    try require(coverage > 0 && coverage <= 1, "a coverage is above 0 and at most 1, not \(coverage)")
    // What rounding added to a whole number does not ask for one more input.
    let count = (coverage * Double(risks.count) - 1e-9).rounded(.up)
    return risks[min(max(Int(count), 1), risks.count) - 1]
  }

  /// The share of right decisions when at least this share of inputs is decided, for losses of 0 and 1.
  /// - Throws: `UncertaintyError` for a coverage that is not above 0 and at most 1.
  public func accuracy(atCoverage coverage: Double) throws(UncertaintyError) -> Double {
    1 - (try risk(atCoverage: coverage))
  }
}

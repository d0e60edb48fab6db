/// How inputs are gathered by the confidence of their prediction.
public enum ConfidenceBins: Equatable, Sendable {
  /// Intervals (k/n, (k + 1)/n] of equal width, as in Guo et al. 2017.
  case equalWidth(Int)
  /// Equally many inputs in each, or one more in the first ones (Nguyen & O'Connor 2015).
  case equalMass(Int)
}

/// How far confidence and accuracy agree, bin by bin: what a reliability diagram shows.
///
/// Sources: Naeini, Cooper & Hauskrecht, AAAI 2015; Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural
/// networks", ICML 2017; for bins of equal mass Nixon et al., "Measuring calibration in deep learning", CVPR workshops 2019.
public struct ReliabilityDiagram: Equatable, Sendable {
  /// Inputs of similar confidence.
  public struct Bin: Equatable, Sendable {
    /// The confidences between which the bin lies: those of its interval, or its smallest and largest.
    public let range: ClosedRange<Double>
    /// How many inputs fall into it.
    public let count: Int
    /// Their mean confidence; 0 in an empty bin.
    public let confidence: Double
    /// The share of them that were right; 0 in an empty bin.
    public let accuracy: Double

    /// How far the two are apart.
    public var gap: Double { abs(confidence - accuracy) }
  }

  /// In order of confidence. Bins of equal width may be empty.
  public let bins: [Bin]

  /// Mean gap between confidence and accuracy, weighted by the bins' counts.
  public var expectedCalibrationError: Double {
    bins.reduce(0) { $0 + Double($1.count) * $1.gap } / Double(bins.reduce(0) { $0 + $1.count })
  }

  /// The largest gap of a bin that is not empty.
  public var maximumCalibrationError: Double { bins.filter { $0.count > 0 }.map(\.gap).max() ?? 0 }

  /// Gathers predictions by their confidence, that of the predicted class.
  /// - Throws: `UncertaintyError` if there is no bin.
  public init(_ predictions: LabelledPredictions, bins: ConfidenceBins) throws(UncertaintyError) {
    let confidences = predictions.confidences
    let correct = predictions.isCorrect
    func bin(_ members: some Collection<Int>, _ range: ClosedRange<Double>) -> Bin {
      let count = Double(max(members.count, 1))
      return Bin(
        range: range, count: members.count, confidence: members.reduce(0) { $0 + confidences[$1] } / count,
        accuracy: Double(members.count { correct[$0] }) / count)
    }
    switch bins {
    case .equalWidth(let number):
      try require(number > 0, "a reliability diagram needs bins, not \(number)")
      var members = [[Int]](repeating: [], count: number)
      for (index, confidence) in confidences.enumerated() {
        let place = Int((confidence * Double(number)).rounded(.up)) - 1
        members[min(max(place, 0), number - 1)].append(index)
      }
      self.bins = members.enumerated().map { place, members in
        bin(members, Double(place) / Double(number)...Double(place + 1) / Double(number))
      }
    case .equalMass(let number):
      try require(number > 0, "a reliability diagram needs bins, not \(number)")
      let order = confidences.indices.sorted { (confidences[$0], $0) < (confidences[$1], $1) }
      let (share, rest) = order.count.quotientAndRemainder(dividingBy: number)
      self.bins = (0..<min(number, order.count)).map { place in
        let start = place * share + min(place, rest)
        let members = order[start..<(start + share + (place < rest ? 1 : 0))]
        return bin(members, confidences[members[start]]...confidences[members[members.endIndex - 1]])
      }
    }
  }
}

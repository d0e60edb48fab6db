/// How well a score tells inputs from outside the training distribution from those inside; a larger score says outside.
///
/// Equal scores are one step of every curve, so that their order does not matter.
///
/// Sources: Hendrycks & Gimpel, "A baseline for detecting misclassified and out-of-distribution examples in neural
/// networks", ICLR 2017; Liang, Li & Srikant, "Enhancing the reliability of out-of-distribution image detection", ICLR 2018.
public struct OutlierDetection: Equatable, Sendable {
  /// Area under the curve of true over false positives: the probability that an input from outside has the larger score,
  /// ties counting half. 0.5 by chance.
  public let areaUnderROC: Double
  /// Average precision, Σ (recall step) · precision, where inputs from outside are to be found.
  public let averagePrecisionOutside: Double
  /// Average precision where inputs from inside are to be found, by their small scores.
  public let averagePrecisionInside: Double
  /// The share of inputs from outside that pass the threshold under which 95 % of those from inside pass.
  public let falsePositiveRateAt95: Double

  /// Scores inputs from inside and from outside.
  /// - Throws: `UncertaintyError` if there are none of one kind, or a score is not a number.
  public init(inside: [Double], outside: [Double]) throws(UncertaintyError) {
    try require(
      !inside.isEmpty && !outside.isEmpty,
      "detection needs scores from inside and outside, not \(inside.count) and \(outside.count)")
    try require(!(inside + outside).contains(where: \.isNaN), "a score is not a number")
    let steps = Self.steps(inside: inside, outside: outside)
    let (insiders, outsiders) = (Double(inside.count), Double(outside.count))
    var (passedInside, passedOutside) = (0.0, 0.0)
    var (pairs, precision) = (0.0, 0.0)
    var rate: Double?
    for step in steps {
      pairs += step.outside * (passedInside + step.inside / 2)
      passedInside += step.inside
      passedOutside += step.outside
      precision += step.inside / insiders * passedInside / (passedInside + passedOutside)
      // In counts, so that 95 of 100 are 95 %.
      if rate == nil, passedInside * 100 >= insiders * 95 { rate = passedOutside / outsiders }
    }
    areaUnderROC = pairs / (insiders * outsiders)
    averagePrecisionInside = precision
    falsePositiveRateAt95 = rate ?? 1
    averagePrecisionOutside = Self.averagePrecisionOutside(steps, outsiders: outsiders)
  }

  private static func averagePrecisionOutside(
    _ steps: [(inside: Double, outside: Double)], outsiders: Double
  ) -> Double {
    var (found, wrong, precision) = (0.0, 0.0, 0.0)
    for step in steps.reversed() {
      found += step.outside
      wrong += step.inside
      precision += step.outside / outsiders * found / (found + wrong)
    }
    return precision
  }

  /// How many of each kind have the smallest score, the second smallest, and so on.
  private static func steps(inside: [Double], outside: [Double]) -> [(inside: Double, outside: Double)] {
    let all = (inside.map { ($0, true) } + outside.map { ($0, false) }).sorted { $0.0 < $1.0 }
    var steps: [(inside: Double, outside: Double)] = []
    var last: Double?
    for (score, isInside) in all {
      if score != last { steps.append((0, 0)) }
      last = score
      if isInside { steps[steps.count - 1].inside += 1 } else { steps[steps.count - 1].outside += 1 }
    }
    return steps
  }
}

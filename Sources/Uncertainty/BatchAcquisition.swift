import Foundation

/// Which inputs' labels are asked for, several at once, by scores of how little is known of each.
///
/// Without coldness those of the largest scores. With a coldness β an input's chance to be next is proportional to its score to
/// the power β, which keeps inputs that are alike from being asked for together; 0 is chance alone. Drawing without
/// replacement is taking the largest β log s + g, g independent Gumbel numbers.
///
/// Sources: Kirsch et al., "Stochastic batch acquisition: a simple baseline for deep active learning", TMLR 2023 (power
/// acquisition); Kool, van Hoof & Welling, "Stochastic beams and where to find them", ICML 2019 (Gumbel top-k).
public struct BatchAcquisition: Equatable, Sendable {
  /// The power β of the scores; nil takes the largest scores.
  public let coldness: Double?

  /// Makes a rule.
  public init(coldness: Double?) { self.coldness = coldness }

  /// Places of the inputs to ask for, the first one first; fewer than wanted where there are no more.
  /// - Parameters:
  ///   - scores: at least 0, one an input.
  ///   - uniforms: independent uniform numbers in 0..<1, one an input; of equal inputs that of the larger one is taken.
  /// - Throws: `UncertaintyError` if counts do not fit, or a score is negative or no number.
  public func chosen(_ count: Int, scores: [Double], uniforms: [Double]) throws(UncertaintyError) -> [Int] {
    try require(
      scores.count == uniforms.count, "\(scores.count) scores need as many uniform numbers, not \(uniforms.count)")
    if let wrong = scores.firstIndex(where: { !($0 >= 0) }) {
      throw UncertaintyError(.invalidArgument, "the score of input \(wrong) is \(scores[wrong]): it must be 0 or more")
    }
    let keys = zip(scores, uniforms).map { score, uniform in
      guard let coldness else { return score }
      // At coldness 0 a score of 0 counts like any other.
      return (coldness == 0 ? 0 : coldness * log(score)) - log(-log(max(uniform, .leastNormalMagnitude)))
    }
    let order = scores.indices.sorted { (keys[$0], uniforms[$0], $1) > (keys[$1], uniforms[$1], $0) }
    return Array(order.prefix(max(count, 0)))
  }
}

import Foundation
import Specification

/// Says in words what has not converged, and what that means for the predictions.
struct Remarks {
  let sentences: [String]

  init(
    _ convergence: [EvaluationSummary.Convergence], _ chains: [EvaluationSummary.Chain],
    _ prediction: EvaluationSummary.Prediction
  ) {
    sentences = Self.mixing(convergence) + Self.divergences(chains) + Self.energy(chains) + Self.coverage(prediction)
  }

  private static func mixing(_ convergence: [EvaluationSummary.Convergence]) -> [String] {
    let unmixed = convergence.filter { $0.rHat > 1.01 }
    guard !convergence.isEmpty else { return ["Nothing moved: the chains have stood still and say nothing."] }
    guard let worst = unmixed.max(by: { $0.rHat < $1.rHat }) else {
      return ["Converged: R-hat is at most 1.01 for the predictions, the noise and the log density."]
    }
    let names = unmixed.map(\.name).joined(separator: "; ")
    return [
      """
      Not converged (R-hat above 1.01, up to \(number(worst.rHat))): \(names).
      The chains have not visited each other's regions, so these draws are no fair sample of the whole posterior. The
      predictions average over the regions that were found: the errors on held-out rows above are real, but the epistemic
      variance is that of these chains only, and more chains may widen it. Do not interpret single parameters.
      """
    ]
  }

  private static func divergences(_ chains: [EvaluationSummary.Chain]) -> [String] {
    let total = chains.reduce(0) { $0 + $1.divergences }
    guard total > 0 else { return [] }
    return [
      """
      \(total) draws diverged: a narrow part of the posterior may be missing. Raise kernel.targetAcceptance, or change the
      prior.
      """
    ]
  }

  private static func energy(_ chains: [EvaluationSummary.Chain]) -> [String] {
    let low = chains.indices.filter { (chains[$0].eBFMI ?? 1) < 0.3 }
    guard !low.isEmpty else { return [] }
    let names = low.map(String.init).joined(separator: ", ")
    return ["E-BFMI is below 0.3 in chain \(names): the tails of the posterior are explored slowly. Warm up longer."]
  }

  /// Coverage more than two binomial standard errors from what it should be.
  private static func coverage(_ prediction: EvaluationSummary.Prediction) -> [String] {
    let expected = prediction.coverageProbability
    let error = (expected * (1 - expected) / Double(prediction.testRows)).squareRoot()
    guard abs(prediction.coverage - expected) > 2 * error else { return [] }
    let fault = prediction.coverage < expected ? "too narrow" : "too wide"
    return [
      "The predictive intervals are \(fault): they cover \(number(prediction.coverage * 100)) % of the held-out rows."
    ]
  }

  private static func number(_ value: Double) -> String { String(format: "%.3g", value) }
}

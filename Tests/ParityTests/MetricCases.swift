import Formats
import ImageMetrics
import Tensors

/// Measures of generated pictures, from given features.
let metricCheckers: [ParityChecker] = [ParityChecker(kind: "metrics on given features", checkMetrics)]

private func checkMetrics(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let (real, generated) = (try reference.tensor("real"), try reference.tensor("fake"))
  let neighbours = reference.definition["k"]?.whole ?? 3
  let manifold = try PrecisionRecall(real: real, generated: generated, neighbours: neighbours)
  try comparison.compare([frechetDistance(FeatureStatistics(real), FeatureStatistics(generated))], with: "fid")
  try comparison.compare([kernelDistance(real, generated)], with: "kid")
  try comparison.compare([manifold.precision], with: "precision")
  try comparison.compare([manifold.recall], with: "recall")
  let splits = reference.definition["splits"]?.whole ?? 1
  let score = try inceptionScore(reference.tensor("class_probs"), splits: splits)
  try comparison.compare([score], with: "inception_score")
}

import Diffusion
import Formats
import Tensors

/// Averages of weights.
let emaCheckers = [ParityChecker(kind: "EMA", checkAverages)]

private func checkAverages(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  // What the case's note says of its averages.
  let profiles: [String: AverageProfile] = [
    "warmup": .warmUp(decay: 0.999, inverseGamma: 1, power: 0.75), "plain": .plain(decay: 0.99),
  ]
  let weights = try reference.doubles("weights").slices()
  for name in reference.tensors.names where name.hasSuffix(".ema") {
    let prefix = String(name.dropLast(4))
    let profile: AverageProfile
    if prefix.hasPrefix("power_"), let deviation = Double(prefix.dropFirst(6)) {
      profile = .power(gamma: try powerProfileGamma(relativeDeviation: deviation))
    } else if let known = profiles[prefix] {
      profile = known
    } else {
      throw NotBuilt("the average \(prefix)")
    }
    let updates = 1..<weights.count
    if reference.tensors.names.contains("\(prefix).decay") {
      try comparison.compare(updates.map(profile.decay(at:)), with: "\(prefix).decay")
    }
    let average = try weights[0] + 0
    var averages: [Tensor] = []
    for update in updates {
      try profile.update([average], with: [weights[update]], update: update)
      averages.append(try average + 0)
    }
    try comparison.compare(Tensor.stacked(averages), with: name)
  }
  let gammas = try reference.values("sigma_rel").map { try powerProfileGamma(relativeDeviation: $0) }
  try comparison.compare(gammas, with: "gamma")
  func snapshots(_ suffix: String) throws -> [AverageSnapshot] {
    zip(try reference.values("posthoc.t_\(suffix)"), try reference.values("posthoc.gamma_\(suffix)"))
      .map { AverageSnapshot(time: $0, gamma: $1) }
  }
  let factors = try snapshots("r").map { try postHocFactors(of: snapshots("i"), for: $0, normalized: false) }
  let stored = try reference.tensor("posthoc.weights")
  try comparison.compare(
    Tensor(factors.flatMap { $0 }, shape: [factors.count, stored.shape[0]]).transposed(), with: "posthoc.weights")
}

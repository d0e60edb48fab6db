import Diffusion
import Formats
import Tensors

/// Averages of weights.
let emaCheckers = [ParityChecker(kind: "EMA", checkAverages)]

private func checkAverages(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let weights = try reference.doubles("weights").slices()
  for name in reference.tensors.names where name.hasSuffix(".ema") {
    let prefix = String(name.dropLast(4))
    let profile = try profile(prefix, of: reference)
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

/// The average of a name: a power average has its length in the name, of the others the case's note tells.
private func profile(_ name: String, of reference: ParityCase) throws -> AverageProfile {
  if name.hasPrefix("power_"), let deviation = Double(name.dropFirst(6)) {
    return .power(gamma: try powerProfileGamma(relativeDeviation: deviation))
  }
  // Such as `warmup: diffusers EMAModel(inv_gamma 1, power 0.75, decay 0.999); plain: … capped at 0.99`.
  let remarks = (reference.definition["note"]?.text ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
  let words = remarks.first { $0.hasPrefix("\(name):") }?.split { " ,:()".contains($0) } ?? []
  func number(after word: String) throws -> Double {
    guard let place = words.firstIndex(where: { $0 == word }), words.indices.contains(place + 1),
      let number = Double(words[place + 1])
    else { throw Unusable("the note says no \(word) of the average \(name)") }
    return number
  }
  switch name {
  case "warmup":
    return .warmUp(
      decay: try number(after: "decay"), inverseGamma: try number(after: "inv_gamma"), power: try number(after: "power")
    )
  case "plain": return .plain(decay: try number(after: "at"))
  default: throw NotBuilt("the average \(name)")
  }
}

import Foundation

/// Chains on the posterior that samplers are compared on, as a job: the first split of the energy set, network 8-50-50-1 with
/// tanh, N(0, 1) for weights, biases and the log of the noise.
struct EnergyChains {
  static let name = "energy"
  private static let segment = 50
  /// The kernel as a job file has it.
  let kernel: String
  let chains: Int
  /// Whole segments.
  let warmup: Int
  let draws: Int
  var seed = 1

  /// Iterations of a chain after its first segment.
  var timedIterations: Int { warmup + draws - Self.segment }

  /// Writes the job.
  /// - Returns: Path of the job file.
  func write(to folder: String) throws -> String {
    let yaml = """
      kind: chains
      name: \(Self.name)
      seed: \(seed)
      data: {set: energy, split: 0}
      model:
        type: mlp
        hidden: [50, 50]
        activation: tanh
        prior: {type: fixed, scale: 1}
        noise: {type: learned, location: 0, scale: 1}
      kernel: \(kernel)
      chains: \(chains)
      warmup: \(warmup)
      draws: \(draws)
      segment: \(Self.segment)
      """
    let path = "\(folder)/\(Self.name).yaml"
    try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// When the first segment of a chain was written, in seconds since 1970.
  func firstWritten(_ chain: Int, in store: String) throws -> Double {
    try secondsWritten("\(Self.files(of: store))/posterior.zarr/warmup_sample_stats/lp/\(chain).0")
  }

  /// When the last segment of a chain was written.
  func lastWritten(_ chain: Int, in store: String) throws -> Double {
    let last = (draws + Self.segment - 1) / Self.segment - 1
    return try secondsWritten("\(Self.files(of: store))/posterior.zarr/sample_stats/lp/\(chain).\(last)")
  }

  /// The job's folder of a store.
  static func files(of store: String) -> String { "\(store)/jobs/\(name)" }
}

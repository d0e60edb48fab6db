/// A job that tests run, with what it yields when nothing disturbs it.
struct Job: Sendable {
  let name: String
  let yaml: String

  init(_ name: String, _ yaml: String) {
    self.name = name
    self.yaml = "name: \(name)\n\(yaml)\n"
  }

  /// Four NUTS chains of a small network.
  static let nuts = Job(
    "nuts",
    """
    kind: chains
    seed: 7
    data: {set: yacht}
    model: {type: mlp, hidden: [8]}
    kernel: {type: nuts, maxDepth: 5}
    chains: 4
    warmup: 120
    draws: 120
    segment: 10
    """)

  /// Three HMC chains of a network whose prior is sampled along.
  static let hmc = Job(
    "hmc",
    """
    kind: chains
    seed: 8
    data: {set: yacht, split: 3}
    model:
      type: mlp
      hidden: [4, 4]
      activation: silu
      prior: {type: hierarchical, scale: 1}
      noise: {type: fixed, scale: 0.3}
    kernel: {type: hmc, leapfrogSteps: 12}
    chains: 3
    warmup: 100
    draws: 95
    segment: 10
    """)

  /// Three chains that an optimiser starts, with many short steps for each kept draw.
  static let mclmc = Job(
    "mclmc",
    """
    kind: chains
    seed: 10
    data: {set: yacht, split: 1}
    model: {type: mlp, hidden: [16, 16], activation: relu, noise: {type: perRow}}
    start: {type: optimized, epochs: 60}
    kernel: {type: mclmc}
    chains: 3
    warmup: 8000
    draws: 800
    thinning: 20
    segment: 90
    """)

  /// Blobs of several pieces each.
  static let largeBlobs = Job(
    "large-blobs", "kind: probe\ntasks: 6\nsegments: 4\nseconds: 0.4\nbytes: 1500000\nleaseAhead: 0")

  /// Chains that keep one worker busy for half a minute.
  static let long = Job(
    "long",
    """
    kind: chains
    seed: 9
    data: {set: yacht}
    model: {type: mlp, hidden: [50, 50]}
    kernel: {type: nuts, maxDepth: 8}
    chains: 4
    warmup: 450
    draws: 400
    segment: 10
    """)

  /// What a job yields on quiet workers that write to the store themselves.
  func undisturbed(workers: Int = 1) throws -> Results {
    let cluster = try TestCluster()
    try cluster.start(workers: workers)
    try cluster.submit(self)
    return try cluster.results(of: self)
  }
}

/// Undisturbed results that several tests compare with, each computed once.
enum Reference {
  static let nuts = Result { try Job.nuts.undisturbed() }
  static let hmc = Result { try Job.hmc.undisturbed() }
  static let mclmc = Result { try Job.mclmc.undisturbed() }
  static let largeBlobs = Result { try Job.largeBlobs.undisturbed() }
  static let long = Result { try Job.long.undisturbed(workers: 2) }
}

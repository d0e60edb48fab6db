import Formats
import Foundation
import TestSupport

/// Ensembles that train in seconds: grey pictures of 12 by 12 with a bright bar whose place is the class, others with a bright corner
/// that no ensemble knows, and small networks.
struct TinyEnsembles {
  let folder: TemporaryFolder
  static let classes = 4

  /// Writes the pictures.
  init() throws {
    folder = try TemporaryFolder()
    for (name, count, isKnown) in [("known", 240, true), ("test", 60, true), ("unknown", 40, false)] {
      try write(Self.pictures(count, isKnown: isKnown), as: "\(name).idx")
      try writeLabels(of: count, classes: Self.classes, as: "\(name)-labels.idx")
    }
  }

  /// Writes labels that go through the classes beside the jobs.
  func writeLabels(of count: Int, classes: Int, as name: String) throws {
    try write(IDXArray((0..<count).map { UInt8($0 % classes) }, shape: [count]), as: name)
  }

  private func write(_ array: IDXArray, as name: String) throws {
    try Data(array.file).write(to: URL(filePath: "\(folder.path)/\(name)"))
  }

  /// A job of these ensembles, each a line of YAML such as `{name: a, data: bars, …}`.
  func job(_ name: String, _ ensembles: [String], rest: String = "") -> Job {
    Job(
      name,
      """
      kind: ensemble
      seed: 3
      data:
        - {name: bars, images: known.idx, labels: known-labels.idx, channels: 1, resolution: 12, validation: 0.1,
           test: {images: test.idx, labels: test-labels.idx}}
        - {name: pale, of: bars, distortion: {noise: 0.1, contrast: 0.4}}
        - {name: rare, of: bars, imbalance: 0.1}
        - {name: corners, images: unknown.idx, labels: unknown-labels.idx, channels: 1, resolution: 12,
           test: {images: unknown.idx, labels: unknown-labels.idx}}
        - {name: yacht, set: yacht, splits: 2}
        - {name: boats, set: yacht, splits: 2, validation: 0.1}
      ensembles:
      \(ensembles.map { "  - \($0)" }.joined(separator: "\n"))
      \(rest)
      """)
  }

  /// A job that asks for labels of the bars.
  func acquisition(_ name: String, _ rest: String) -> Job {
    Job(
      name,
      """
      kind: acquisition
      seed: 3
      data: {name: bars, images: known.idx, labels: known-labels.idx, channels: 1, resolution: 12,
             test: {images: test.idx, labels: test-labels.idx}}
      \(rest)
      """)
  }

  /// Submits a job beside its files.
  func submit(_ job: Job, to cluster: TestCluster) throws {
    let file = try folder.write(job.yaml, as: "\(job.name).yaml")
    let (exitCode, output) = try cluster.command(["submit", file, "--connect", cluster.endpoint])
    guard exitCode == 0 else { throw TestError("submit \(job.name) ended with \(exitCode): \(output)") }
  }

  /// Noise with a bar across, or with a corner.
  private static func pictures(_ count: Int, isKnown: Bool) -> IDXArray {
    var random = SplitMix64(seed: isKnown ? UInt64(count) : 99)
    let pixels = (0..<count).flatMap { picture in
      (0..<144).map { pixel in
        let (row, column) = (pixel / 12, pixel % 12)
        let isBright = isKnown ? row / 3 == picture % classes : row + column < 8
        return UInt8((isBright ? 150 : 20) + random.below(100))
      }
    }
    return IDXArray(pixels, shape: [count, 12, 12])
  }
}

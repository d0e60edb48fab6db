import Foundation
import Posterior
import Specification
import Tensors
import Testing

/// Where the reference posteriors lie: `REFERENCE_POSTERIORS`, or `posteriordb` inside `TRIBUTARY_DATA`.
let referenceFolder: URL? = {
  let environment = ProcessInfo.processInfo.environment
  if let folder = environment["REFERENCE_POSTERIORS"] { return URL(filePath: folder) }
  return environment["TRIBUTARY_DATA"].map { URL(filePath: $0).appending(path: "posteriordb") }
}()

/// Posterior means against reference draws, for every folder `<data>-<model>` whose model is known.
@Suite(
  .enabled(if: referenceFolder != nil, "set REFERENCE_POSTERIORS or TRIBUTARY_DATA to a folder of reference posteriors")
)
struct ReferencePosteriors {
  /// The subfolders `<data>-<model>`, sorted.
  static func folders() -> [String] {
    guard let referenceFolder else { return [] }
    let path = referenceFolder.path(percentEncoded: false)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.sorted().filter { name in
      let data = referenceFolder.appending(path: name).appending(path: "data.json")
      return name.contains("-") && FileManager.default.fileExists(atPath: data.path(percentEncoded: false))
    }
  }

  /// What follows the first dash of a folder's name.
  static func model(of folder: String) -> String { String(folder.drop { $0 != "-" }.dropFirst()) }

  @Test func unknownModelsAreNamed() throws {
    let folders = Self.folders()
    #expect(!folders.isEmpty, "no folder <data>-<model> in \(String(describing: referenceFolder))")
    for name in folders where ReferenceModel.known[Self.model(of: name)] == nil {
      print("reference posterior \(name): model \"\(Self.model(of: name))\" is unknown, skipped")
    }
  }

  @Test(
    arguments: folders().filter { ReferenceModel.known[model(of: $0)] != nil },
    [
      KernelConfiguration.nuts(NUTSConfiguration()), .hmc(HMCConfiguration(leapfrogSteps: 16)),
      .mams(MAMSConfiguration()),
    ])
  func meansAgree(name: String, kernel: KernelConfiguration) throws {
    try compare(name, ReferenceRun(kernel: kernel))
  }

  /// Without a Metropolis test means may be off by a twentieth of a deviation.
  @Test(arguments: folders().filter { ReferenceModel.known[model(of: $0)] != nil })
  func meansNearlyAgreeWithoutMetropolisTest(name: String) throws {
    try compare(
      name, ReferenceRun(kernel: .mclmc(MCLMCConfiguration()), warmUp: 5000, thinning: 20), bias: 0.05)
  }

  /// A kernel, and how long it runs.
  struct ReferenceRun {
    var kernel: KernelConfiguration
    var warmUp = 1000
    var thinning = 1
  }

  /// - Parameter bias: Allowed for, in deviations.
  private func compare(_ name: String, _ run: ReferenceRun, bias: Double = 0) throws {
    let folder = try #require(referenceFolder).appending(path: name)
    let make = try #require(ReferenceModel.known[Self.model(of: name)])
    let data = try ReferenceData(contentsOf: folder.appending(path: "data.json"))
    let reference = try JSONDecoder().decode(
      ReferenceSummary.self, from: Data(contentsOf: folder.appending(path: "summary.json")))
    let posterior = try make(data)
    let draws = try (0..<4).map { try Self.draws(posterior, run, chain: $0) }
    #expect(!reference.summary.isEmpty)
    for (parameter, expected) in reference.summary {
      let chains = try draws.map { chain in
        try chain.map { try #require($0[parameter], "\(name) has no parameter \(parameter)") }
      }
      let own = try Diagnostics(chains: chains)
      let error = (own.meanError * own.meanError + expected.sd * expected.sd / expected.essBulk).squareRoot()
      #expect(
        abs(own.mean - expected.mean) < 4 * error + bias * expected.sd,
        "\(name) \(parameter): \(own), reference \(expected)")
      #expect(own.rHat <= 1.01, "\(name) \(parameter)")
    }
  }

  /// The constrained parameters of 4000 draws of one chain, by name.
  static func draws(
    _ posterior: ReferenceModel, _ run: ReferenceRun, chain: UInt64
  ) throws -> [[String: Double]] {
    var chain = try Chain(
      posterior.density, kernel: run.kernel, warmUpIterations: run.warmUp,
      key: RandomKey(seed: 2026).folding(in: chain))
    while chain.isWarmUp { _ = try chain.advance() }
    return try (0..<4000).map { _ in
      for _ in 0..<run.thinning { _ = try chain.advance() }
      return posterior.parameters(chain.position)
    }
  }
}

struct ReferenceSummary: Decodable {
  struct Entry: Decodable {
    let mean: Double
    let sd: Double
    let essBulk: Double

    enum CodingKeys: String, CodingKey {
      case mean, sd
      case essBulk = "ess_bulk"
    }
  }

  let summary: [String: Entry]
}

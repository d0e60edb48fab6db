import Foundation
import Specification
import Testing

private let jobsFolder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Cluster/jobs")

private func jobFiles() throws -> [URL] {
  try FileManager.default.contentsOfDirectory(at: jobsFolder, includingPropertiesForKeys: nil)
    .filter { $0.pathExtension == "yaml" }
    .sorted { $0.path < $1.path }
}

@Suite struct JobFilesTests {
  @Test func everyJobFileDecodesAndSaysHowToRunIt() throws {
    let files = try jobFiles()
    #expect(files.count >= 4)
    for file in files {
      let text = try String(contentsOf: file, encoding: .utf8)
      let job = try JobSpecification(yaml: text, file: file.lastPathComponent)
      #expect(job.name + ".yaml" == file.lastPathComponent)
      let comment = text.split(separator: "\n").prefix { $0.hasPrefix("#") }.joined(separator: "\n")
      #expect(comment.contains("Expect"), "\(job.name): the first comment says what to expect")
      #expect(comment.contains("tributary run Cluster/jobs/\(job.name).yaml"), "\(job.name): and the command")
    }
  }

  @Test func theMainJobSaysWhatItIsKnownFor() throws {
    let job = try JobSpecification(
      yaml: String(contentsOf: jobsFolder.appending(path: "yacht-chains.yaml"), encoding: .utf8), file: "y.yaml")
    let chains = ChainsSpecification(
      data: DataSpecification(source: .shipped(.yacht)), model: .mlp(MLPConfiguration()),
      kernel: .nuts(NUTSConfiguration(maxDepth: 8)))
    #expect(job == JobSpecification(name: "yacht-chains", work: .chains(chains)))
    #expect(
      job.plan().groups == [
        TaskGroup(name: "chain", kind: "chain", count: 4, retries: 3),
        TaskGroup(name: "evaluation", kind: "evaluation", count: 1, after: ["chain"], retries: 3, priority: 1),
      ])
  }

  @Test func everySettingArrives() throws {
    let yaml = """
      kind: chains
      name: prices.2
      seed: 9223372036854775807
      share: 7
      retries: 0
      needs: {cores: 2, memory: 3GiB, device: cuda, labels: [big, rack=7]}
      data: {file: data/prices.csv, target: "3", testFraction: 0.25, seed: 4294967295}
      model: {type: linear, coefficientScale: flat, noise: {type: halfNormal, scale: 3}}
      kernel: {type: hmc, leapfrogSteps: 7, targetAcceptance: 0.6, initialStepSize: 1e-3}
      chains: 2
      warmup: 0
      draws: 120
      segment: 50
      """
    let job = try JobSpecification(yaml: yaml, file: "a.yaml")
    let table = TableFile(path: "data/prices.csv", target: .name("3"))
    let chains = ChainsSpecification(
      data: DataSpecification(source: .file(table), split: .shuffled(testFraction: 0.25, seed: .max)),
      model: .linear(LinearConfiguration(coefficientScale: nil, noise: .halfNormal(scale: 3))),
      kernel: .hmc(HMCConfiguration(leapfrogSteps: 7, targetAcceptance: 0.6, initialStepSize: 1e-3)),
      chains: 2, warmup: 0, draws: 120, segment: 50)
    #expect(
      job
        == JobSpecification(
          name: "prices.2", seed: UInt64(Int.max), share: 7, retries: 0,
          needs: Needs(cores: 2, memory: 3 << 30, device: "cuda", labels: ["big", "rack=7"]), work: .chains(chains)))
    #expect(job.plan().groups.allSatisfy { $0.needs == job.needs })
    #expect(job.inputs.map(\.path) == ["data/prices.csv"])
    #expect(chains.warmupSegments == 0)
    #expect(chains.drawSegments == 3)
  }

  @Test func aProbeIsOneGroupWhateverItsSize() throws {
    let job = try JobSpecification(yaml: "{kind: probe, tasks: 1000000, segments: 2}", file: "jobs/probe-9.yaml")
    #expect(job.name == "probe-9")
    #expect(job.plan().groups.map(\.count) == [1_000_000])
    #expect(job.plan().groups[0].leaseAhead == 32)
    let plan = job.plan()
    #expect(try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(plan)) == plan)
  }
}

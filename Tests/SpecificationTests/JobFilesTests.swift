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

  @Test func whatChangesAtFullSizeIsLaidOverTheRest() throws {
    let yaml = """
      kind: ensemble
      name: brief
      data: [{name: yacht, set: yacht, splits: 2}, {name: energy, set: energy}]
      ensembles:
        - {name: a, data: yacht, network: {type: mlp, hidden: [50]}, training: {epochs: 3, batch: 16}}
      full:
        name: "007"
        data: [{name: yacht, splits: 20}]
        ensembles:
          - {name: a, network: {hidden: [20, 20]}, training: {epochs: 40}}
          - {name: b, data: energy, network: {type: mlp}}
      """
    let brief = try JobSpecification(yaml: yaml, file: "a.yaml")
    let full = try JobSpecification(yaml: JobSpecification.fullSize(yaml: yaml.utf8, file: "a.yaml"), file: "a.yaml")
    guard case .ensemble(let small) = brief.work, case .ensemble(let large) = full.work else {
      Issue.record("another kind of job")
      return
    }
    #expect((brief.name, full.name) == ("brief", "007"))
    #expect(small.ensembles.map(\.name) == ["a"])
    #expect(large.ensembles.map(\.name) == ["a", "b"])
    #expect(large.data.map(\.splits) == [20, 1])
    let expected = ClassifierConfiguration(.mlp(hidden: [20, 20], activation: .relu))
    #expect(large.ensembles[0].network == expected)
    #expect((large.ensembles[0].training.epochs, large.ensembles[0].training.batch) == (40, 16))
    #expect(throws: SpecificationError.self) {
      try JobSpecification.fullSize(yaml: "kind: chains\ndata: {set: yacht}".utf8, file: "a.yaml")
    }
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
      thinning: 20
      """
    let job = try JobSpecification(yaml: yaml, file: "a.yaml")
    let table = TableFile(path: "data/prices.csv", target: .name("3"))
    let chains = ChainsSpecification(
      data: DataSpecification(source: .file(table), split: .shuffled(testFraction: 0.25, seed: .max)),
      model: .linear(LinearConfiguration(coefficientScale: nil, noise: .halfNormal(scale: 3))),
      kernel: .hmc(HMCConfiguration(leapfrogSteps: 7, targetAcceptance: 0.6, initialStepSize: 1e-3)),
      chains: 2, warmup: 0, draws: 120, segment: 50, thinning: 20)
    #expect(
      job
        == JobSpecification(
          name: "prices.2", seed: UInt64(Int.max), share: 7, retries: 0,
          needs: Needs(cores: 2, memory: 3 << 30, device: "cuda", labels: ["big", "rack=7"]), work: .chains(chains)))
    #expect(job.plan().groups.allSatisfy { $0.needs == job.needs })
    #expect(job.inputs.map(\.path) == ["data/prices.csv"])
    #expect(chains.warmupSegments == 0)
    #expect(chains.drawSegments == 3)
    #expect((0..<60).filter { chains.records(iteration: $0) } == [19, 39, 59])
  }

  @Test func theSettingsOfAStartArrive() throws {
    func start(_ yaml: String) throws -> StartConfiguration? {
      let job = try JobSpecification(
        yaml: "kind: chains\nname: a\ndata: {set: yacht}\nmodel: {type: mlp}\n\(yaml)", file: "a.yaml")
      guard case .chains(let chains) = job.work else { return nil }
      return chains.start
    }
    #expect(try start("") == .random)
    #expect(try start("start: {type: random}") == .random)
    #expect(try start("start: {type: optimized}") == .optimized(OptimizedStart()))
    let settings = "epochs: 7, batch: 16, rate: 0.01, patience: 3, validation: 0.2"
    #expect(
      try start("start: {type: optimized, \(settings)}")
        == .optimized(OptimizedStart(epochs: 7, batch: 16, rate: 0.01, patience: 3, validation: 0.2)))
  }

  @Test func aCascadeTrainsAtOnceAndSamplesAsAPipeline() throws {
    let yaml = """
      kind: cascade
      name: birds
      needs: {cores: 2}
      data: {folder: birds, channels: 3, validation: 0.1}
      text: {encoder: minilm, tokens: 16, onLongCaption: refuse}
      stages:
        - name: base
          resolution: 16
          network: {type: unet, channels: 32, multipliers: [1, 2], blocks: 1, attention: [8], crossAttention: [8]}
          schedule: {type: cosine}
          parameterization: v
          lossWeight: {type: minSNR, gamma: 5}
          optimizer: {type: adamW, rate: 2e-4, warmUp: 100, schedule: smooth, gradientNorm: 1}
          averaging: {type: plain, decay: 0.999}
          batch: 32
          steps: 1050
          segment: 100
          conditionDropout: 0.1
          sampling: {solver: {type: dpmSolver}, steps: 20, guidance: {scale: 3}}
        - name: large
          resolution: 32
          network: {type: efficientUNet, channels: 32, multipliers: [1, 2], blocks: [1, 2]}
          optimizer: {type: adafactor, rate: 1e-3, relative: true, gradientNorm: none}
          steps: 300
          crop: 16
          conditioningNoise: {training: [0, 0.5], sampling: 0.1}
      preview: {every: 250, prompts: [a bird]}
      samples: {prompts: [a bird, a tree, a house], count: 2, batch: 4}
      evaluation: {count: 10, batch: 4, guidance: [0, 3]}
      """
    let job = try JobSpecification(yaml: yaml, file: "a.yaml")
    guard case .cascade(let cascade) = job.work else {
      Issue.record("no cascade")
      return
    }
    let base = cascade.stages[0]
    #expect(base.segments == 11)
    #expect(base.steps(after: 11) == 1050)
    #expect(base.optimizer.rate(at: 0, of: 1050) == 2e-6)
    #expect(base.optimizer.rate(at: 575, of: 1050) == 1e-4)
    #expect(cascade.stages[1].optimizer.gradientNorm == nil)
    #expect(cascade.lowResolution(of: 1) == 16)
    #expect(job.inputs.map(\.field) == ["data.folder", "text.encoder"])
    let groups = job.plan().groups
    #expect(
      groups.map { "\($0.name) \($0.count) \(($0.after + $0.afterEach.map { "each " + $0 }).joined(separator: ", "))" }
        == [
          "captions 1 ", "stage 2 captions", "preview 1000 captions", "features 1 captions",
          "sample-base 8 captions, stage", "sample-large 8 captions, stage, each sample-base", "gallery 1 sample-large",
          "evaluation 1 captions, stage, sample-large, features",
        ])
    #expect(groups[2].beside == TaskGroup.Companionship(group: "stage", pace: .segments(2)))
    #expect(groups.allSatisfy { $0.needs.cores == 2 && $0.retries == 3 })
    let batches = SamplingBatches(cascade)
    #expect(batches[1] == SamplingBatches.Batch(purpose: .samples, pictures: 4..<6))
    #expect(batches[7] == SamplingBatches.Batch(purpose: .evaluation(guidance: 3), pictures: 8..<10))
    #expect(batches[8] == nil)
    #expect(batches.indices(of: .evaluation(guidance: 0)) == 2..<5)
    #expect(try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(job.plan())) == job.plan())
  }

  @Test func aSamplingJobIsTheSameCascadeWithItsWeightsGiven() throws {
    let yaml = """
      kind: cascade
      name: birds
      seed: 3
      data: {folder: birds}
      classes: 3
      stages:
        - {name: base, resolution: 8, network: {type: unet, multipliers: [1]}, steps: 10, sampling: {steps: 7}}
        - {name: large, resolution: 16, network: {type: unet, multipliers: [1]}, steps: 10, conditioningNoise: {sampling: 0.3}}
      preview: {every: 10m}
      evaluation: {count: 100}
      """
    let new = SamplingJob(
      name: "birds-samples-1", seed: 9, samples: SamplesSpecification(classes: [2, 0], count: 5, batch: 4),
      guidance: 2.5)
    let text = try new.yaml(from: yaml, file: "birds.yaml") { "birds/\($0).safetensors" }
    let job = try JobSpecification(yaml: text, file: "new.yaml")
    guard case .cascade(let cascade) = job.work else {
      Issue.record("no cascade")
      return
    }
    #expect((job.name, job.seed) == ("birds-samples-1", 9))
    #expect(cascade.stages.map(\.weights) == ["birds/base.safetensors", "birds/large.safetensors"])
    #expect(cascade.stages.map(\.steps) == [0, 0] && !cascade.trainsAnything)
    #expect(cascade.stages.map(\.sampling.guidance.scale) == [2.5, 2.5])
    #expect(cascade.stages.map(\.sampling.steps) == [7, 30])
    #expect(cascade.stages[1].conditioningNoise.sampling == 0.3)
    #expect(cascade.samples == SamplesSpecification(classes: [2, 0], count: 5, batch: 4))
    #expect(cascade.preview == nil && cascade.evaluation == nil)
    #expect(job.plan().groups.map(\.name) == ["stage", "sample-base", "sample-large", "gallery"])
    let caption = SamplingJob(name: "a", samples: SamplesSpecification(prompts: ["yes", "say \"no\": #1"]))
    let prompted = yaml.replacing("classes: 3", with: "text: {encoder: e}").replacing("preview: {every: 10m}", with: "")
    let written = try caption.yaml(from: prompted, file: "b.yaml") {
      $0
    }
    guard case .cascade(let captions) = try JobSpecification(yaml: written, file: "c.yaml").work else { return }
    #expect(captions.samples?.prompts == ["yes", "say \"no\": #1"])
    #expect(throws: SpecificationError.self) { try new.yaml(from: "kind: probe", file: "probe.yaml") { $0 } }
  }

  @Test func anAcquisitionRunsAllStrategiesAtOnce() throws {
    let yaml = """
      kind: acquisition
      data: {name: digits, images: a.idx, labels: b.idx, resolution: 28, limit: 500, test: {images: c.idx, labels: d.idx}}
      network: {type: lenet5, dropout: 0.2}
      method: {type: dropout, draws: 7}
      strategies: [random, epistemic]
      labels: {first: 10, step: 20, last: 100}
      coldness: 2
      pool: 200
      repeats: 3
      """
    let job = try JobSpecification(yaml: yaml, file: "a.yaml")
    guard case .acquisition(let acquisition) = job.work else {
      Issue.record("no acquisition")
      return
    }
    #expect(acquisition.coldness == 2 && acquisition.pool == 200 && acquisition.method == .dropout(draws: 7))
    #expect((0..<acquisition.labels.rounds).map(acquisition.labels.known) == [10, 30, 50, 70, 90, 100])
    #expect(job.inputs.map(\.field) == ["data.images", "data.labels", "data.test.images", "data.test.labels"])
    #expect(
      job.plan().groups.map { "\($0.name) \($0.count) \($0.after.joined(separator: ", "))" }
        == ["run-random 3 ", "run-epistemic 3 ", "comparison 1 run-random, run-epistemic"])
  }

  @Test func ensemblesWaitForThoseThatGuideThem() throws {
    let yaml = """
      kind: ensemble
      data:
        - {name: digits, images: a, labels: b, resolution: 28, limit: 100, validation: 0.1, test: {images: c, labels: d}}
        - {name: turned, of: digits, skip: 100, distortion: {rotation: 30, contrast: 0.5}}
        - {name: rare, of: turned, imbalance: 0.05, validation: 0}
      ensembles:
        - {name: one, data: digits, network: {type: lenet5}, method: {type: deep}, shifted: [turned]}
        - name: two
          data: digits
          network: {type: lenet5}
          method: {type: partial, trunk: 1}
          training: {weights: {by: epistemic, from: one}, pseudoLabels: {from: one, data: turned, share: 0.3}}
        - {name: three, data: digits, network: {type: lenet5}, training: {pseudoLabels: {from: two, data: turned}}}
      """
    let job = try JobSpecification(yaml: yaml, file: "a.yaml")
    guard case .ensemble(let ensembles) = job.work, case .pictures(let rare)? = ensembles.data(named: "rare")?.source
    else {
      Issue.record("no ensembles")
      return
    }
    #expect(
      job.plan().groups.map { "\($0.name) \($0.after.joined(separator: ", "))" } == [
        "member-one ", "evaluation-one member-one", "trunk-two evaluation-one", "member-two evaluation-one, trunk-two",
        "evaluation-two member-two", "member-three evaluation-two", "evaluation-three member-three",
        "comparison evaluation-one, evaluation-two, evaluation-three",
      ])
    #expect(ensembles.ensembles[1].training.pseudoLabels == PseudoLabels(from: "one", data: "turned", share: 0.3))
    #expect(ensembles.ensembles.map(ensembles.guidedSets) == [["digits", "turned"], ["turned"], []])
    #expect(rare.distortion == Distortion(contrast: 0.5, rotation: 30) && rare.imbalance == 0.05)
    #expect(rare.trainingNumbers(of: 1000) == 100..<200 && rare.trainingNumbers(of: 50).isEmpty)
    #expect(rare.testNumbers(of: 1000) == 0..<1000 && rare.hasTest)
    #expect(ensembles.data.map(\.validation) == [0.1, 0.1, 0])
    #expect(Set(job.inputs.map(\.path)) == ["a", "b", "c", "d"])
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

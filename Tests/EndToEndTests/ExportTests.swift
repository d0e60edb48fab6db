import Formats
import Foundation
import Networks
import Specification
import Tensors
import TestSupport
import Testing
import Workloads

extension EndToEndTests {
  /// What leaves by `tributary export` is the network that the stage has trained.
  @Suite struct ExportTests {
    private static let hasDiffusers = Programs.has(Programs.python("diffusers"))

    /// A stage that draws and one that enlarges, both of which attend to text, compute the same numbers in diffusers.
    @Test(.enabled(if: hasDiffusers, "no .python/diffusers; run Scripts/setup --diffusers"))
    func exportedStagesComputeTheSameInDiffusers() throws {
      let data = try TinyCascade()
      let job = data.job("exported", steps: 100, segment: 100, rest: "")
      let cluster = try TestCluster()
      try cluster.start()
      try data.submit(job, to: cluster)
      let results = try cluster.results(of: job)
      guard case .cascade(let cascade) = try JobSpecification(yaml: job.yaml, file: "exported.yaml").work else {
        throw TestError("the job is no cascade")
      }
      for (position, stage) in TinyCascade.stages.enumerated() {
        let folder = "\(cluster.folder.path)/\(stage)"
        let export = try cluster.command("export", "exported", stage, folder, "--connect", cluster.endpoint)
        #expect(export.exitCode == 0, "\(export.output)")
        let network = try StageNetwork(cascade, stage: position, config: nil, textWidth: 8)
        let weights = try #require(results.files["stages/\(stage)/ema.safetensors"])
        let exchange = try Self.exchange(
          network, try ParameterSet(weights: Safetensors(bytes: weights), of: network.parameterShapes),
          resolution: cascade.stages[position].resolution, isEnlarging: position > 0)
        try Data(exchange.encoded()).write(to: URL(filePath: "\(folder)/io.safetensors"))
        let script = "\(Programs.project)/Tests/NetworksTests/Readers/diffusers_folders.py"
        let reader = try RunningProcess(
          [Programs.python("diffusers"), script, "read", folder], output: "\(folder).log")
        #expect(try reader.end(within: .seconds(120)) == 0, "\(stage): \(reader.output)")
        #expect(reader.output.contains("read UNet2DConditionModel, error"), "\(stage): \(reader.output)")
      }
    }

    /// What a stage's network answers to noise, and all that it was asked in the words of diffusers.
    private static func exchange(
      _ network: StageNetwork, _ parameters: ParameterSet, resolution: Int, isEnlarging: Bool
    ) throws -> Safetensors {
      let key = RandomKey(seed: 6)
      let shape = [2, 1, resolution, resolution]
      let (noisy, low) = (
        try Tensor.normals(key: key.purpose("x"), shape: shape),
        try Tensor.normals(key: key.purpose("low"), shape: shape)
      )
      let times = try Tensor([Float(20), 700])
      let text = try Tensor.normals(key: key.purpose("text"), shape: [2, 6, 8])
      // The second caption has three tokens.
      let mask = try Tensor([1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0] as [Float], shape: [2, 6])
      let levels = try Tensor([Float(0.1), 0.6])
      var condition = StageNetwork.Condition(text: (states: text, mask: mask))
      if isEnlarging { condition.low = (low, levels) }
      let output = try network(noisy, times, condition, parameters: parameters)
      // An answer of next to nothing would be like any other.
      #expect(try output.abs().maximum().scalar() > 0.03)
      var tensors = [
        ("out.sample", output), ("in.timestep", times), ("in.encoder_hidden_states", text),
        ("in.encoder_attention_mask", mask),
        ("in.sample", isEnlarging ? try Tensor.concatenated([noisy, low], along: 1) : noisy),
      ]
      if isEnlarging { tensors.append(("in.class_labels", try levels * 1000)) }
      return try ParameterSet(tensors).safetensors()
    }
  }
}

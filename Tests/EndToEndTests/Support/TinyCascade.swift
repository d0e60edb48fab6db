import Formats
import Foundation
import TestSupport

/// A cascade that trains in seconds: 24 grey pictures of 32 by 32 in three classes whose names are their captions, a text encoder
/// of one layer, and three stages.
struct TinyCascade {
  let folder: TemporaryFolder
  static let stages = ["base", "middle", "large"]

  /// Writes pictures and encoder.
  init() throws {
    folder = try TemporaryFolder()
    try write(Self.pictures, as: "pictures.idx")
    try write(Self.labels, as: "labels.idx")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/encoder", withIntermediateDirectories: false)
    for (name, bytes) in try Self.encoder() { try write(bytes, as: "encoder/\(name)") }
  }

  func write(_ bytes: [UInt8], as name: String) throws {
    try Data(bytes).write(to: URL(filePath: "\(folder.path)/\(name)"))
  }

  /// The job file.
  /// - Parameters:
  ///   - weights: Files that stages start from and are not trained any more, by their names.
  ///   - rest: What follows the stages.
  func job(
    _ name: String, weights: [String: String] = [:], steps: Int = 48, segment: Int = 4, rest: String = Self.samples
  ) -> Job {
    let stages = zip(Self.stages, [8, 16, 32]).map { stage, resolution in
      """
        - name: \(stage)
          resolution: \(resolution)
          network: {type: unet, channels: 8, multipliers: [1, 2], blocks: 1, groups: 4, headWidth: 8, crossAttention: [\(resolution / 2)]}
          schedule: {type: cosine}
          parameterization: v
          optimizer: \(stage == "middle" ? "{type: adafactor, rate: 1e-2, relative: true}" : "{type: adamW, rate: 1e-3, warmUp: 3}")
          averaging: {type: plain, decay: 0.9}
          batch: 4
          \(weights[stage].map { "weights: \($0)\n    steps: 0" } ?? "steps: \(steps)")
          segment: \(segment)
          \(stage == "large" ? "crop: 16" : "mirror: \(stage == "middle")")
          sampling: {steps: 4, guidance: {scale: 2}}
      """
    }
    return Job(
      name,
      """
      kind: cascade
      seed: 5
      data: {images: pictures.idx, labels: labels.idx, channels: 1, classes: [a dark picture, a bright picture, stripes], validation: 0.2}
      text: {encoder: encoder, tokens: 6}
      stages:
      \(stages.joined(separator: "\n"))
      \(rest)
      """)
  }

  static let samples = "samples: {prompts: [stripes, a bright picture], count: 2, batch: 2}"

  /// Submits a job beside its files.
  func submit(_ job: Job, to cluster: TestCluster) throws {
    let file = try folder.write(job.yaml, as: "\(job.name).yaml")
    let (exitCode, output) = try cluster.command(["submit", file, "--connect", cluster.endpoint])
    guard exitCode == 0 else { throw TestError("submit \(job.name) ended with \(exitCode): \(output)") }
  }

  /// Pictures of an idx file: dark, bright or striped, none like another.
  static let pictures: [UInt8] = {
    var bytes: [UInt8] = []
    for picture in 0..<24 {
      for y in 0..<32 {
        for x in 0..<32 {
          let value =
            switch picture % 3 {
            case 0: 20 + picture + x
            case 1: 200 + picture + y
            default: (x + picture) % 8 < 4 ? 10 : 240
            }
          bytes.append(UInt8(value))
        }
      }
    }
    return IDXArray(bytes, shape: [24, 32, 32]).file
  }()

  static let labels: [UInt8] = IDXArray((0..<24).map { UInt8($0 % 3) }, shape: [24]).file

  /// A BERT of one layer and width 8, with weights that are waves.
  private static func encoder() throws -> [String: [UInt8]] {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "dark", "bright", "picture", "stripes"]
    let config = """
      {"model_type": "bert", "vocab_size": \(words.count), "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
       "intermediate_size": 16, "max_position_embeddings": 16, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}
      """
    var shapes: [(String, [Int])] = [
      ("embeddings.word_embeddings.weight", [words.count, 8]), ("embeddings.position_embeddings.weight", [16, 8]),
      ("embeddings.token_type_embeddings.weight", [2, 8]),
    ]
    func dense(_ name: String, _ outputs: Int, _ inputs: Int) {
      shapes += [("\(name).weight", [outputs, inputs]), ("\(name).bias", [outputs])]
    }
    let layer = "encoder.layer.0"
    for name in ["query", "key", "value"] { dense("\(layer).attention.self.\(name)", 8, 8) }
    dense("\(layer).attention.output.dense", 8, 8)
    dense("\(layer).intermediate.dense", 16, 8)
    dense("\(layer).output.dense", 8, 16)
    for norm in ["embeddings", "\(layer).attention.output", "\(layer).output"] {
      shapes += [("\(norm).LayerNorm.weight", [8]), ("\(norm).LayerNorm.bias", [8])]
    }
    var file = Safetensors()
    for (name, shape) in shapes {
      let count = shape.reduce(1, *)
      let start = Double(name.utf8.reduce(0) { $0 + Int($1) })
      file[name] = try Safetensors.Tensor((0..<count).map { Float(sin(start + 1.7 * Double($0))) }, shape: shape)
    }
    return [
      "config.json": Array(config.utf8), "vocab.txt": Array(words.joined(separator: "\n").utf8),
      "model.safetensors": try file.encoded(),
    ]
  }
}

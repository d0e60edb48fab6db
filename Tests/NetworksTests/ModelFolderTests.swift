import Foundation
import Formats
import Networks
import Tensors
import TestSupport
import Testing

private let here = URL(filePath: #filePath).deletingLastPathComponent()
private let python = here.appending(path: "../../.python/diffusers/bin/python")
private let hasDiffusers = FileManager.default.fileExists(atPath: python.path)

@Suite struct ModelFolderTests {
  /// Networks whose every option of importance differs, small enough for a second.
  static var networks: [UNetConfiguration] {
    var adm = UNetConfiguration(.unconditional)
    adm.blockOutChannels = [16, 24]
    adm.downBlockTypes = [.residual, .attention]
    adm.upBlockTypes = [.attention, .residual]
    (adm.downsampleType, adm.upsampleType, adm.resnetTimeScaleShift) = (.residual, .residual, .scaleShift)
    (adm.layersPerBlock, adm.normNumGroups, adm.numClassEmbeds, adm.outChannels) = (.all(1), 8, 10, 6)
    var text = UNetConfiguration(.conditional)
    text.blockOutChannels = [16, 32]
    text.downBlockTypes = [.plain, .crossAttention]
    text.upBlockTypes = [.crossAttention, .plain]
    (text.layersPerBlock, text.normNumGroups, text.attentionHeadDim) = (.each([1, 2]), 4, .each([2, 4]))
    (text.crossAttentionDim, text.midBlockScaleFactor, text.useLinearProjection) = (.all(12), 1.5, true)
    return [adm, text]
  }

  /// Parameters none of which is zero, so that no layer is the identity.
  static func parameters(_ network: UNet, seed: UInt64) throws -> ParameterSet {
    let key = RandomKey(seed: seed)
    return ParameterSet(
      try network.parameterShapes.map { shape in
        let normals = try Tensor.normals(key: key.purpose(shape.name), shape: shape.shape)
        let fan = Double(max(1, shape.shape.dropFirst().reduce(1, *)))
        return (shape.name, try shape.initial == .ones ? normals * 0.1 + 1 : normals * (0.7 / fan.squareRoot()))
      })
  }

  @Test(arguments: networks)
  func aFolderReadIsTheFolderWritten(configuration: UNetConfiguration) throws {
    let folder = try TemporaryFolder()
    let written = ModelFolder(configuration, try Self.parameters(UNet(configuration), seed: 3))
    try written.write(to: folder.path + "/unet")
    let read = try ModelFolder(path: folder.path + "/unet")
    #expect(read.configuration == configuration)
    #expect(try read.files().map(\.bytes) == written.files().map(\.bytes))
  }

  @Test(.enabled(if: hasDiffusers, "no .python/diffusers; run Scripts/setup --diffusers"), arguments: networks)
  func diffusersRunsWhatIsWrittenHere(configuration: UNetConfiguration) throws {
    let folder = try TemporaryFolder()
    let network = try UNet(configuration)
    let parameters = try Self.parameters(network, seed: 4)
    let key = RandomKey(seed: 5)
    let sample = try Tensor.normals(key: key.purpose("x"), shape: [2, configuration.inChannels, 12, 12])
    let text = configuration.modelClass == .conditional ? try Tensor.normals(key: key, shape: [2, 5, 12]) : nil
    let classes = configuration.numClassEmbeds == nil ? nil : try Tensor([Int64(3), 9])
    let output = try network(
      sample, timestep: Tensor([Float(10), 400]), classLabels: classes, text: text, parameters: parameters)
    try ModelFolder(configuration, parameters).write(to: folder.path)
    var file = try ParameterSet([
      ("in.sample", sample), ("in.timestep", Tensor([Float(10), 400])), ("out.sample", output),
    ])
    .safetensors()
    if let text {
      file["in.encoder_hidden_states"] = try Safetensors.Tensor(text.array(of: Float.self), shape: text.shape)
    }
    if classes != nil { file["in.class_labels"] = try Safetensors.Tensor([3, 9]) }
    try Data(file.encoded()).write(to: URL(filePath: folder.path + "/io.safetensors"))
    let answer = try run(["read", folder.path])
    #expect(answer.contains("read \(configuration.modelClass.rawValue), error"), "\(answer)")
  }

  @Test(.enabled(if: hasDiffusers, "no .python/diffusers; run Scripts/setup --diffusers"))
  func whatDiffusersWritesRunsHere() throws {
    let folder = try TemporaryFolder()
    let answer = try run(["write", folder.path])
    let names = answer.split(separator: "\n").filter { ["attention", "text"].contains($0) }
    #expect(names.count == 2, "\(answer)")
    for name in names {
      let model = try ModelFolder(path: "\(folder.path)/\(name)")
      let file = try Safetensors(
        bytes: [UInt8](Data(contentsOf: URL(filePath: "\(folder.path)/\(name)/io.safetensors"))))
      func floats(_ name: String) throws -> Tensor? {
        try file[name].map { try Tensor($0.floats(), shape: $0.shape) }
      }
      let output = try UNet(model.configuration)(
        #require(try floats("in.sample")), timestep: Tensor([Float(0), 700]), classLabels: Tensor([Int64(3), 4]),
        text: try floats("in.encoder_hidden_states"), parameters: model.parameters)
      let expected = try #require(try floats("out.sample"))
      #expect(try (output - expected).abs().maximum().scalar() < 1e-4)
      #expect(try expected.abs().maximum().scalar() > 0.1)
    }
  }

  private func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = python
    process.arguments = [here.appending(path: "Readers/diffusers_folders.py").path] + arguments
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self)
  }
}

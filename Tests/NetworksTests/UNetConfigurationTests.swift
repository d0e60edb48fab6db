import Formats
import Foundation
import Networks
import Testing

@Suite struct UNetConfigurationTests {
  @Test(arguments: UNetConfiguration.ModelClass.allCases)
  func whatIsWrittenIsRead(modelClass: UNetConfiguration.ModelClass) throws {
    var configuration = UNetConfiguration(modelClass)
    configuration.midBlockType = nil
    configuration.blockOutChannels[0] = 96
    configuration.normEps = 3e-7
    configuration.sampleSize = .each([32, 64])
    #expect(try UNetConfiguration(json: configuration.json) == configuration)
    #expect(try UNetConfiguration(json: JSON(bytes: configuration.json.bytes)) == configuration)
    let coded = try JSONDecoder().decode(UNetConfiguration.self, from: JSONEncoder().encode(configuration))
    #expect(coded == configuration)
  }

  @Test func keysLeftOutHaveDiffusersDefaults() throws {
    let configuration = try UNetConfiguration(json: ["_class_name": "UNet2DModel", "_diffusers_version": "0.20.0"])
    #expect(configuration == UNetConfiguration(.unconditional))
    #expect(configuration.blockOutChannels == [224, 448, 672, 896])
  }

  static let refused: [(JSON, String)] = [
    (["dropout": .number(0.1)], "`dropout` is 0.1: what it asks for is not built; only 0"),
    (["block_channels": 3], "`block_channels` is not a key of UNet2DConditionModel"),
    (["down_block_types": ["KDownBlock2D"]], "(others are not built)"),
    (["addition_embed_type": "text_time"], "`addition_embed_type` is \"text_time\""),
    (["dual_cross_attention": true], "`dual_cross_attention`"),
    (["block_out_channels": [32, 64]], "`down_block_types` needs one for each"),
    (["norm_num_groups": 7], "`norm_num_groups` has to divide"),
    (["layers_per_block": [1, 2]], "`layers_per_block` needs one value for each"),
    (["in_channels": "four"], "`in_channels` is \"four\": it has to be a whole number"),
    (["_class_name": "DiTTransformer2DModel"], "DiTTransformer2DModel"),
  ]

  @Test(arguments: refused)
  func whatCannotBeBuiltIsRefusedByName(members: JSON, message: String) throws {
    guard case .object(var object) = members else { return }
    object["_class_name", default: "UNet2DConditionModel"] = object["_class_name"] ?? "UNet2DConditionModel"
    let error = #expect(throws: NetworkError.self) { try UNetConfiguration(json: .object(object)) }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}

import Formats
import Foundation
import Networks
import Tensors
import Testing

@Suite(.enabled(if: SentencePiece.isAvailable, "libsentencepiece cannot be opened"))
struct SentencePieceTests {
  private struct Text: Decodable {
    let text: String
    let ids: [Int]
  }

  private func golden(_ name: String) throws -> [UInt8] {
    let folder = try #require(Bundle.module.url(forResource: "Goldens", withExtension: nil))
    return try [UInt8](Data(contentsOf: folder.appending(path: name)))
  }

  @Test func itDividesAsTheLibraryDoesElsewhere() throws {
    let tokenizer = try SentencePiece(model: golden("spiece.model"))
    let texts = try JSONDecoder().decode([Text].self, from: Data(golden("spiece.json")))
    #expect(texts.count == 6)
    for text in texts { #expect(try tokenizer.pieces(of: text.text) == text.ids, "\(text.text)") }
    #expect(tokenizer.end == 1 && tokenizer.padding == 0 && tokenizer.start == nil)
    let batch = try TokenBatch(["a red circle", ""], tokenizer: tokenizer, tokensMax: 9, longText: .refuse)
    #expect(batch.ids == [3, 4, 23, 20, 17, 1, 1, 0, 0, 0, 0, 0])
    let error = #expect(throws: NetworkError.self) { try SentencePiece(model: Array("no model".utf8)) }
    #expect(error?.code == .textEncoder)
  }

  @Test func aT5FolderEncodesTexts() throws {
    let configuration = """
      {"model_type": "t5", "vocab_size": 40, "d_model": 6, "d_kv": 2, "d_ff": 8, "num_layers": 2, "num_heads": 3,
       "relative_attention_num_buckets": 8, "relative_attention_max_distance": 20, "feed_forward_proj": "gated-gelu"}
      """
    let t5 = try T5Encoder(configuration: configuration.utf8)
    var weights = Safetensors()
    for shape in t5.parameterShapes {
      let values = RandomKey(seed: 4).purpose(shape.name).normals(count: shape.shape.reduce(1, *))
      // What old checkpoints call the shared embedding.
      let name = shape.name == "shared.weight" ? "encoder.embed_tokens.weight" : shape.name
      weights[name] = try Safetensors.Tensor(values.map(Float.init), shape: shape.shape)
    }
    var files = FileBundle()
    files.add("config.json", Array(configuration.utf8))
    files.add("spiece.model", try golden("spiece.model"))
    files.add("model.safetensors", try weights.encoded())
    let encoder = try TextEncoder(files: files, name: "t5", tokensMax: 8)
    let alone = try encoder.encode(["a red circle"])
    #expect(alone.states.shape == [1, 6, 6])
    let beside = try encoder.encode(["triangles", "a red circle"], paddedTo: 8)
    let pairs = zip(
      try alone.pooled.array(of: Float.self), try beside.pooled.array(of: Float.self).suffix(6))
    for (a, b) in pairs { #expect(abs(a - b) < 1e-5) }
    // Attention sees the order of tokens by their distances.
    let other = try encoder.encode(["a circle red"]).pooled.array(of: Float.self)
    #expect(zip(other, try alone.pooled.array(of: Float.self)).contains { abs($0 - $1) > 1e-3 })
    let error = #expect(throws: NetworkError.self) { try encoder.encode(["the greenest star, above all!"]) }
    #expect(error?.code == .longText)
  }
}

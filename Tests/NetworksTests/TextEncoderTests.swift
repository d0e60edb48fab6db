import Formats
import Foundation
import Networks
import Tensors
import Testing

/// Where `Scripts/setup --text-encoder` puts the encoder, and the reference for it.
private let encoderFolder = URL(filePath: #filePath).appending(path: "../../../.text-encoder").standardizedFileURL.path
private let reference = ProcessInfo.processInfo.environment["TRIBUTARY_DATA"].map {
  "\($0)/text_encoder_reference/reference.json"
}

@Suite struct TextEncoderTests {
  /// A sentence with its token ids and, by name, numbers of its states.
  private struct Sentence {
    let text: String
    let ids: [Int64]
    let values: [String: [Double]]

    init?(_ json: JSON) {
      guard case .object(let members) = json, case .string(let text) = members["text"],
        case .object(let encoder) = members["minilm_l6"]
      else { return nil }
      self.text = text
      ids = Self.numbers(members["ids"]).map { Int64($0) }
      values = encoder.mapValues(Self.numbers)
    }

    static func numbers(_ json: JSON?) -> [Double] {
      switch json {
      case .array(let elements): elements.flatMap { numbers($0) }
      case .integer(let number): [Double(number)]
      case .number(let number): [number]
      default: []
      }
    }
  }

  @Test(
    .enabled(
      if: reference != nil && FileManager.default.fileExists(atPath: encoderFolder),
      "set TRIBUTARY_DATA and run Scripts/setup --text-encoder"))
  func miniLMGivesThePublishedVectors() throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: #require(reference))))
    guard case .array(let entries) = try JSON(bytes: bytes) else { return }
    let sentences = entries.compactMap(Sentence.init)
    #expect(sentences.count == entries.count && sentences.count >= 30)
    let encoder = try TextEncoder(files: FileBundle(folder: encoderFolder), name: encoderFolder)
    #expect((encoder.width, encoder.tokensMax) == (384, 256))
    let output = try encoder.encode(sentences.map(\.text))
    let length = output.tokens.length
    let states = try output.states.array(of: Float.self).map(Double.init)
    let pooled = try output.pooled.array(of: Float.self).map(Double.init)
    for (row, sentence) in sentences.enumerated() {
      #expect(output.tokens.lengths[row] == sentence.ids.count, "\(sentence.text)")
      #expect(Array(output.tokens.ids[row * length..<row * length + sentence.ids.count]) == sentence.ids)
      let tokens = sentence.ids.indices.map { token in
        Array(states[((row * length + token) * 384)..<((row * length + token + 1) * 384)])
      }
      let sum = tokens.joined().reduce(0, +)
      for (name, values) in [
        ("pooled_mean", Array(pooled[row * 384..<(row + 1) * 384])), ("token0", tokens[0]),
        ("last_token", tokens[tokens.count - 1]), ("token_sum", [sum]),
      ] {
        let expected = try #require(sentence.values[name])
        let error = zip(values, expected).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? .infinity
        #expect(values.count == expected.count && error < 1e-4, "\(name) of \(sentence.text): \(error)")
      }
    }
  }

  private static let configuration = #"""
    {"model_type": "bert", "vocab_size": 6, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2,
     "intermediate_size": 8, "max_position_embeddings": 8}
    """#

  private func files(_ changes: [String: String?] = [:]) throws -> FileBundle {
    var weights = Safetensors()
    for shape in try BERT(configuration: Array(Self.configuration.utf8)).parameterShapes {
      let values = RandomKey(seed: 1).purpose(shape.name).normals(count: shape.shape.reduce(1, *))
      weights["bert." + shape.name] = try Safetensors.Tensor(values.map(Float.init), shape: shape.shape)
    }
    var texts: [String: String?] = [
      "config.json": Self.configuration, "vocab.txt": "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\n",
      "tokenizer_config.json": #"{"model_max_length": 6}"#,
    ]
    texts.merge(changes) { $1 }
    var files = FileBundle()
    for (name, text) in texts { if let text { files.add(name, Array(text.utf8)) } }
    if changes["model.safetensors"] == nil { files.add("model.safetensors", try weights.encoded()) }
    return files
  }

  @Test func paddingAndNeighboursDoNotMatter() throws {
    let encoder = try TextEncoder(files: files(), name: "tiny", longText: .cut)
    #expect(encoder.tokensMax == 6)
    let alone = try encoder.encode(["a b"])
    let beside = try encoder.encode(["a a a a a a", "a b"], paddedTo: 6)
    #expect(beside.tokens.cut == [0])
    let (short, long) = (try alone.pooled.array(of: Float.self), try beside.pooled.array(of: Float.self).suffix(4))
    for (a, b) in zip(short, long) { #expect(abs(a - b) < 1e-5) }
    let other = try encoder.encode(["b a"]).pooled.array(of: Float.self)
    #expect(zip(short, other).contains { abs($0 - $1) > 1e-3 })
  }

  @Test(arguments: [
    ("config.json", nil, "the folder has no config.json"), ("vocab.txt", nil, "the folder has no vocab.txt"),
    ("config.json", "{", "not valid JSON"), ("config.json", #"{"model_type": "gpt2"}"#, "bert and t5 are built"),
    ("config.json", #"{"model_type": "bert"}"#, "vocab_size is missing"),
    ("config.json", configuration.replacing("\"hidden_size\": 4", with: "\"hidden_size\": 6"), "has the shape"),
    ("model.safetensors", nil, "the folder has no model.safetensors; `Scripts/setup --text-encoder`"),
    ("model.safetensors", "x", "not a valid safetensors file"),
    ("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\nc\n", "they belong to different models"),
  ])
  func whatIsWrongWithAFolderIsSaid(file: String, text: String?, reason: String) throws {
    let files = try files([file: text])
    let error = #expect(throws: NetworkError.self) { try TextEncoder(files: files, name: "encoders/x") }
    #expect(error?.message.hasPrefix("the text encoder encoders/x: ") ?? false)
    #expect(error?.message.contains(reason) ?? false, "\(error?.message ?? "")")
  }
}

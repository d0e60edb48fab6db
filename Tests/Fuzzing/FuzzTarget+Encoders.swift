import Formats
import Networks

/// What a folder of a text encoder holds, and the texts it divides.
extension FuzzTarget {
  static let encoders = networks + (SentencePiece.isAvailable ? [sentencePiece] : [])

  private static let sentencePiece = FuzzTarget(
    "sentencepiece", tokens: ["\u{0}", "\u{a}", "<unk>", "</s>", "▁a", "identity"]
  ) {
    let tokenizer = try SentencePiece(model: $0)
    let numbers = try tokenizer.pieces(of: "a red circle")
    try promise(numbers.allSatisfy { (0..<tokenizer.vocabularySize).contains($0) }, "a number is no token")
  }

  private static let networks = [
    FuzzTarget(
      "words", tokens: ["\u{0}", "\u{301}", "\u{200b}", "日", "İ", "ß", "ﬃ", "\u{1f469}\u{200d}\u{1f680}", "##"]
    ) {
      let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\n##a\n##b\nab\n日\n"
      let tokenizer = try promised("the vocabulary") { try WordPiece(vocabulary: vocabulary.utf8) }
      let text = String(decoding: $0, as: UTF8.self)
      let batch = try TokenBatch([text], tokenizer: tokenizer, tokensMax: 64, longText: .refuse)
      try promise(batch.ids.allSatisfy { (0..<Int64(tokenizer.vocabularySize)).contains($0) }, "a number is no token")
      try promise(batch.ids.first == 2 && batch.ids.last == 3, "the marks are missing")
    },
    FuzzTarget("vocabulary", tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "##", "\n", "\r\n"]) {
      let tokenizer = try WordPiece(vocabulary: $0)
      let numbers = tokenizer.pieces(of: "a bb, c")
      try promise(numbers.allSatisfy { (0..<tokenizer.vocabularySize).contains($0) }, "a number is no token")
    },
    FuzzTarget("encoder", tokens: jsonTokens + ["bert", "t5", "hidden_size", "d_model", "num_heads", "gated-gelu"]) {
      let shapes: [ParameterShape]
      do {
        shapes = try BERT(configuration: $0).parameterShapes
      } catch {
        shapes = try T5Encoder(configuration: $0).parameterShapes
      }
      try promise(Set(shapes.map(\.name)).count == shapes.count, "two parameters have one name")
    },
  ]
}

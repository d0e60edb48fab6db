import Formats

/// The files of a text encoder.
struct EncoderFolder {
  let files: FileBundle
  let name: String

  func file(_ file: String) throws(NetworkError) -> ArraySlice<UInt8> {
    if let bytes = files[file] { return bytes }
    let known = files.names.prefix(10).map { oneLine($0, limit: 60) }.joined(separator: ", ")
    let advice = file == "model.safetensors" ? "; `Scripts/setup --text-encoder` puts one with weights in place" : ""
    throw NetworkError(.textEncoder, "the folder has no \(file)\(advice); it has: \(known.isEmpty ? "nothing" : known)")
  }

  func settings(_ file: String) throws(NetworkError) -> EncoderConfiguration? {
    try files[file].map { bytes throws(NetworkError) in try EncoderConfiguration(bytes, file: file) }
  }

  func modelType() throws(NetworkError) -> String {
    try EncoderConfiguration(file("config.json"), file: "config.json").text("model_type", default: "")
  }

  /// Tokens of the longest text, by the files that say so.
  func tokensMax() throws(NetworkError) -> Int? {
    let sentence = try settings("sentence_bert_config.json")?.integer("max_seq_length", default: .max, in: 2...Int.max)
    // Tokenizers without a limit give a very large number here, which is not always an integer.
    let tokenizer = try? settings("tokenizer_config.json")?.integer("model_max_length", default: .max, in: 2...Int.max)
    return [sentence, tokenizer].compactMap { $0 }.min().flatMap { $0 > 1_000_000 ? nil : $0 }
  }

  func weights() throws -> Safetensors { try Safetensors(bytes: Array(file("model.safetensors"))) }

  func check(_ tokenizer: any Tokenizer, has count: Int) throws(NetworkError) {
    guard tokenizer.vocabularySize > count else { return }
    let found = "the tokenizer has \(tokenizer.vocabularySize) tokens"
    throw NetworkError(.textEncoder, "\(found), the network \(count): they belong to different models")
  }
}

import Foundation
import Formats
import Networks
import Tensors

/// A published text encoder with its own weights, from sentences to states.
let textCheckers: [ParityChecker] = [ParityChecker(kind: "real text encoder", checkTextEncoder)]

/// Where `Scripts/setup --text-encoder` puts the encoder.
private let encoderFolder = URL(filePath: #filePath).appending(path: "../../../.text-encoder").standardizedFileURL.path

private func checkTextEncoder(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let model = reference.definition["model"]?.text ?? "?"
  guard model.hasPrefix("all-MiniLM-L6-v2") else { throw NotBuilt("the encoder \(model)") }
  guard FileManager.default.fileExists(atPath: encoderFolder) else {
    throw NotBuilt("the folder .text-encoder (by Scripts/setup --text-encoder)")
  }
  let sentences = (reference.definition["sentences"]?.elements ?? []).compactMap(\.text)
  let length = try reference.tensors.tensor("input_ids").shape.last ?? 0
  let files = try FileBundle(folder: encoderFolder)
  let encoder = try TextEncoder(files: files, name: model, tokensMax: length, longText: .cut)
  let output = try encoder.encode(sentences, paddedTo: length)
  try comparison.compare(output.tokens.idTensor(), with: "input_ids", tolerance: 0)
  try comparison.compare(output.mask, with: "attention_mask", tolerance: 0)
  try comparison.compare(output.states, with: "last_hidden_state")
  try comparison.compare(output.pooled.unitLength(), with: "sentence_embedding")
}

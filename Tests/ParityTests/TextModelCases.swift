import Formats
import Networks
import Tensors

/// Text encoders with given weights.
let textModelCheckers: [ParityChecker] = [
  ParityChecker(accepts: { $0.modelClass == "BertModel" }, checkBERT),
  ParityChecker(accepts: { $0.modelClass == "T5EncoderModel" }, checkT5),
]

private func checkBERT(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let network = try BERT(configuration: reference.modelConfiguration().bytes)
  let segments = try reference.input("token_type_ids")
  try check(reference, &comparison) { ids, mask in
    try network(ids: ids, mask: mask, segments: segments, parameters: reference.modelWeights())
  }
}

private func checkT5(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let network = try T5Encoder(configuration: reference.modelConfiguration().bytes)
  try check(reference, &comparison) { ids, mask in
    try network(ids: ids, mask: mask, parameters: reference.modelWeights())
  }
}

private func check(
  _ reference: ParityCase, _ comparison: inout Comparison, states: (_ ids: Tensor, _ mask: Tensor) throws -> Tensor
) throws {
  let ids = try reference.tensor("in.input_ids")
  let mask =
    try reference.input("attention_mask")?.converted(to: .bool) ?? Tensor.full(1, shape: ids.shape, type: .bool)
  let states = try withoutGradient { try states(ids, mask) }
  for name in reference.tensors.names where name.hasPrefix("out.") {
    switch name {
    case "out.last_hidden_state": try comparison.compare(states, with: name)
    case "out.mean_pooled": try comparison.compare(states.maskedMean(mask), with: name)
    case "out.mean_pooled_normalised": try comparison.compare(states.maskedMean(mask).unitLength(), with: name)
    default: throw NotBuilt("the output \(name.dropFirst(4))")
    }
  }
}

import Foundation
import Formats
import Networks
import Tensors

/// Networks with given weights: forward pass, loss and gradients.
let modelCheckers: [ParityChecker] = [
  ParityChecker(accepts: { UNetConfiguration.ModelClass(rawValue: $0.modelClass) != nil }, checkUNet)
]

extension ParityCase {
  /// The class of a case of a model; empty for other kinds.
  var modelClass: String { kind == "model parity" ? definition["model"]?.text ?? "" : "" }

  /// The configuration that a case of a model names.
  func modelConfiguration() throws -> JSON { try json(path("config")) }

  /// The weights that a case of a model names.
  func modelWeights() throws -> ParameterSet {
    let file = try safetensors(path("weights"))
    return ParameterSet(try file.names.map { ($0, try file.tensor($0).asTensor()) })
  }

  private func path(_ key: String) throws -> String {
    guard let path = definition[key]?.text else { throw Unusable("the case names no \(key)") }
    return path
  }

  /// An input of the network, if the case has it.
  func input(_ name: String) throws -> Tensor? { tensors["in.\(name)"] == nil ? nil : try tensor("in.\(name)") }
}

private func checkUNet(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let configuration = try UNetConfiguration(
    json: reference.modelConfiguration(), modelClass: .init(rawValue: reference.modelClass))
  let network = try UNet(configuration)
  let weights = try reference.modelWeights()
  let declared = Dictionary(uniqueKeysWithValues: network.parameterShapes.map { ($0.name, $0.shape) })
  let given = Dictionary(uniqueKeysWithValues: zip(weights.names, weights.tensors.map(\.shape)))
  guard declared == given else {
    let odd = Set(declared.keys).symmetricDifference(given.keys).sorted().prefix(5)
    throw Unusable("the weights are not those the network declares: \(odd), or another shape")
  }
  let tracked = try weights.tracked()
  let output = try network(
    reference.tensor("in.sample"), timestep: reference.tensor("in.timestep"),
    classLabels: reference.input("class_labels"), text: reference.input("encoder_hidden_states"),
    textMask: reference.input("encoder_attention_mask"), parameters: tracked)
  try comparison.compare(output, with: "out.sample")
  guard reference.tensors["target"] != nil else { return }
  let loss = try (output - reference.tensor("target")).squared().mean()
  try comparison.compare(loss, with: "loss")
  let gradients = try gradient(of: loss, withRespectTo: tracked.tensors)
  try compareGradients(ParameterSet(Array(zip(tracked.names, gradients))), of: weights, reference, &comparison)
}

/// Compares gradients: their norm, those stored, and parameters after one step of Adam as the names tell it.
private func compareGradients(
  _ gradients: ParameterSet, of weights: ParameterSet, _ reference: ParityCase, _ comparison: inout Comparison
) throws {
  if reference.tensors["grad_norm"] != nil {
    let squares = try gradients.tensors.map { try $0.converted(to: .float64).squared().sum().scalar() }
    try comparison.compare([squares.reduce(0, +).squareRoot()], with: "grad_norm")
  }
  for name in reference.tensors.names {
    if name.hasPrefix("grad.") {
      try comparison.compare(gradients.tensor(String(name.dropFirst(5))), with: name)
    } else if let adam = AdamStep(name) {
      let zeros = try Tensor.full(0, shape: gradients.tensor(adam.parameter).shape)
      let moments = [try zeros + 0, try zeros + 0]
      let parameter = try weights.tensor(adam.parameter) + 0
      try adamStep(
        parameters: [parameter], gradients: [gradients.tensor(adam.parameter)], firstMoments: [moments[0]],
        secondMoments: [moments[1]], step: 1, rate: adam.rate, beta1: adam.beta1, beta2: adam.beta2, epsilon: 1e-8)
      // Adam divides by |g|: the files say to allow 1e-3.
      try comparison.compare(parameter, with: name, tolerance: max(1e-3, reference.tolerance))
    }
  }
}

/// A step of Adam, read from a name such as `after_adam_lr1e-3_b0.9_0.99.conv_in.weight`.
private struct AdamStep {
  let rate: Double
  let beta1: Double
  let beta2: Double
  let parameter: String

  init?(_ name: String) {
    guard let match = name.wholeMatch(of: /after_adam_lr([0-9e.\-]+)_b([0-9.]+)_([0-9]+\.[0-9]+)\.(.+)/),
      let rate = Double(match.1), let beta1 = Double(match.2), let beta2 = Double(match.3)
    else { return nil }
    (self.rate, self.beta1, self.beta2, parameter) = (rate, beta1, beta2, String(match.4))
  }
}

import Formats
import Networks
import Tensors

/// Parameters on their way to a minimum by Adam (Kingma and Ba 2015), with everything needed to go on: `file()` is its state.
public final class AdamTraining {
  /// The parameters now; each step writes into them.
  public let parameters: ParameterSet
  /// Steps that were taken.
  public private(set) var step: Int
  private let firstMoments: [Tensor]
  private let secondMoments: [Tensor]

  init(_ shapes: [ParameterShape], key: RandomKey) throws {
    parameters = try ParameterSet(shapes, key: key.purpose("initial parameters"))
    firstMoments = try shapes.map { try Tensor.full(0, shape: $0.shape) }
    secondMoments = try shapes.map { try Tensor.full(0, shape: $0.shape) }
    step = 0
  }

  /// Goes one step down a loss, a scalar computed from the parameters it is given.
  /// - Returns: The loss before the step.
  /// - Throws: `TensorError`; `MetricError` if the loss is not finite.
  @discardableResult
  public func descend(rate: Double = 1e-3, _ loss: (ParameterSet) throws -> Tensor) throws -> Double {
    let tracked = try parameters.tracked()
    let value = try loss(tracked)
    let number = try value.detached().scalar()
    guard number.isFinite else {
      throw MetricError(.network, "the loss of step \(step + 1) is not finite; is the rate \(rate) too high?")
    }
    let gradients = try gradient(of: value, withRespectTo: tracked.tensors)
    step += 1
    try adamStep(
      parameters: parameters.tensors, gradients: gradients, firstMoments: firstMoments, secondMoments: secondMoments,
      step: step, rate: rate)
    return number
  }

  /// The whole state: each parameter under its name, the moments under `adam.first.` and `adam.second.` before it.
  public func file() throws -> Safetensors {
    var file = Safetensors(metadata: ["step": "\(step)"])
    for (index, name) in parameters.names.enumerated() {
      for (prefix, tensor) in [
        ("", parameters.tensors[index]), ("adam.first.", firstMoments[index]), ("adam.second.", secondMoments[index]),
      ] { file[prefix + name] = try tensor.stored() }
    }
    return file
  }

  /// Takes up a state that `file()` gave.
  /// - Throws: `MetricError.Code.network` if it belongs to another network.
  public init(_ shapes: [ParameterShape], file: Safetensors) throws {
    guard let step = file.metadata["step"].flatMap(Int.init), step >= 0 else {
      throw MetricError(.network, "the file says no step: it is no state of a training")
    }
    let read = { (prefix: String, shape: ParameterShape) in
      let stored = try file.tensor(prefix + shape.name)
      guard stored.shape == shape.shape else {
        throw MetricError(
          .network, "\(shape.name) has the shape \(stored.shape), not \(shape.shape): another network's")
      }
      return try Tensor(stored.floats(), shape: stored.shape)
    }
    parameters = ParameterSet(try shapes.map { ($0.name, try read("", $0)) })
    firstMoments = try shapes.map { try read("adam.first.", $0) }
    secondMoments = try shapes.map { try read("adam.second.", $0) }
    self.step = step
  }
}

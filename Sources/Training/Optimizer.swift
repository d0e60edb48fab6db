import Formats
import Foundation
import Networks
import Specification
import Tensors

/// Changes weights by their gradients, in place, and carries what it remembers of earlier ones.
public final class Optimizer {
  private let configuration: OptimizerConfiguration
  private let steps: Int
  private let parameters: [Tensor]
  private var state: [[Tensor]]
  private static let names = ["first", "second"]

  /// What a step has done.
  public struct Info {
    /// Norm of all gradients together, before they were shortened.
    public let gradientNorm: Double
    /// Length of the step.
    public let rate: Double
  }

  /// Makes an optimiser that remembers nothing yet.
  /// - Parameters:
  ///   - parameters: The weights, which are written into.
  ///   - steps: Steps of the whole training.
  public init(_ configuration: OptimizerConfiguration, _ parameters: [Tensor], steps: Int) throws(TensorError) {
    (self.configuration, self.parameters, self.steps) = (configuration, parameters, steps)
    switch configuration.method {
    case .adamW: state = [try parameters.map(Self.zeros), try parameters.map(Self.zeros)]
    case .adafactor: state = [try parameters.map(Self.rows), try parameters.map(Self.columns)]
    case .sgd: state = [try parameters.map(Self.zeros)]
    }
  }

  /// Takes a step.
  /// - Parameter step: from 0.
  public func step(_ gradients: [Tensor], step: Int) throws(TensorError) -> Info {
    let rate = configuration.rate(at: step, of: steps)
    let norm = try Tensor.norm(of: gradients)
    var gradients = gradients
    if let longest = configuration.gradientNorm, norm > longest {
      gradients = try gradients.map { (gradient) throws(TensorError) in try gradient * (longest / norm) }
    }
    switch configuration.method {
    case .adamW(let beta1, let beta2, let epsilon, let decay):
      try adamStep(
        parameters: parameters, gradients: gradients, firstMoments: state[0], secondMoments: state[1], step: step + 1,
        rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay)
    case .adafactor(let power, let clipping, let isRelative, let decay):
      for (index, gradient) in gradients.enumerated() {
        try adafactor(
          index, gradient, step: step, rate: rate, power: power, clipping: clipping, isRelative: isRelative,
          decay: decay)
      }
    case .sgd(let momentum, let isNesterov, let decay):
      try sgdStep(
        parameters: parameters, gradients: gradients, momenta: state[0], rate: rate, momentum: momentum, decay: decay,
        nesterov: isNesterov)
    }
    return Info(gradientNorm: norm, rate: rate)
  }

  private static func zeros(_ parameter: Tensor) throws(TensorError) -> Tensor {
    try Tensor.zeros(like: parameter)
  }

  /// Means of squares: of the rows of a matrix, or of each element of a vector. A kernel is a matrix of its outputs.
  private static func rows(_ parameter: Tensor) throws(TensorError) -> Tensor {
    try Tensor.full(0, shape: [parameter.shape.first ?? 1, 1])
  }

  private static func columns(_ parameter: Tensor) throws(TensorError) -> Tensor {
    let count = parameter.shape.count < 2 ? 0 : parameter.count / max(parameter.shape[0], 1)
    return try Tensor.full(0, shape: [1, count])
  }

  /// Shazeer & Stern 2018, algorithm 4 (matrices) and 5 (vectors), with the decay of section 7.
  private func adafactor(
    _ index: Int, _ gradient: Tensor, step: Int, rate: Double, power: Double, clipping: Double, isRelative: Bool,
    decay: Double
  ) throws(TensorError) {
    let parameter = parameters[index]
    let isMatrix = parameter.shape.count >= 2
    let flat = try gradient.reshaped(to: [gradient.shape.first ?? 1, -1])
    let squares = try flat.squared() + 1e-30
    let share = pow(Double(step + 1), -power)
    let (rows, columns) = (state[0][index], state[1][index])
    try blend([rows], towards: [try squares.mean(along: 1, keepingDimension: true)], by: share)
    var update: Tensor
    if isMatrix {
      try blend([columns], towards: [try squares.mean(along: 0, keepingDimension: true)], by: share)
      // Factor by factor, as the product of two small means would be 0 in 32 bits.
      update = try flat * (rows / rows.mean()).rsqrt() * columns.rsqrt()
    } else {
      update = try flat * rows.rsqrt()
    }
    let size = try update.squared().mean().sqrt().scalar()
    let scale = isRelative ? max(1e-3, try parameter.squared().mean().sqrt().scalar()) : 1
    update = try update * (rate * scale / max(1, size / clipping))
    let target = try parameter * (1 - rate * decay) - update.reshaped(to: parameter.shape)
    try blend([parameter], towards: [target], by: 1)
  }
}

extension Optimizer {
  /// Adds what it remembers to a checkpoint.
  public func store(in file: inout Safetensors, names: [String]) throws {
    for (kind, tensors) in zip(Self.names, state) {
      for (name, tensor) in zip(names, tensors) { file["\(kind)/\(name)"] = try tensor.stored() }
    }
  }

  /// Takes up what a checkpoint has.
  public func restore(from file: Safetensors, names: [String]) throws {
    for (kind, tensors) in zip(Self.names, state) {
      for (name, tensor) in zip(names, tensors) {
        try tensor.restore("\(kind)/\(name)", from: file)
      }
    }
  }
}

extension Tensor {
  /// Writes an F32 array of a checkpoint over the numbers.
  public func restore(_ name: String, from file: Safetensors) throws {
    try blend([self], towards: [try Tensor(file.tensor(name), shape: shape)], by: 1)
  }

  /// An F32 array of a file, which must have a shape.
  public convenience init(_ stored: Safetensors.Tensor, shape: [Int]) throws {
    guard stored.shape == shape else {
      throw FormatError(.safetensors, "an array of shape \(stored.shape) stands where one of \(shape) is needed")
    }
    try self.init(try stored.floats(), shape: shape)
  }
}

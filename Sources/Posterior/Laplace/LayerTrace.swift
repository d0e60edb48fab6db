import Networks
import Tensors

/// What the derivatives of several functions of a network's outputs, of every row, with respect to one layer's weight and bias
/// are made of.
///
/// A weight W [O, I] meets an input a_t at each place t, of which a linear layer has one and a convolution as many as its
/// output has pixels. With g = ∂f/∂(output), ∂f/∂W = Σ_t g_t a_tᵀ and ∂f/∂b = Σ_t g_t.
struct LayerTrace {
  let layer: LaplaceLayer
  /// a, [rows, places, I], 64-bit.
  let inputs: Tensor
  /// g, [rows, functions, O, places], 64-bit.
  let gradients: Tensor

  var rows: Int { gradients.shape[0] }
  var functions: Int { gradients.shape[1] }
  var places: Int { gradients.shape[3] }

  /// ∂f/∂W, [rows, functions, O · I].
  func weightJacobian() throws -> Tensor {
    try gradients.reshaped(to: [rows, functions * layer.outputs, places]).matmul(inputs)
      .reshaped(to: [rows, functions, layer.outputs * layer.inputs])
  }

  /// ∂f/∂b, [rows, functions, O].
  func biasJacobian() throws -> Tensor { try gradients.sum(along: 3) }

  /// Derivatives with respect to weight and bias, [rows, functions, count].
  func jacobian() throws -> Tensor {
    let weight = try weightJacobian()
    return layer.hasBias ? try Tensor.concatenated([weight, biasJacobian()], along: 2) : weight
  }

  /// J diag v Jᵀ of the derivatives J with respect to W, [rows, functions, functions].
  /// - Parameter variances: v, [O, I].
  func weightCovariance(_ variances: Tensor) throws -> Tensor {
    guard places == 1 else {
      let scaled = try weightJacobian() * variances.sqrt().reshaped(to: [-1])
      return try scaled.matmulTransposed(scaled)
    }
    // J is g aᵀ: the sum over inputs is a number for each output.
    let sums = try inputs.squared().reshaped(to: [rows, layer.inputs]).matmulTransposed(variances)
    let scaled = try biasJacobian() * sums.sqrt().unsqueezed(at: 1)
    return try scaled.matmulTransposed(scaled)
  }

  /// J diag v Jᵀ of the derivatives J with respect to b, [rows, functions, functions].
  /// - Parameter variances: v, [O].
  func biasCovariance(_ variances: Tensor) throws -> Tensor {
    let scaled = try biasJacobian() * variances.sqrt()
    return try scaled.matmulTransposed(scaled)
  }

  /// The traces of functions Σ_c S[row, c, k] f_c, one for each k.
  /// - Parameters:
  ///   - combinations: S, [rows, outputs, functions]; nil takes the outputs themselves.
  static func of(
    _ pass: RecordedPass, layers: [LaplaceLayer], combinations: Tensor? = nil
  ) throws -> [LayerTrace] {
    let functions = combinations?.shape[2] ?? pass.outputs.shape[1]
    let targets = pass.layers.map(\.output)
    var gradients = [[Tensor]](repeating: [], count: targets.count)
    for function in 0..<functions {
      let value =
        if let combinations {
          try pass.outputs.converted(to: .float64)
            * combinations.narrowed(dimension: 2, start: function, length: 1).reshaped(to: pass.outputs.shape)
        } else {
          try pass.outputs.narrowed(dimension: 1, start: function, length: 1)
        }
      // A row's output depends on no other row, so the sum over rows has each row's own gradient.
      let parts = try gradient(
        of: value.sum(), withRespectTo: targets, keepingRecord: function + 1 < functions)
      for (index, part) in parts.enumerated() {
        gradients[index].append(try placed(part, pass.layers[index].kind).converted(to: .float64))
      }
    }
    return try withoutGradient {
      try zip(pass.layers, zip(layers, gradients)).map { recorded, parts in
        LayerTrace(
          layer: parts.0, inputs: try patches(recorded).detached().converted(to: .float64),
          gradients: try Tensor.stacked(parts.1, along: 1))
      }
    }
  }

  /// An output's gradient as [rows, O, places].
  private static func placed(_ gradient: Tensor, _ kind: ForwardPass.Layer.Kind) throws -> Tensor {
    let shape = gradient.shape
    switch kind {
    case .linear: return try gradient.reshaped(to: [shape[0], -1, shape[shape.count - 1]]).transposed(1, 2)
    case .convolution: return try gradient.reshaped(to: [shape[0], shape[1], -1])
    }
  }

  /// A layer's input as [rows, places, I].
  private static func patches(_ layer: ForwardPass.Layer) throws -> Tensor {
    switch layer.kind {
    case .linear:
      let shape = layer.input.shape
      return try layer.input.reshaped(to: [shape[0], -1, shape[shape.count - 1]])
    case .convolution(let kernel, let stride, let padding):
      return try layer.input.contiguous().patches(kernel: kernel, stride: stride, padding: padding).transposed(1, 2)
    }
  }
}

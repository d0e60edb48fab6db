import Tensors

/// The diagonal of H, one vector a layer.
struct DiagonalCurvature: Curvature {
  let diagonals: [Tensor]

  static func terms(_ traces: [LayerTrace]) throws -> [Tensor] {
    try traces.map { trace in
      var parts = [try weightSquares(trace).reshaped(to: [-1])]
      if trace.layer.hasBias { parts.append(try trace.biasJacobian().squared().sum(alongAll: [0, 1])) }
      return try Tensor.concatenated(parts, along: 0)
    }
  }

  /// Σ (∂f/∂W)² over rows and functions, [O, I].
  private static func weightSquares(_ trace: LayerTrace) throws -> Tensor {
    let layer = trace.layer
    if trace.places == 1 {
      // The square of a product is the product of squares.
      let outputs = try trace.gradients.squared().sum(alongAll: [1, 3])
      return try outputs.transposed().matmul(trace.inputs.squared().reshaped(to: [trace.rows, layer.inputs]))
    }
    // One function after the other, so that no more than a layer's weights are held for each row.
    var sum = try Tensor.full(0, shape: [layer.outputs, layer.inputs], type: .float64)
    for function in 0..<trace.functions {
      let gradients = try trace.gradients.narrowed(dimension: 1, start: function, length: 1)
        .reshaped(to: [trace.rows, layer.outputs, trace.places])
      sum = try sum + gradients.matmul(trace.inputs).squared().sum(along: 0)
    }
    return sum
  }

  static func shapes(_ layers: [LaplaceLayer]) -> [[Int]] { layers.map { [$0.count] } }

  init(sums: [Tensor], layers: [LaplaceLayer], rows: Int) { diagonals = sums }

  func precision(scale: Double, priors: [Double]) throws -> any PosteriorPrecision {
    try Precision(diagonals: zip(diagonals, priors).map { try $0 * scale + $1 })
  }

  struct Precision: PosteriorPrecision {
    let diagonals: [Tensor]
    let logDeterminant: Double
    let covarianceTraces: [Double]

    init(diagonals: [Tensor]) throws {
      self.diagonals = diagonals
      logDeterminant = try diagonals.reduce(0) { try $0 + $1.log().sum().scalar() }
      covarianceTraces = try diagonals.map { try $0.reciprocal().sum().scalar() }
    }

    func covariance(of traces: [LayerTrace]) throws -> Tensor {
      var sum = try Tensor.full(0, shape: [1, 1, 1], type: .float64)
      for (trace, diagonal) in zip(traces, diagonals) {
        let (variances, layer) = (try diagonal.reciprocal(), trace.layer)
        let weights = layer.outputs * layer.inputs
        sum =
          try sum
          + trace.weightCovariance(
            variances.narrowed(start: 0, length: weights).reshaped(to: [layer.outputs, layer.inputs]))
        guard layer.hasBias else { continue }
        sum = try sum + trace.biasCovariance(variances.narrowed(start: weights, length: layer.outputs))
      }
      return sum
    }

    func draw(key: RandomKey) throws -> [Tensor] {
      try diagonals.enumerated().map { index, diagonal in
        try Tensor.normals(diagonal.shape, key: key.folding(in: UInt64(index))) * diagonal.rsqrt()
      }
    }
  }
}

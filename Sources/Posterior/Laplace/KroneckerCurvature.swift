import Tensors

/// Blocks G ⊗ A for weights and G for biases, decomposed as G = Q_G Λ_G Q_Gᵀ and A = Q_A Λ_A Q_Aᵀ.
struct KroneckerCurvature: Curvature {
  /// One layer's factors.
  struct Factors {
    let layer: LaplaceLayer
    /// Λ_A [I] and Q_A [I, I].
    let inputs: (values: Tensor, vectors: Tensor)
    /// Λ_G [O] and Q_G [O, O].
    let gradients: (values: Tensor, vectors: Tensor)
  }

  let factors: [Factors]

  static func terms(_ traces: [LayerTrace]) throws -> [Tensor] {
    try traces.flatMap { trace in
      let inputs = try trace.inputs.reshaped(to: [-1, trace.layer.inputs])
      let gradients = try trace.gradients.transposed(2, 3).reshaped(to: [-1, trace.layer.outputs])
      return [
        try inputs.transposed().matmul(inputs) / Double(trace.places), try gradients.transposed().matmul(gradients),
      ]
    }
  }

  static func shapes(_ layers: [LaplaceLayer]) -> [[Int]] {
    layers.flatMap { [[$0.inputs, $0.inputs], [$0.outputs, $0.outputs]] }
  }

  init(sums: [Tensor], layers: [LaplaceLayer], rows: Int) throws {
    factors = try layers.enumerated().map { index, layer in
      Factors(
        layer: layer, inputs: try Self.decomposed(sums[2 * index] / Double(max(rows, 1))),
        gradients: try Self.decomposed(sums[2 * index + 1]))
    }
  }

  /// Eigenvalues and eigenvectors; what rounding made negative is 0.
  private static func decomposed(_ matrix: Tensor) throws -> (values: Tensor, vectors: Tensor) {
    let (values, vectors) = try matrix.eigenSymmetric()
    return (try values.clamped(from: 0), vectors)
  }

  func precision(scale: Double, priors: [Double]) throws -> any PosteriorPrecision {
    try Precision(
      blocks: zip(factors, priors).map { factors, prior in
        let gradients = try factors.gradients.values * scale
        return Precision.Block(
          factors: factors,
          weight: try gradients.unsqueezed(at: 1) * factors.inputs.values + prior,
          bias: factors.layer.hasBias ? try gradients + prior : nil)
      })
  }

  struct Precision: PosteriorPrecision {
    /// The eigenvalues of one layer's blocks.
    struct Block {
      let factors: Factors
      /// [O, I]
      let weight: Tensor
      /// [O]
      let bias: Tensor?

      var eigenvalues: [Tensor] { [weight] + (bias.map { [$0] } ?? []) }
    }

    private let blocks: [Block]
    let logDeterminant: Double
    let covarianceTraces: [Double]

    init(blocks: [Block]) throws {
      self.blocks = blocks
      logDeterminant = try blocks.flatMap(\.eigenvalues).reduce(0) { try $0 + $1.log().sum().scalar() }
      covarianceTraces = try blocks.map { block in
        try block.eigenvalues.reduce(0) { try $0 + $1.reciprocal().sum().scalar() }
      }
    }

    func covariance(of traces: [LayerTrace]) throws -> Tensor {
      var sum = try Tensor.full(0, shape: [1, 1, 1], type: .float64)
      for (trace, block) in zip(traces, blocks) {
        // In the basis of the eigenvectors, where P is diagonal.
        let rotated = LayerTrace(
          layer: trace.layer, inputs: try trace.inputs.matmul(block.factors.inputs.vectors),
          gradients: try block.factors.gradients.vectors.transposed().matmul(trace.gradients))
        sum = try sum + rotated.weightCovariance(block.weight.reciprocal())
        if let eigenvalues = block.bias { sum = try sum + rotated.biasCovariance(eigenvalues.reciprocal()) }
      }
      return sum
    }

    func draw(key: RandomKey) throws -> [Tensor] {
      try blocks.enumerated().map { index, block in
        let key = key.folding(in: UInt64(index))
        let basis = block.factors.gradients.vectors
        let weight = try Tensor.normals(block.weight.shape, key: key.purpose("weight")) * block.weight.rsqrt()
        var parts = [
          try basis.matmul(weight).matmulTransposed(block.factors.inputs.vectors).reshaped(to: [-1])
        ]
        if let eigenvalues = block.bias {
          let bias = try Tensor.normals(eigenvalues.shape, key: key.purpose("bias")) * eigenvalues.rsqrt()
          parts.append(try basis.matmul(bias.unsqueezed(at: 1)).reshaped(to: [-1]))
        }
        return try Tensor.concatenated(parts, along: 0)
      }
    }
  }
}

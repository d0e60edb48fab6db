import Tensors

/// The whole of H.
struct FullCurvature: Curvature {
  /// Weights at most: the matrix has the square of them in numbers of 8 bytes, and some copies of it are held at a time.
  static let countMax = 8192

  let matrix: Tensor
  private let counts: [Int]

  static func terms(_ traces: [LayerTrace]) throws -> [Tensor] {
    let count = traces.reduce(0) { $0 + $1.layer.count }
    try require(
      count <= countMax,
      "a full Hessian of \(count) weights needs \(8 * count * count >> 20) MiB a copy: take structure kronecker or diagonal, or the last layer alone"
    )
    let jacobian = try flattened(traces)
    return [try jacobian.transposed().matmul(jacobian)]
  }

  /// Derivatives with respect to all weights, [rows · functions, weights].
  private static func flattened(_ traces: [LayerTrace]) throws -> Tensor {
    let joined = try Tensor.concatenated(traces.map { try $0.jacobian() }, along: 2)
    return try joined.reshaped(to: [-1, joined.shape[2]])
  }

  static func shapes(_ layers: [LaplaceLayer]) -> [[Int]] {
    let count = layers.reduce(0) { $0 + $1.count }
    return [[count, count]]
  }

  init(sums: [Tensor], layers: [LaplaceLayer], rows: Int) {
    matrix = sums[0]
    counts = layers.map(\.count)
  }

  func precision(scale: Double, priors: [Double]) throws -> any PosteriorPrecision {
    let diagonal = try Tensor(zip(priors, counts).flatMap { [Double](repeating: $0, count: $1) })
    let indices = try Tensor((0..<diagonal.count).map(Int64.init))
    let isDiagonal = try indices.unsqueezed(at: 0).isEqual(to: indices.unsqueezed(at: 1))
    let addend = try Tensor.selecting(diagonal, where: isDiagonal, otherwise: diagonal * 0)
    return try Precision(matrix * scale + addend, counts: counts)
  }

  struct Precision: PosteriorPrecision {
    /// L⁻¹ of P = L Lᵀ.
    private let inverseFactor: Tensor
    private let counts: [Int]
    let logDeterminant: Double
    let covarianceTraces: [Double]

    init(_ precision: Tensor, counts: [Int]) throws {
      let factor = try precision.cholesky()
      inverseFactor = try factor.inverse()
      self.counts = counts
      logDeterminant = try 2 * factor.diagonal().log().sum().scalar()
      // The diagonal of P⁻¹ = L⁻ᵀ L⁻¹.
      let variances = try inverseFactor.squared().sum(along: 0)
      covarianceTraces = try Self.split(variances, counts).map { try $0.sum().scalar() }
    }

    func covariance(of traces: [LayerTrace]) throws -> Tensor {
      let scaled = try FullCurvature.flattened(traces).matmulTransposed(inverseFactor)
        .reshaped(to: [traces[0].rows, traces[0].functions, -1])
      return try scaled.matmulTransposed(scaled)
    }

    func draw(key: RandomKey) throws -> [Tensor] {
      let normals = try Tensor.normals([inverseFactor.shape[0], 1], key: key)
      return try Self.split(inverseFactor.transposed().matmul(normals).reshaped(to: [-1]), counts)
    }

    private static func split(_ vector: Tensor, _ counts: [Int]) throws -> [Tensor] {
      var start = 0
      return try counts.map { count in
        defer { start += count }
        return try vector.narrowed(start: start, length: count)
      }
    }
  }
}

import Tensors

/// How much of the Hessian is kept.
public enum CurvatureStructure: String, CaseIterable, Sendable {
  /// The diagonal alone.
  case diagonal
  /// All of it: for some thousands of weights.
  case full
  /// A block for each weight that is the Kronecker product of the mean of a aᵀ over inputs a and the sum of g gᵀ over
  /// gradients g, and a block for each bias, the latter alone.
  ///
  /// Sources: Martens & Grosse, "Optimizing neural networks with Kronecker-factored approximate curvature", ICML 2015; Grosse &
  /// Martens, ICML 2016, for convolutions (KFAC-expand); Ritter, Botev & Barber, "A scalable Laplace approximation for
  /// neural networks", ICLR 2018.
  case kronecker

  var type: any Curvature.Type {
    switch self {
    case .diagonal: DiagonalCurvature.self
    case .full: FullCurvature.self
    case .kronecker: KroneckerCurvature.self
    }
  }
}

/// The generalised Gauss–Newton matrix H = Σ_n J_nᵀ Λ_n J_n of the data, in a form that says how much of it is kept.
protocol Curvature {
  /// What rows add to the sums, from traces of functions whose squares sum to Jᵀ Λ J.
  static func terms(_ traces: [LayerTrace]) throws -> [Tensor]
  /// The shapes of the sums.
  static func shapes(_ layers: [LaplaceLayer]) -> [[Int]]

  /// Makes the matrix of the sums over all rows.
  init(sums: [Tensor], layers: [LaplaceLayer], rows: Int) throws

  /// The posterior precision `scale · H + diag δ`, δ being one number a layer.
  func precision(scale: Double, priors: [Double]) throws -> any PosteriorPrecision
}

/// The precision P of a Gaussian over the weights.
protocol PosteriorPrecision {
  /// log det P.
  var logDeterminant: Double { get }
  /// The traces of the layers' blocks of P⁻¹.
  var covarianceTraces: [Double] { get }

  /// J P⁻¹ Jᵀ of the traced functions, [rows, functions, functions].
  func covariance(of traces: [LayerTrace]) throws -> Tensor

  /// A draw of N(0, P⁻¹), one vector a layer.
  func draw(key: RandomKey) throws -> [Tensor]
}

extension Tensor {
  /// A Bᵀ of matrices in the last two dimensions.
  func matmulTransposed(_ other: Tensor) throws(TensorError) -> Tensor { try matmul(other.transposed(-2, -1)) }

  /// Standard normal numbers of 64 bits.
  static func normals(_ shape: [Int], key: RandomKey) throws(TensorError) -> Tensor {
    try normals(key: key, shape: shape, type: .float64)
  }
}
